"""OpenFlamingo: CLIP, a perceiver, and cross attention behind gates in every so many layers of a language model."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import model_spec, uniform
from llmmem.architectures.vision.open_clip import WIDTH, vit_l_14
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join

#: heads of the perceiver and of the cross attention, and their width
_ATTENDS, _HEAD = 8, 64

#: layers and learned vectors of the perceiver
_DEPTH, _LATENTS = 6, 64


def _reads(name: str, hidden: int) -> Tensors:
    """Attention to the tower's vectors, or to what the perceiver made of them."""
    inner = _ATTENDS * _HEAD
    return (
        *linear(f"{name}.to_q", hidden, inner, cut=COLUMN, unit=_HEAD),
        *linear(f"{name}.to_kv", WIDTH, 2 * inner, cut=COLUMN, unit=_HEAD),
        *linear(f"{name}.to_out", inner, hidden, cut=ROW, unit=_HEAD),
    )


def _feed(name: str, hidden: int) -> Tensors:
    return (
        *norm(f"{name}.0", hidden, bias=True),
        *mlp((f"{name}.1", f"{name}.3"), hidden, 4 * hidden, bias=False).tensors,
    )


def _gated(hidden: int) -> Part:
    """The layer in front of one of the language model's; what it reads is computed anew for every token."""
    tensors = (
        Tensor("attn_gate", (1,), "scalar"),
        Tensor("ff_gate", (1,), "scalar"),
        *norm("attn.norm", hidden, bias=True),
        *_reads("attn", hidden),
        *_feed("ff", hidden),
    )
    return Part(tensors, (), mlp(("ff.1", "ff.3"), hidden, 4 * hidden).work)


def open_flamingo(c: Config, head: str | None = None) -> ModelSpec:
    """Flamingo of mlfoundations/open_flamingo (arXiv:2308.01390), which publishes no config.json.

    The config holds the arguments of its create_model_and_transforms, and the language model's own as text_config.
    Reproduces the 8,131,465,232 parameters of the 9B.

    Raises:
        UnsupportedArchitectureError: another tower than ViT-L-14, or no language model's config.
    """
    if c.str("clip_vision_encoder_path", default="ViT-L-14") != "ViT-L-14":
        raise UnsupportedArchitectureError("llmmem knows OpenFlamingo with open_clip's ViT-L-14 only.")
    if c.get("text_config") is None:
        raise UnsupportedArchitectureError(
            "OpenFlamingo has no config.json of its own, and the one given names no language model.",
            "Give cross_attn_every_n_layers, and the config.json of lang_encoder_path as text_config.",
        )
    text = build(c.sub("text_config"), "lm")
    tower, images = vit_l_14()
    every = c.int("cross_attn_every_n_layers", default=1, least=1)
    hidden = text.hidden_size
    perceives = join(
        norm("0.norm_media", WIDTH, bias=True),
        norm("0.norm_latents", WIDTH, bias=True),
        _reads("0", WIDTH),
        _feed("1", WIDTH),
    )
    gated = _gated(hidden)
    place = next((b.prefix for b in text.blocks if "{}" in b.prefix), "{}.")
    blocks = [
        *(b._replace(prefix=f"lang_encoder.{b.prefix}{'decoder_layer.' * ('{}' in b.prefix)}") for b in text.blocks),
        Block(
            "language",
            f"lang_encoder.{place}gated_cross_attn_layer.",
            gated.tensors,
            range(every - 1, text.layers, every),
            work=gated.work,
        ),
        *(b._replace(prefix=f"vision_encoder.{b.prefix}") for b in tower),
        Block("projector", "perceiver.", (Tensor("latents", (_LATENTS, WIDTH), "position"),)),
        *uniform("projector", "perceiver.layers.{}.", _DEPTH, perceives),
        Block("projector", "perceiver.", norm("norm", WIDTH, bias=True)),
    ]
    spec = model_spec(c, blocks, hidden=hidden, vocab=text.vocab_size, max_context=text.max_context)
    # Pictures are read beside the text: none of them is a token.
    tied = tuple((f"lang_encoder.{a}", f"lang_encoder.{b}") for a, b in text.tied)
    return spec._replace(images=images._replace(tokens=0), tied=tied, dtype=spec.dtype or text.dtype)
