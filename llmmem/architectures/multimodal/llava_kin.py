"""Models built like LLaVA, for films and for pointing."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.bridge import bridged
from llmmem.architectures.multimodal.frame import filled, multimodal
from llmmem.architectures.multimodal.llava import TOWER, read_images
from llmmem.architectures.multimodal.llava_next import PINPOINTS
from llmmem.architectures.multimodal.mistral3 import feature_layers
from llmmem.architectures.multimodal.tiled import any_resolution
from llmmem.config import Config
from llmmem.parts.basic import conv, norm, scalars
from llmmem.tensors import Block, Film, ModelSpec


def video_llava(c: Config, head: str | None = None) -> ModelSpec:
    """VideoLlavaForConditionalGeneration: towers for pictures and films (arXiv:2311.10122; transformers 5.23)."""
    text = build(c.sub("text_config", model_type="llama"), "base")
    tower = build(filled(c, "vision_config", {**TOWER, "image_size": 224}), "base")
    bias = c.bool("multimodal_projector_bias", default=True)
    projector = two_layers(tower.hidden_size * feature_layers(c), text.hidden_size, text.hidden_size, bias=bias)
    others = (
        *tower.placed("video_tower."),
        *tower.placed("image_tower."),
        Block("projector", "multi_modal_projector.", projector),
    )
    first = c.str("vision_feature_select_strategy", default="default") == "default"
    images = tower.images
    if images:
        # The vector that a picture leaves out stays in the frames of a film.
        film = Film(patches=images.patches, tokens=images.tokens)
        images = images._replace(tokens=max(images.tokens - first, 0), film=film)
    return multimodal(c, head, text, others, tied=c.bool("tie_word_embeddings"), images=images)


def vipllava(c: Config, head: str | None = None) -> ModelSpec:
    """VipLlavaForConditionalGeneration: it reads several layers of the tower (arXiv:2312.00784; transformers 5.23)."""
    text = build(c.sub("text_config", model_type="llama"), "base")
    tower = build(filled(c, "vision_config", TOWER), "base")
    layers = c.get("vision_feature_layers", "vision_feature_layer")
    read = tower.hidden_size * (5 if layers is None else len(layers) if isinstance(layers, list) else 1)
    projector = (
        *norm("projector_layernorm", read, bias=True),
        *two_layers(read, text.hidden_size, text.hidden_size),
    )
    # Every vector becomes a token but the first, which CLIP has for its class.
    images = tower.images._replace(tokens=max(tower.images.tokens - 1, 0)) if tower.images else None
    return bridged(c, head, text, tower, projector, tied=c.bool("tie_word_embeddings"), images=images)


def llava_next_video(c: Config, head: str | None = None) -> ModelSpec:
    """LlavaNextVideoForConditionalGeneration (transformers 5.23, models/llava_next_video)."""
    language = c.sub("text_config", model_type="llama")
    text = build(language, "base")
    tower = build(filled(c, "vision_config", TOWER), "base")
    width = tower.hidden_size
    bias = c.bool("multimodal_projector_bias", default=True)
    projector = two_layers(width * feature_layers(c), text.hidden_size, text.hidden_size, bias=bias)
    extra = scalars("image_newline", text.hidden_size)
    if c.str("spatial_pool_mode", default="average") == "conv":
        stride = c.int("spatial_pool_stride", default=2, least=1)
        outputs = c.int("spatial_pool_out_channels", default=width)
        extra += conv("vision_resampler.pool", outputs, width, stride, stride, bias=True)
    # The language model's own flag counts too.
    tied = c.bool("tie_word_embeddings") or bool(build(language, "lm").tied)
    images = any_resolution(c, read_images(c, tower.images), PINPOINTS)
    if images:
        # Two by two tokens of a frame become one.
        images = images._replace(film=Film(patches=images.patches, tokens=images.patches // 4))
    return bridged(c, head, text, tower, projector, tied=tied, extra=extra, images=images)
