"""DiffusionGemma: an encoder reads prompt and pictures, a decoder of the same weights writes a block at a time."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Tensor, join


def diffusion_gemma(c: Config, head: str | None = None) -> ModelSpec:
    """DiffusionGemmaForBlockDiffusion (transformers 5.23, models/diffusion_gemma)."""
    kind = head_of(c, head)
    language = typed(c, "text_config", "diffusion_gemma_text")
    text = build(language, "base")
    vision = c.sub("vision_config", model_type="gemma4_vision")
    tower = build(vision, "base")
    # The text config's own flag does not count, and null is no.
    tied = c.bool("tie_word_embeddings", default=True, null=False)
    prefix = "" if kind == "base" else "model."
    # An output_proj_dims wins over the tower's width where a file states one.
    seen = linear("embedding_projection", vision.int("output_proj_dims", default=tower.hidden_size), text.hidden_size)
    # What it guessed last is read again with the next guess.
    again = join(
        norm("pre_norm", text.hidden_size),
        gated_mlp("", text.hidden_size, language.int("intermediate_size", default=9216)),
    )
    spec = multimodal(
        c,
        kind,
        text,
        (
            *_encoder(text, f"{prefix}encoder.language_model.", tied=tied),
            *tower.placed(f"{prefix}encoder.vision_tower."),
            Block("projector", f"{prefix}encoder.embed_vision.", seen),
            Block(
                "language",
                f"{prefix}decoder.self_conditioning.",
                tuple(t._replace(name=t.name.lstrip(".")) for t in again.tensors),
            ),
        ),
        text_prefix=f"{prefix}decoder.",
        head_prefix="",
        tied=tied,
        images=tower.images,
    )
    if not tied:
        return spec
    table = "embed_tokens.weight"
    return spec._replace(
        tied=(*spec.tied, (f"{prefix}encoder.language_model.{table}", f"{prefix}decoder.{table}")),
    )


def _encoder(text: ModelSpec, prefix: str, *, tied: bool) -> list[Block]:
    """The encoder's own tensors. What it keeps of the prompt is what the decoder reads: it is counted there."""

    def own(tensors: Tensors) -> tuple[Tensor, ...]:
        return tuple(t for t in tensors if t.role in ("buffer", "bias")) if tied else tensors

    return [
        b._replace(prefix=prefix + b.prefix, tensors=own(b.tensors), caches=(), work=())
        for b in text.blocks
        if own(b.tensors)
    ]
