"""Inkling 2, under the names published files have."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, renamed
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.architectures.multimodal.inkling import NOT_SIZED
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.tensors import ModelSpec

_VIT = (
    ("layernorm_before", "ln_1"),
    ("layernorm_after", "ln_2"),
    ("mlp.fc1", "mlp.c_fc"),
    ("mlp.fc2", "mlp.c_proj"),
    ("lambda_1", "ls_1.gamma"),
    ("lambda_2", "ls_2.gamma"),
    ("position_embedding.weight", "position_embedding"),
)
_BACKBONE = (
    ("visual.merger.linear_1", "visual.proj_in"),
    ("visual.merger.linear_2", "visual.proj_out"),
    ("visual.pre_layernorm", "visual.backbone.ln_pre"),
    ("visual.embeddings.", "visual.backbone.embeddings."),
    ("visual.layers.", "visual.backbone.layers."),
)


#: how the class takes a file that states no quantization_config, in the words of published files
_MXFP8 = {
    "quant_method": "fp8",
    "weight_block_size": [1, 32],
    "scale_fmt": "ue8m0",
    "modules_to_not_convert": ["model.llm.unembed", "model.visual", "model.llm.layers.*.attn"],
}


def inkling2(c: Config, head: str | None = None) -> ModelSpec:
    """Inkling2ForConditionalGeneration (transformers 5.23, models/inkling2).

    Raises:
        ConfigError: the tower makes vectors of another width than the language model's.
    """
    kind = head_of(c, head)
    # Only the whole model is stored under all of their names.
    whole = kind != "base"
    text = build(typed(c, "text_config", "inkling2_text"), "lm" if kind == "lm" else "base")
    vision = typed(c, "vision_config", "inkling2_vision")
    tower = build(vision, "base")
    width = vision.int("text_hidden_size", default=4608)
    if width != text.hidden_size:
        raise ConfigError(
            f"vision_config.text_hidden_size is {width:,}, text_config.hidden_size {text.hidden_size:,}.",
            "Check the config.json.",
        )
    pictures = renamed(tower.placed("model.visual." if whole else "vision_tower."), *_VIT)
    if whole:
        # A name may be in two parts: the place and the tensor's own.
        flat = [
            b._replace(prefix="", tensors=_at(b.prefix, b.tensors)) if "{}" not in b.prefix else b for b in pictures
        ]
        pictures = renamed(flat, *_BACKBONE)
    spec = multimodal(
        c,
        kind,
        text,
        pictures,
        text_prefix="" if whole else "language_model.",
        head_prefix=None,
        notes=NOT_SIZED,
    )
    # transformers names its version in what it writes, and then means what it says.
    if not whole or c.has("quantization_config") or c.has("transformers_version"):
        return spec
    note = "no quantization_config: read as MXFP8 but for attention, head and tower, as the class reads original files"
    return spec._replace(quantization=dict(_MXFP8), notes=(*spec.notes, note))


def _at(place: str, tensors: Tensors) -> Tensors:
    return tuple(t._replace(name=place + t.name) for t in tensors)
