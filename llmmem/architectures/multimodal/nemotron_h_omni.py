"""Nemotron 3 Nano Omni: Nemotron-H that sees and, where the config describes an audio tower, hears."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec


def nemotron_h_omni(c: Config, head: str | None = None) -> ModelSpec:
    """NemotronH_Omni_Reasoning_V3 (transformers 5.23, models/nemotron_h_omni, under the names it stores)."""
    language = c.sub("text_config", "llm_config", model_type="nemotron_h")
    text = build(language, "lm")
    vision = c.sub("vision_config", model_type="radio")
    frames = c.optional("video_temporal_patch_size", default=2)
    vision = Config({"video_temporal_patch_size": frames, **vision.raw}, vision.path, vision.reads)
    tower = build(vision, "base")
    # What would prepare the pictures is left to the processor.
    seeing = [b for b in tower.placed("vision_model.") if not b.prefix.endswith("input_conditioner.")]
    width, inside = (
        c.int("vision_hidden_size", "vit_hidden_size", default=1280),
        c.int("projector_hidden_size", default=4096),
    )
    cell = width * int(1 / c.ratio("downsample_ratio", default=0.5)) ** 2
    projector = (
        *norm("mlp1.0", cell),
        *linear("mlp1.1", cell, inside, cut=COLUMN),
        *linear("mlp1.3", inside, text.hidden_size, cut=ROW),
        *(
            norm("vision_final_layernorm", width, bias=True)
            if language.int("num_nextn_predict_layers", default=0)
            else ()
        ),
    )
    kind = "lm" if c.list("architectures") == ["NemotronH_Omni_Reasoning_V3"] else head_of(c, head)
    return multimodal(
        c,
        kind,
        text,
        (*seeing, Block("projector", "", projector), *_hearing(c, text.hidden_size)),
        text_prefix="language_model.",
        head_prefix=None,
        notes=(NOT_SIZED,),
    )


def _hearing(c: Config, hidden: int) -> tuple[Block, ...]:
    """The audio tower, if there is one, and its projector.

    Raises:
        ConfigError: the projector is not described.
    """
    if c.get("audio_config", "sound_config") is None:
        return ()
    audio = c.sub("audio_config", "sound_config", model_type="parakeet_encoder")
    audio = Config({"attention_bias": False, **audio.raw}, audio.path, audio.reads)
    tower = build(audio, "base")
    inside = audio.int("projection_hidden_size")
    if not audio.has("projection_bias"):
        raise audio.missing("projection_bias")
    bias = audio.bool("projection_bias")
    projector = (
        *norm("norm", tower.hidden_size),
        *linear("linear1", tower.hidden_size, inside, bias=bias, cut=COLUMN),
        *linear("linear2", inside, hidden, bias=bias, cut=ROW),
    )
    return (*tower.placed("sound_encoder.encoder."), Block("projector", "sound_projection.", projector))
