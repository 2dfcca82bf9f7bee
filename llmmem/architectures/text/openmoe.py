"""OpenMoE: every sixth layer has experts, and a dense MLP after them."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import ModelSpec, Part, Tensor, Work, join


def openmoe(c: Config, head: str | None = None) -> ModelSpec:
    """OpenMoeForCausalLM (arXiv:2402.01739; hpcaitech/ColossalAI, openmoe/model/modeling_openmoe.py).

    SwiGLU multiplies the halves of the gate, which is therefore twice as wide as the rest. The configuration class is
    Llama's; published files leave out its defaults and often their model_type.

    Raises:
        UnsupportedArchitectureError: another activation than the published models have.
    """
    if c.str("hidden_act", default="swiglu") != "swiglu" or not c.bool("gated", "mlp_gated", default=True):
        raise UnsupportedArchitectureError(
            "llmmem knows OpenMoE models with gated swiglu only.", "Published ones have hidden_act swiglu."
        )
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    count = c.int("num_experts", least=1)
    top_k = c.int("topk", "router_topk", default=2)
    wide = 2 * s.intermediate

    def dense(name: str) -> Part:
        tensors = (
            *linear(f"{name}.gate_proj", s.hidden, wide, cut=COLUMN),
            *linear(f"{name}.up_proj", s.hidden, s.intermediate, cut=COLUMN),
            *linear(f"{name}.down_proj", s.intermediate, s.hidden, cut=ROW),
        )
        return Part(tensors, (), (Work("mlp", wide + 3 * s.intermediate),))

    def stack(name: str, inputs: int, outputs: int, shard: int) -> Tensor:
        return Tensor(f"mlp.experts.{name}", (inputs, outputs), shard=shard, copies=count, active=top_k, layout="io")

    sparse = Part(
        (
            # A bare parameter.
            Tensor("mlp.gate_weight", (count, s.hidden), "router"),
            stack("wi_gate", s.hidden, wide, 1),
            stack("wi_up", s.hidden, s.intermediate, 1),
            stack("wo", s.intermediate, s.hidden, 0),
        ),
        (),
        (Work("moe", top_k * (wide + 3 * s.intermediate + s.hidden), top_k=top_k),),
    )

    def layer(experts: bool) -> Part:
        return join(
            norm("input_layernorm", s.hidden),
            attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim),
            norm("post_attention_layernorm", s.hidden),
            sparse if experts else dense("mlp"),
            norm("pre_extra_mlp_layernorm", s.hidden) if experts else (),
            dense("extra_mlp") if experts else (),
        )

    every = c.int("moe_layer_interval", least=1)
    kinds = [(i + 1) % every == 0 for i in range(c.count("num_hidden_layers", default=32))]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
