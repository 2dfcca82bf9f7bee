"""GIT's vision tower, which is CLIP's with smaller patches."""

from __future__ import annotations

from llmmem.architectures.vision.clip import clip_vision_model
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def git_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """GitVisionModel (arXiv:2205.14100; transformers 5.23, models/git)."""
    tower = clip_vision_model(Config({"patch_size": 16, **c.raw}, c.path, c.reads), head)
    return tower._replace(blocks=tower.placed("vision_model."))
