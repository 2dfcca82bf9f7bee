"""Text models that a pipeline has in a form of its own: UniDiffuser's writer of captions, BLIP-Diffusion's CLIP."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.architectures.text.clip import clip_text_model
from llmmem.architectures.text.gpt2 import gpt2
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec


def unidiffuser_text_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """UniDiffuserTextDecoder (arXiv:2303.06555; diffusers 0.42): GPT-2 behind a prefix."""
    text = gpt2(Config({**c.raw, "model_type": "gpt2"}, c.path, c.reads), "lm")
    seen, narrow = c.int("prefix_inner_dim", least=1), c.optional("prefix_hidden_dim")
    c.int("prefix_length")
    prefix: Tensors = ()
    if narrow is not None:
        prefix = (*dense("encode_prefix", seen, narrow), *dense("decode_prefix", narrow, text.hidden_size))
    spec = component(c, "text_decoder", prefix, *text.placed("transformer."), hidden=text.hidden_size)
    return spec._replace(
        vocab_size=text.vocab_size, tied=tuple((f"transformer.{a}", f"transformer.{b}") for a, b in text.tied)
    )


def context_clip_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """ContextCLIPTextModel (BLIP-Diffusion, arXiv:2305.14720; diffusers 0.42, pipelines/deprecated/blip_diffusion)."""
    text = clip_text_model(Config({**c.raw, "model_type": "clip_text_model"}, c.path, c.reads), "base")
    rows = c.int("max_position_embeddings", default=77, least=1)
    return component(
        c,
        "text_encoder",
        buffer("text_model.embeddings.position_ids", 1, rows, dtype="int64"),
        *text.placed("text_model."),
        hidden=text.hidden_size,
    )
