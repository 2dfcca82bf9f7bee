"""RWKV-5 and RWKV-6 (Eagle and Finch): no key-value cache, a matrix of state per head."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, embedding, norm
from llmmem.parts.rwkv import channel_mixing
from llmmem.parts.rwkv_matrix import adaptive_mixing, fixed_mixing, matrix_time_mixing
from llmmem.tensors import ModelSpec, Part, join


def _world(
    c: Config,
    head: str | None,
    hidden: int,
    inner: int,
    heads: int,
    mixing: Tensors,
    mixed: tuple[str, str],
) -> ModelSpec:
    """What both generations share.

    Args:
        inner, heads: width and heads of the attention.
        mixed: names of the mixtures of the feed-forward.
    """
    # The configuration class throws a stated intermediate_size away.
    intermediate = int(hidden * 3.5) // 32 * 32
    head_size = c.int("head_size", default=64, least=1)

    def layer(first: bool) -> Part:
        return join(
            norm("pre_ln", hidden, bias=True) if first else (),
            norm("ln1", hidden, bias=True),
            norm("ln2", hidden, bias=True),
            matrix_time_mixing("attention", hidden, inner, heads, head_size, mixing),
            channel_mixing("feed_forward", hidden, intermediate, mixed=mixed),
        )

    vocab = c.int("vocab_size", default=65536, least=1)
    kinds = [i == 0 for i in range(c.count("num_hidden_layers", default=24))]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "blocks.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embeddings", vocab, hidden),
        final=norm("ln_out", hidden, bias=True),
        base="rwkv.",
        head_name="head",
        heads=(),
    )


def rwkv5(c: Config, head: str | None = None) -> ModelSpec:
    """Rwkv5ForCausalLM (arXiv:2404.05892; code that comes with RWKV/rwkv-5-world-1b5).

    Reproduces 1,577,754,624, 3,062,999,040 and 7,518,044,160 parameters of the World models 1B5, 3B and 7B.
    """
    hidden = c.int("hidden_size", default=768, least=1)
    head_size = c.int("head_size", default=64, least=1)
    inner = c.int("attention_hidden_size", default=hidden)
    heads = divide(c, "hidden_size over head_size", hidden, head_size)
    return _world(
        c,
        head,
        hidden,
        inner,
        heads,
        fixed_mixing(hidden, heads, head_size),
        ("time_mix_key", "time_mix_receptance"),
    )


def rwkv6(c: Config, head: str | None = None) -> ModelSpec:
    """Rwkv6ForCausalLM (arXiv:2404.05892; code that comes with RWKV/v6-Finch-1B6-HF).

    Reproduces 1,599,873,024 to 14,069,088,256 parameters of the World models 1B6 to 14B.
    """
    hidden = c.int("hidden_size", default=768, least=1)
    inner = c.int("attention_hidden_size", default=hidden)
    heads = divide(c, "attention_hidden_size over head_size", inner, c.int("head_size", default=64, least=1))
    # The ranks stand in the code, not in the configuration: doubled from the 7B on.
    scale = 2 if hidden >= 4096 else 1
    return _world(
        c,
        head,
        hidden,
        inner,
        heads,
        adaptive_mixing(hidden, inner, 32 * scale, 64 * scale),
        ("time_maa_k", "time_maa_r"),
    )
