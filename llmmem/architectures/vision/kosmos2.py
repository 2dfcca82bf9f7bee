"""The towers of Kosmos-2 and IDEFICS, which are CLIP's with other defaults."""

from __future__ import annotations

from llmmem.architectures.base import no_head
from llmmem.architectures.vision.clip import clip_vision_model
from llmmem.config import Config
from llmmem.tensors import ModelSpec

_KOSMOS = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "patch_size": 14,
}
_IDEFICS = {"intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 16, "patch_size": 14}


def kosmos_2_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """Kosmos2VisionModel (arXiv:2306.14824; transformers 5.23, models/kosmos2)."""
    no_head(c, head)
    tower = clip_vision_model(Config({**_KOSMOS, **c.raw}, c.path, c.reads), "base")
    return tower._replace(blocks=tower.placed("model."))


def idefics_vision(c: Config, head: str | None = None) -> ModelSpec:
    """IdeficsVisionTransformer (arXiv:2306.16527; transformers 5.23, models/idefics)."""
    no_head(c, head)
    # The general name is an alias that wins over the class's own (attribute_map).
    width = c.int("hidden_size", "embed_dim", default=768, least=1)
    return clip_vision_model(Config({**_IDEFICS, **c.raw, "hidden_size": width}, c.path, c.reads), "base")
