"""Granite-Docling."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal, typed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, linear, norm
from llmmem.tensors import Block, ModelSpec


def granite_docling(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteDoclingForConditionalGeneration (transformers 5.23, models/granite_docling).

    Raises:
        ConfigError: widths that differ, or a router between routes where there is one.
    """
    kind = head_of(c, head)
    text = build(typed(c, "text_config", "granite_docling_text"), "base")
    vision = typed(c, "vision_config", "granite_docling_vision")
    tower = build(vision, "base")
    if vision.int("out_hidden_size", default=1024) != text.hidden_size:
        raise ConfigError(
            "vision_config.out_hidden_size and text_config.hidden_size differ.", "Give both the same width."
        )
    prefix = "" if kind == "base" else "model."
    router: Tensors = ()
    inner = c.optional("density_router_hidden_size")
    if inner is not None:  # it decides which tiles are read finely
        if not vision.bool("use_fine_route", default=True):
            raise ConfigError(
                "density_router_hidden_size needs vision_config.use_fine_route.", "Check the config.json."
            )
        router = (
            *linear("att", tower.hidden_size, 1, bias=True, role="router"),
            *norm("norm", tower.hidden_size, bias=True),
            *linear("fc1", tower.hidden_size, inner, bias=True),
            *linear("fc2", inner, 1, bias=True, role="router"),
        )
    return multimodal(
        c,
        kind,
        text,
        (*tower.placed(f"{prefix}vision_model."), Block("projector", f"{prefix}density_router.", router)),
        text_prefix=f"{prefix}text_model.",
        head_prefix="",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings", default=True),
        notes=(NOT_SIZED,),
    )
