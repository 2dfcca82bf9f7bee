"""RWKV-7 (Goose) as Flash Linear Attention writes it."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import embedding, linear, norm, scalars
from llmmem.parts.rwkv_matrix import generalised_delta
from llmmem.tensors import Cache, ModelSpec, Part, Work, join


def _rank(c: Config, name: str, hidden: int, scale: float) -> int:
    """A stated rank, or the one that null stands for; the class default changed between versions."""
    if not c.has(name):
        raise c.missing(name)
    return c.int(name, null=max(32, round(scale * hidden**0.5 / 32) * 32))


def rwkv7(c: Config, head: str | None = None) -> ModelSpec:
    """RWKV7ForCausalLM (arXiv:2503.14456; fla-org/flash-linear-attention, fla/models/rwkv7).

    Reproduces 191,034,624 and 2,947,735,040 parameters of the World models 0.1B and 2.9B: the first layer has no
    bottleneck for values.

    Raises:
        UnsupportedArchitectureError: some layers are softmax attention (``attn``).
    """
    if c.get("attn"):
        raise UnsupportedArchitectureError(
            "llmmem does not know RWKV-7 models with softmax attention in some layers (attn).",
            "RWKV-7 models without it are known.",
        )
    hidden = c.int("hidden_size", default=2048, least=1)
    head_dim = c.int("head_dim", default=64, null=hidden // c.int("num_heads", default=32, least=1), least=1)
    heads = divide(c, "hidden_size over head_dim", hidden, head_dim)
    wider = head_dim / 64
    ranks = {
        "w": _rank(c, "decay_low_rank_dim", hidden, 2.5 * wider),
        "a": _rank(c, "a_low_rank_dim", hidden, 2.5 * wider),
        "v": _rank(c, "v_low_rank_dim", hidden, 1.7 * wider),
        "g": _rank(c, "gate_low_rank_dim", hidden, 5.0),
    }
    bias = c.bool("norm_bias", default=True)
    rounded = -(-int(hidden * c.number("hidden_ratio", default=4)) // 32) * 32
    intermediate = c.int("intermediate_size", default=rounded)

    def layer(first: bool, value: int) -> Part:
        feed_forward = Part(
            (
                *scalars("ffn.x_k", hidden),
                *linear("ffn.key", hidden, intermediate, cut="column"),
                *linear("ffn.value", intermediate, hidden, cut="row"),
            ),
            # the previous token's input
            (Cache("state", size=hidden),),
            (Work("mlp", 2 * intermediate + 2 * hidden),),
        )
        return join(
            norm("pre_norm", hidden, bias=bias) if first and c.bool("norm_first", default=True) else (),
            norm("attn_norm", hidden, bias=bias),
            generalised_delta("attn", hidden, value, heads, head_dim, ranks, first=first),
            norm("ffn_norm", hidden, bias=bias),
            feed_forward,
        )

    n = c.count("num_hidden_layers", default=24)
    values = c.get("value_dim")
    widths = c.each_layer("value_dim", layers=n) if isinstance(values, list) else None
    if widths is None:
        widths = [c.int("value_dim", default=hidden)] * n
    kinds = [(i == 0, heads * divide(c, "value_dim over the heads", w, heads)) for i, w in enumerate(widths)]
    vocab = c.int("vocab_size", default=32000, least=1)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embeddings", vocab, hidden),
        final=norm("norm", hidden, bias=bias),
        heads=(),
    )
