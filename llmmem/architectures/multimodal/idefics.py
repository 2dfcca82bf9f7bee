"""IDEFICS: Llama's layers, with gated layers between them that read pictures (Flamingo, arXiv:2204.14198)."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import dtype_of, head_of, model_spec, refuse_head, uniform
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.text.decoder import Sizes, llama_layers
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, Tensors, embedding, linear, norm, scalars
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join


def idefics(c: Config, head: str | None = None) -> ModelSpec:
    """IdeficsForVisionText2Text (arXiv:2306.16527; transformers 5.23, models/idefics)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    prefix = "" if kind == "base" else "model."
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    s = Sizes(hidden, heads, heads, head_dim, c.int("intermediate_size", default=11008))
    tower = build(typed(c, "vision_config", "idefics_vision"), "base")
    layers = c.count("num_hidden_layers", default=32)
    gated = uniform(
        "language",
        "gated_cross_attn_layers.{}.",
        layers // c.int("cross_layer_interval", default=1, least=1),
        _gated_layer(c, s, tower.hidden_size),
    )
    vocab, more = c.int("vocab_size", default=32000, least=1), c.int("additional_vocab_size", default=0)
    # Words added later stand in a table of their own.
    tables = (*embedding("", vocab, hidden), *(embedding("additional_embedding", more, hidden) if more else ()))
    tables = tuple(t._replace(name=t.name.removeprefix(".")) for t in tables)
    top = linear("lm_head", hidden, vocab, cut=COLUMN, role="head")
    top += linear("lm_head.additional_fc", hidden, more, cut=COLUMN, role="head") if more else ()
    ties: list[tuple[str, str]] = []
    if kind == "lm" and c.bool("tie_word_embeddings"):
        ties = [(a.name, f"model.embed_tokens.{b.name}") for a, b in zip(top, tables, strict=True)]
    blocks = [
        Block("language", "embed_tokens.", tables),
        *tower.placed("vision_model."),
        *(_resampler(c.sub("perceiver_config"), tower.hidden_size) if c.bool("use_resampler") else ()),
        *llama_layers(s, [("full", None)] * layers),
        *gated,
        Block("language", "", norm("norm", hidden)),
    ]
    spec = model_spec(
        c,
        [
            *(b._replace(prefix=prefix + b.prefix) for b in blocks),
            Block("language", "", () if ties or kind == "base" else top),
        ],
        hidden=hidden,
        vocab=vocab + more,
        max_context=c.int("max_position_embeddings", default=2048),
        tied=ties,
    )
    # Pictures are read beside the text, not in it.
    images = tower.images._replace(tokens=0) if tower.images else None
    return spec._replace(images=images, dtype=dtype_of(c) or tower.dtype)


def _gated_layer(c: Config, s: Sizes, source: int) -> Part:
    normed = c.bool("qk_layer_norms")
    extra = (*norm("q_layer_norm", s.head_dim), *norm("k_layer_norm", s.head_dim)) if normed else ()
    gate = (1, 1, s.hidden) if c.str("alpha_type", default="float") == "vector" else (1,)
    return join(
        (*scalars("alpha_cross_attn", *gate), *scalars("alpha_dense", *gate)),
        attention("cross_attn", s.hidden, s.heads, s.heads, s.head_dim, extra=extra, cache=None, source=source),
        gated_mlp("mlp", s.hidden, s.intermediate),
        norm("input_layernorm", s.hidden),
        norm("post_attention_layernorm", s.hidden),
    )


def _resampler(c: Config, width: int) -> tuple[Block, ...]:
    """Learned queries that read the tower, so that every picture gives as many vectors."""
    heads = c.int("resampler_n_heads", default=16, least=1)
    head_dim = c.int("resampler_head_dim", default=96)
    extra: Tensors = ()
    if c.bool("qk_layer_norms_perceiver"):
        extra = (*norm("q_layer_norm", head_dim, bias=True), *norm("k_layer_norm", head_dim, bias=True))
    names = ("q_proj", "k_proj", "v_proj", "output_proj")
    layer = join(
        norm("0.context_layer_norm", width, bias=True),
        norm("0.latents_layer_norm", width, bias=True),
        attention("0", width, heads, heads, head_dim, names=names, extra=extra, cache=None),
        norm("1.ln", width, bias=True),
        linear("1.fc", width, 4 * width, cut=COLUMN),
        linear("1.c_proj", 4 * width, width, cut=ROW),
    )
    latents = Tensor("latents", (c.int("resampler_n_latents", default=64), width), "position")
    return (
        Block("projector", "perceiver_resampler.", (latents, *norm("layer_norm", width, bias=True))),
        *uniform("projector", "perceiver_resampler.blocks.{}.", c.count("resampler_depth", default=6), layer),
    )
