"""LLaVA-NeXT and LLaVA-OneVision: pictures in tiles, with a learned end of line."""

from __future__ import annotations

from math import isqrt

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.bridge import bridged
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.llava import TOWER, read_images
from llmmem.architectures.multimodal.mistral3 import feature_layers
from llmmem.architectures.multimodal.tiled import any_resolution
from llmmem.config import Config
from llmmem.parts.basic import scalars
from llmmem.tensors import Film, Images, ModelSpec

#: SigLIP So400m/14 at 384 pixels without its last layer, which OneVision takes when there is no vision_config
SIGLIP = {
    "model_type": "siglip_vision_model",
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 26,
    "num_attention_heads": 16,
    "patch_size": 14,
    "image_size": 384,
    "vision_use_head": False,
}


#: class defaults of ``image_grid_pinpoints``
PINPOINTS = ((336, 672), (672, 336), (672, 672), (1008, 336), (336, 1008))
_ONEVISION = tuple((384 * rows, 384 * columns) for rows in range(1, 7) for columns in range(1, 7))


def _model(
    c: Config, head: str | None, text: ModelSpec, tower: ModelSpec, images: Images | None, *, tied: bool
) -> ModelSpec:
    bias = c.bool("multimodal_projector_bias", default=True)
    projector = two_layers(tower.hidden_size * feature_layers(c), text.hidden_size, text.hidden_size, bias=bias)
    newline = scalars("image_newline", text.hidden_size)
    return bridged(c, head, text, tower, projector, tied=tied, extra=newline, images=images)


def llava_next(c: Config, head: str | None = None) -> ModelSpec:
    """LlavaNextForConditionalGeneration (transformers 5.23, models/llava_next)."""
    text = build(c.sub("text_config", model_type="llama"), "base")
    tower = build(filled(c, "vision_config", TOWER), "base")
    images = any_resolution(c, read_images(c, tower.images), PINPOINTS)
    return _model(c, head, text, tower, images, tied=c.bool("tie_word_embeddings"))


def llava_onevision(c: Config, head: str | None = None) -> ModelSpec:
    """LlavaOnevisionForConditionalGeneration (arXiv:2408.03326; transformers 5.23, models/llava_onevision)."""
    language = c.sub("text_config", model_type="qwen2")
    tower = build(filled(c, "vision_config", SIGLIP), "base")
    # The language model's own default counts where neither config says anything.
    tied = c.bool("tie_word_embeddings") or bool(build(language, "lm").tied)
    return _model(c, head, build(language, "base"), tower, _onevision_images(c, tower.images), tied=tied)


def _onevision_images(c: Config, images: Images | None) -> Images | None:
    """At most so many tiles as ``vision_aspect_ratio`` says; two by two tokens of a frame become one."""
    limit = c.str("vision_aspect_ratio", default="anyres_max_9").removeprefix("anyres_max_")
    if not limit.isdecimal():
        return None
    cut = any_resolution(c, read_images(c, images, default="full"), _ONEVISION, shrunk=int(limit))
    if cut is None:
        return None
    side = -(-isqrt(cut.patches) // 2)
    return cut._replace(film=Film(patches=cut.patches, tokens=side * side, around=1))
