"""The language model of dots 3 note: latent attention of two sizes, with a window or with an indexer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.deepseek_dsa import index_part
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.architectures.text.routed import layer_of, sparse_layers
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import COLUMN, linear, norm
from llmmem.parts.mlp import gated_mlp, shared_moe
from llmmem.tensors import ModelSpec, Part, join

FULL, INDEXED, SLIDING = "full_attention", "indexed_attention", "sliding_attention"
#: sizes of layers with a window, as the class has them
_WINDOWED = {
    "num_attention_heads": 64,
    "q_lora_rank": 1024,
    "kv_lora_rank": 1024,
    "qk_nope_head_dim": 192,
    "v_head_dim": 128,
}
#: what per_layer_config may change: the attention of a layer
_OWN = (*_WINDOWED, "num_key_value_heads", "head_dim", "qk_rope_head_dim", "sliding_window")


def _attention_kinds(c: Config, layers: int) -> list[str]:
    # Without sizes of its own for each layer a config is an older one, where all full layers are indexed.
    indexed = c.get("use_dsa") if c.has("use_dsa") or c.has("per_layer_config") else True
    windows = c.bool("use_sliding_window", default=True)
    whole = FULL if indexed is False else INDEXED
    pattern = [whole if not windows or i < 2 or i % 4 == 1 else SLIDING for i in range(layers)]
    kinds = layer_kinds(c, "layer_types", known=(FULL, INDEXED, SLIDING), default=pattern, layers=layers)
    if indexed is None:
        return kinds
    return [kind if kind == SLIDING else INDEXED if indexed else FULL for kind in kinds]


def _own_sizes(c: Config, kinds: list[str]) -> list[tuple[tuple[str, int], ...]]:
    """What each layer's attention has other than the rest: ``per_layer_config``, else the sizes of windowed layers."""
    if not c.has("per_layer_config"):
        sizes = {name: c.int(f"swa_{name}", default=default) for name, default in _WINDOWED.items()}
        rotary = c.int("swa_head_dim", default=256) - sizes["qk_nope_head_dim"]
        sizes["qk_rope_head_dim"] = c.int("swa_qk_rope_head_dim", default=max(rotary, 0))
        return [tuple(sizes.items()) if kind == SLIDING else () for kind in kinds]
    given = c.sub("per_layer_config")
    own = {int(key): given.sub(key) for key in given.raw if key.isdecimal()}
    for layer in own.values():
        layer.get(*_OWN)
        for name, value in layer.raw.items():
            if name not in _OWN or not isinstance(value, int):
                raise UnsupportedArchitectureError(
                    f"per_layer_config has {name[:40]!r}: {str(value)[:40]}, which llmmem does not follow.",
                    f"It follows whole numbers of {', '.join(_OWN)}.",
                )
    return [tuple(own[i].raw.items()) if i in own else () for i in range(len(kinds))]


def dots3_note_text(c: Config, head: str | None = None) -> ModelSpec:
    """Dots3NoteForCausalLM (transformers 5.23, models/dots3_note)."""
    hidden = c.int("hidden_size", default=5120, least=1)
    inner = c.int("moe_intermediate_size", default=1536)
    shared = c.int("moe_shared_expert_intermediate_size", "shared_experts_intermediate_size", default=1536)
    moe = shared_moe(
        "mlp",
        hidden,
        inner,
        c.int("num_local_experts", "n_routed_experts", default=256, least=1),
        c.int("num_experts_per_tok", default=8),
        shared * c.int("n_shared_experts", default=1),
    )
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=13824))
    every = c.int("sliding_window", "sliding_window_size", default=512, least=1)

    def layer(kind: str, sparse: bool, own: tuple[tuple[str, int], ...]) -> Part:
        sizes = Config({**c.raw, **dict(own)}, c.path, c.reads)
        heads = sizes.int("num_attention_heads", default=128, least=1)
        rope = sizes.int("qk_rope_head_dim", default=64, least=1)
        attends = latent_attention(
            "self_attn",
            hidden,
            heads,
            q_rank=sizes.int("q_lora_rank", default=1024, least=1),
            kv_rank=sizes.int("kv_lora_rank", default=512, least=1),
            nope=sizes.int("qk_nope_head_dim", default=128),
            rope=rope,
            value=sizes.int("v_head_dim", default=128, least=1),
            bias=c.bool("attention_bias"),
            extra=(*norm("k_rope_only_layernorm", rope), *linear("g_proj", hidden, heads, cut=COLUMN)),
            window=sizes.int("sliding_window", default=every, least=1) if kind == SLIDING else None,
        )
        if kind == INDEXED:
            # Its keys are rotated in fp32 and stay so.
            attends = join(attends, index_part(sizes, hidden, 1024, heads=64, dtype="fp32"))
        return layer_of(hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=46)
    kinds = _attention_kinds(c, n)
    first = c.int("first_k_dense_replace", default=1)
    if isinstance(c.get("moe_layer_freq"), list):
        marks = [bool(mark) for mark in c.each_layer("moe_layer_freq", layers=n) or ()]
    else:
        step = c.int("moe_layer_freq", default=1, least=1)
        marks = [i % step == 0 for i in range(n)]
    sparse = sparse_layers(c, [i >= first and mark for i, mark in enumerate(marks)])
    # What single layers change has been read here.
    rest = Config({k: v for k, v in c.raw.items() if k != "per_layer_config"}, c.path, c.reads)
    return language_model(
        rest,
        head,
        blocks_by_kind("language", "layers.{}.", list(zip(kinds, sparse, _own_sizes(c, kinds), strict=True)), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=152064, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=524288),
    )
