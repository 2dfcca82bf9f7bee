"""Evolla: SaProt reads a protein, and some layers of a Llama attend to what a resampler makes of it."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.saprot import saprot
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm, scalars
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join


def evolla(c: Config, head: str | None = None) -> ModelSpec:
    """EvollaForProteinText2Text (transformers 5.23, models/evolla)."""
    s = sizes(c, hidden=4096, heads=32, kv_heads=8, intermediate=14336)
    bias = c.bool("attention_bias")
    feed_forward = gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias"))
    adapter = _adapter(c, s.hidden, s.heads)

    def layer(reads: bool) -> Part:
        return join(
            norm("input_layernorm", s.hidden),
            attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, bias=bias, out_bias=bias),
            norm("post_attention_layernorm", s.hidden),
            feed_forward,
            adapter if reads else (),
        )

    layers = c.count("num_hidden_layers", default=32)
    step = max(layers // c.int("aligner_num_add_layers", default=8, least=1), 1)
    # It reads where there is a protein; its own work is not counted.
    protein = (*saprot(c.sub("protein_encoder_config")), *_resampler(c, s.hidden))
    return language_model(
        c,
        head,
        (
            *(b._replace(prefix=f"protein_encoder.{b.prefix}") for b in protein),
            *blocks_by_kind("language", "layers.{}.", [(i + 1) % step == 0 for i in range(layers)], layer),
        ),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=128256, least=1),
        tied=None,
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
    )


def _feed_forward(name: str, hidden: int, inner: int) -> Tensors:
    return (
        *norm(f"{name}norm", hidden, bias=True),
        *linear(f"{name}fc1", hidden, inner, cut=COLUMN),
        *linear(f"{name}fc2", inner, hidden, cut=ROW),
    )


def _adapter(c: Config, hidden: int, heads: int) -> Tensors:
    """Gated attention to the protein's vectors, and a gated feed-forward."""
    width = hidden // heads * heads
    tensors = (
        *scalars("gate_attention", 1),
        *scalars("gate_ffw", 1),
        *(
            t
            for name in ("query", "key_protein", "value_protein")
            for t in linear(name, hidden, width, bias=True, cut=COLUMN, unit=hidden // heads)
        ),
        *norm("attention_norm", hidden),
        *linear("out_proj", hidden, hidden, bias=c.bool("aligner_enable_bias", default=True), cut=ROW),
        *_feed_forward("ff.", hidden, int(hidden * c.number("aligner_ffn_mult", default=4))),
    )
    return tuple(t._replace(name=f"adapter.{t.name}") for t in tensors)


def _resampler(c: Config, hidden: int) -> list[Block]:
    """A perceiver: a few learned vectors read the protein's (arXiv:2204.14198)."""
    width = c.sub("protein_encoder_config").int("hidden_size", default=1280)
    inner = c.int("resampler_dim_head", default=64) * c.int("resampler_heads", default=8)
    layer = (
        *norm("0.norm_media", width, bias=True),
        *norm("0.norm_latents", width, bias=True),
        *linear("0.to_q", width, inner),
        *linear("0.to_kv", width, 2 * inner),
        *linear("0.to_out", inner, width),
        *_feed_forward("1.", width, int(width * c.number("resampler_ff_mult", default=4))),
    )
    around = (
        Tensor("latents", (c.int("resampler_num_latents", default=64), width), "position"),
        *norm("norm", hidden, bias=True),
        *linear("protein_projector", width, hidden, bias=True, cut=COLUMN),
    )
    place, depth = "sequence_compressor_resampler.", c.count("resampler_depth", default=6)
    blocks = [Block("protein", place, around)]
    return [*blocks, Block("protein", f"{place}layers.{{}}.", layer, range(depth))] if depth else blocks
