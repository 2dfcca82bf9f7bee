"""The language model of ERNIE 4.5 VL: experts for words, and others for pictures."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.routed import layer_of, sparse_layers
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import in_fp32
from llmmem.parts.mlp import experts, gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, Tensor, join


def ernie4_5_vl_moe_text(c: Config, head: str | None = None) -> ModelSpec:
    """Ernie4_5_VLMoeTextModel, without a head (arXiv:2509.18883; transformers 5.23, models/ernie4_5_vl_moe).

    On its own it is stored with its experts in stacks, inside ERNIE 4.5 VL one by one, those for pictures last.
    """
    s = sizes(c, hidden=2560, heads=20, intermediate=12288, kv_heads=4)
    bias = c.bool("use_bias")
    inner = c.ints("moe_intermediate_size") or [1536, 512]
    if len(inner) < 2:
        raise ConfigError("moe_intermediate_size should have two entries.", "Check the config.json.")
    # The general names are aliases that win over the class's own (attribute_map).
    count = c.int("num_experts", "moe_num_experts", default=64, least=1)
    top_k = c.int("num_experts_per_tok", "moe_k", default=6)
    shared = inner[0] * c.int("moe_num_shared_experts", default=2)
    routed = _stacks if head is None else _one_by_one
    moe = join(
        routed(s.hidden, inner[0], inner[1], count, top_k),
        gated_mlp("mlp.shared_experts", s.hidden, shared, bias=bias) if shared else (),
    )
    dense = gated_mlp("mlp", s.hidden, s.intermediate, bias=bias)

    def layer(sparse: bool) -> Part:
        attends = attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, bias=bias, out_bias=bias)
        return layer_of(s.hidden, attends, moe if sparse else dense)

    layers = c.count("num_hidden_layers", default=28)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", sparse_layers(c, [i > 0 for i in range(layers)]), layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=103424, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
        default_head="base",
    )


def _correction(name: str, *shape: int) -> Tensor:
    """Router and correction stay fp32."""
    return Tensor(f"{name}.e_score_correction_bias", shape, "bias", dtype="fp32")


def _of_pictures(part: Part) -> Part:
    """Words do not visit them, and fewer vectors than a prompt's words do at once."""
    return Part(tuple(t._replace(active=0) for t in part.tensors))


def _stacks(hidden: int, words: int, pictures: int, count: int, top_k: int) -> Part:
    def routed(name: str, inner: int) -> Part:
        return join(
            in_fp32(router(f"mlp.{name}.gate", hidden, count)),
            (_correction(f"mlp.{name}.gate.moe_statics", 1, count),),
            stacked_experts(f"mlp.{name}.experts", hidden, inner, count, top_k, layout="oi"),
        )

    return join(routed("text_moe", words), _of_pictures(routed("vision_moe", pictures)))


def _one_by_one(hidden: int, words: int, pictures: int, count: int, top_k: int) -> Part:
    after = experts("mlp.experts", hidden, pictures, count, top_k)
    gates = (
        Tensor("mlp.gate.weight", (hidden, count), "router", dtype="fp32", layout="io"),
        Tensor("mlp.gate.weight_1", (hidden, count), "router", active=0, dtype="fp32", layout="io"),
        _correction("mlp.moe_statics", 2, count),
    )
    return join(
        gates,
        experts("mlp.experts", hidden, words, count, top_k),
        _of_pictures(Part(tuple(t._replace(first=count) for t in after.tensors))),
    )
