"""Fuyu: pixels go straight into a language model, one patch a token."""

from __future__ import annotations

from math import prod

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import multimodal
from llmmem.config import Config
from llmmem.parts.basic import linear
from llmmem.tensors import Block, Images, ModelSpec

#: Larger pictures are scaled down to fit (FuyuImageProcessor).
_LARGEST = (1080, 1920)


def fuyu(c: Config, head: str | None = None) -> ModelSpec:
    """FuyuForCausalLM (transformers 5.23, models/fuyu)."""
    language = c.sub("text_config", model_type="persimmon")
    if c.get("text_config") is None:
        # Published files state the language model's sizes at the top.
        language = Config({**c.raw, "model_type": "persimmon"}, c.path, c.reads)
    text = build(language, "base")
    patch = c.int("patch_size", default=30, least=1)
    pixels = patch * patch * c.int("num_channels", default=3)
    return multimodal(
        c,
        head,
        text,
        (Block("projector", "", linear("vision_embed_tokens", pixels, text.hidden_size, bias=True)),),
        tied=c.bool("tie_word_embeddings"),
        images=Images(0, 0, text.hidden_size, _LARGEST, patch=patch, max_pixels=prod(_LARGEST), fit="boxed", line=1),
    )
