"""T5Gemma: an encoder and a decoder made of Gemma's layers."""

from __future__ import annotations

from llmmem.architectures.base import (
    blocks_by_kind,
    head_of,
    head_width,
    labels,
    layer_windows,
    model_spec,
    refuse_head,
)
from llmmem.architectures.encdec import stack
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention, kv_cache, qk_norm
from llmmem.parts.basic import Tensors, embedding, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, join


def t5gemma_stack(
    c: Config,
    side: str,
    prefix: str,
    *,
    every: int,
    table: Tensors | None = None,
    source: int | None = None,
    merged: bool = False,
) -> list[Block]:
    """The "encoder" or the "decoder": norms before and after each part, and windows.

    Args:
        every: every so many layers, one attends to everything.
        table: the embeddings (none where they are another stack's).
        source: width of the encoder that a cross attention reads; None: there is no part for it.
        merged: as T5Gemma 2: norms of q and k, and a decoder whose attention reads its own tokens and the encoder's.
    """
    hidden = c.int("hidden_size", default=2304, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    kv_heads = c.int("num_key_value_heads", default=4, least=1)
    head_dim = head_width(c, hidden, heads, 256)
    bias = c.bool("attention_bias")
    intermediate = c.int("intermediate_size", default=9216)
    decoder = side == "decoder"

    def attend(name: str, cache: str | None, window: int | None, source: int | None = None) -> Part:
        part = attention(
            name,
            hidden,
            heads,
            kv_heads,
            head_dim,
            bias=bias,
            out_bias=bias,
            extra=qk_norm(head_dim) if merged else (),
            cache=cache,
            window=window,
            source=source,
        )
        base = name.replace("attn", "attn_layernorm")
        return join(part, norm(f"pre_{base}", hidden), norm(f"post_{base}", hidden))

    def layer(cache: str, window: int | None) -> Part:
        part = join(
            attend("self_attn", cache if decoder else None, window),
            attend("cross_attn", "cross", None, source) if source is not None else (),
            norm("pre_feedforward_layernorm", hidden),
            gated_mlp("mlp", hidden, intermediate),
            norm("post_feedforward_layernorm", hidden),
        )
        if merged and decoder:
            return part._replace(caches=(*part.caches, kv_cache("cross", kv_heads, head_dim)))
        return part

    n = c.count("num_hidden_layers", default=26)
    pattern = ["sliding_attention" if (i + 1) % every else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window", default=4096), pattern=pattern)
    return stack(side, prefix, table or (), blocks_by_kind(side, "layers.{}.", windows, layer), norm("norm", hidden))


def t5gemma(c: Config, head: str | None = None) -> ModelSpec:
    """T5GemmaForConditionalGeneration and its kin (arXiv:2504.06225; transformers 5.23, models/t5gemma).

    Raises:
        ConfigError: a class that is_encoder_decoder rules out.
    """
    kind = head_of(c, head)
    if kind not in ("lm", "base", "encoder", "sequence", "token"):
        raise refuse_head(c, kind)
    whole = c.bool("is_encoder_decoder", default=True)
    writes = whole or kind == "lm"
    if kind in ("base", "encoder") and whole is (kind == "encoder"):
        raise ConfigError("is_encoder_decoder does not fit the class in architectures.", "Check the config.json.")
    source, target = c.sub("encoder"), c.sub("decoder")
    width, hidden = (s.int("hidden_size", default=2304, least=1) for s in (source, target))
    vocabs = tuple(s.int("vocab_size", default=256000) for s in (source, target))
    tables = [embedding("embed_tokens", v, w) for v, w in zip(vocabs, (width, hidden), strict=True)]
    prefix = "" if kind in ("base", "encoder") else "model."
    blocks = t5gemma_stack(source, "encoder", f"{prefix}encoder.", every=2, table=tables[0])
    if writes:
        blocks += t5gemma_stack(target, "decoder", f"{prefix}decoder.", every=2, table=tables[1], source=width)
    hidden = hidden if writes else width
    tied = kind == "lm" and c.bool("tie_word_embeddings", default=True)
    top: Tensors = ()
    if kind == "lm" and not tied:
        top = linear("lm_head.out_proj", hidden, vocabs[1], cut="column", role="head")
    elif kind in ("sequence", "token"):
        top = linear("score.out_proj", hidden, labels(c), bias=True, role="head")
    return model_spec(
        c,
        [*blocks, Block(blocks[-1].component, "", top)],
        hidden=hidden,
        vocab=vocabs[writes],
        max_context=(target if writes else source).int("max_position_embeddings", default=8192),
        tied=(("lm_head.out_proj.weight", "model.decoder.embed_tokens.weight"),) if tied else (),
    )
