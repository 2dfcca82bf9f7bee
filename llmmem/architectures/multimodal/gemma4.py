"""Gemma 4 with pictures and sound: with towers, and without them (Gemma 4 Unified)."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.architectures.vision.gemma4 import FRAME_TOKENS, pictures
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm
from llmmem.tensors import Block, Images, ModelSpec, Sound, Tensor

#: the senses of a model: blocks under the prefix, for a language model so wide, what becomes of pictures and of sound
Senses = Callable[[str, int], tuple[list[Block], Images | None, Sound | None]]


def _model(c: Config, head: str | None, name: str, causal: str, senses: Senses) -> ModelSpec:
    kind = head_of(c, head)
    language = typed(c, "text_config", f"{name}_text")
    if head is None and architecture_of(c) == causal:
        return language_only(c, language)
    text = build(language, "base")
    base = "" if kind == "base" else "model."
    blocks, images, sound = senses(base, text.hidden_size)
    return multimodal(
        c,
        kind,
        text,
        blocks,
        text_prefix=f"{base}language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings", default=True, null=False),
        images=images,
    )._replace(sound=sound)


def gemma4(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma4ForConditionalGeneration; a sense without a config is not there (transformers 5.23, models/gemma4)."""

    def senses(base: str, width: int) -> tuple[list[Block], Images | None, Sound | None]:
        blocks: list[Block] = []
        images, sound = None, None
        if c.get("vision_config") is not None:
            tower = build(typed(c, "vision_config", "gemma4_vision"), "base")
            blocks += tower.placed(f"{base}vision_tower.")
            # An output_proj_dims wins over the tower's width where a file states one.
            inputs = c.sub("vision_config").int("output_proj_dims", default=tower.hidden_size)
            blocks.append(Block("projector", f"{base}embed_vision.", linear("embedding_projection", inputs, width)))
            images = _images(c, tower.images)
        if c.get("audio_config") is not None:
            audio = typed(c, "audio_config", "gemma4_audio")
            ear = build(audio, "base")
            blocks, sound = [*blocks, *ear.placed(f"{base}audio_tower.")], ear.sound
            inputs = audio.int("output_proj_dims", default=1536)
            blocks.append(Block("projector", f"{base}embed_audio.", linear("embedding_projection", inputs, width)))
        return blocks, images, sound

    return _model(c, head, "gemma4", "Gemma4ForCausalLM", senses)


def _images(c: Config, images: Images | None) -> Images | None:
    if images is None:
        return None
    tokens = c.int("vision_soft_tokens_per_image", default=images.tokens)
    return pictures(tokens, images.hidden_size, images.patch, images.merge)


def gemma4_unified(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma4UnifiedForConditionalGeneration: raw patches and waves are embedded (models/gemma4_unified)."""

    def senses(base: str, width: int) -> tuple[list[Block], Images | None, Sound | None]:
        blocks: list[Block] = []
        images, sound = None, None
        if c.get("vision_config") is not None:
            vision = c.sub("vision_config")
            patch = vision.int("patch_size", default=16, least=1)
            pool = vision.int("pooling_kernel_size", default=3, least=1)
            side = patch * pool
            inner, rows = vision.int("mm_embed_dim", default=3840), vision.int("mm_posemb_size", default=1120)
            blocks.append(Block("vision", f"{base}vision_embedder.", _patches(3 * side * side, inner, rows)))
            inputs = vision.int("output_proj_dims", default=3840)
            blocks.append(Block("projector", f"{base}embed_vision.", linear("embedding_projection", inputs, width)))
            tokens = c.int("vision_soft_tokens_per_image", default=280)
            images = pictures(tokens, inner, patch, pool)
            # A cell is one patch of this model's.
            images = images._replace(patches=tokens, film=images.film and images.film._replace(patches=FRAME_TOKENS))
        if c.get("audio_config") is not None:
            audio = c.sub("audio_config")
            inputs = audio.int(
                "audio_samples_per_token", "output_proj_dims", "hidden_size", "audio_embed_dim", default=640
            )
            blocks.append(Block("projector", f"{base}embed_audio.", linear("embedding_projection", inputs, width)))
            # So many samples are a token, the last ones too.
            sound = Sound(inputs, hop=max(1, inputs), padding=max(1, inputs) - 1)
        return blocks, images, sound

    return _model(c, head, "gemma4_unified", "Gemma4UnifiedForCausalLM", senses)


def _patches(pixels: int, inner: int, rows: int) -> Tensors:
    """A picture's patches through one matrix, with a learned position for either side."""
    return (
        *norm("patch_ln1", pixels, bias=True),
        *linear("patch_dense", pixels, inner, bias=True),
        *norm("patch_ln2", inner, bias=True),
        Tensor("pos_embedding", (rows, 2, inner), "position"),
        *norm("pos_norm", inner, bias=True),
    )
