"""Safety checkers: a CLIP vision tower and what compares pictures with unwanted concepts."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.architectures.vision.clip import clip_vision_model
from llmmem.config import Config
from llmmem.parts.basic import scalars
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec

#: concepts refused, and concepts that make the checker stricter
_CONCEPTS = {"concept_embeds": 17, "special_care_embeds": 3}


def safety_checker(c: Config, head: str | None = None) -> ModelSpec:
    """StableDiffusionSafetyChecker (diffusers 0.42, pipelines/stable_diffusion/safety_checker.py)."""
    tower = clip_vision_model(c.sub("vision_config", model_type="clip_vision_model"), "base")
    shared = c.int("projection_dim", default=512, least=1)
    own = (
        *dense("visual_projection", tower.hidden_size, shared, False),
        *(t for name, count in _CONCEPTS.items() for t in scalars(name, count, shared)),
        *(t for name, count in _CONCEPTS.items() for t in scalars(f"{name}_weights", count)),
    )
    return component(c, "safety_checker", *tower.placed("vision_model."), own, hidden=tower.hidden_size)


def if_safety_checker(c: Config, head: str | None = None) -> ModelSpec:
    """IFSafetyChecker (diffusers 0.42, pipelines/deepfloyd_if/safety_checker.py)."""
    inner = c.sub("vision_config", model_type="clip_vision_model")
    tower = clip_vision_model(inner, "projection")
    shared = inner.int("projection_dim", default=512, least=1)
    own = (*dense("p_head", shared, 1), *dense("w_head", shared, 1))
    return component(c, "safety_checker", *tower.placed("vision_model."), own, hidden=tower.hidden_size)
