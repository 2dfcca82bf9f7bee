"""Molmo 2."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal, typed
from llmmem.architectures.multimodal.stored import renamed
from llmmem.architectures.vision.molmo2 import feature_layers
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import linear
from llmmem.tensors import Block, ModelSpec

#: names of the parts on their own -> inside the whole
_LANGUAGE = {".layers.": ".blocks.", ".norm.": ".ln_f."}
_QKVO = {f".{name}_proj.": f".w{name}." for name in "qkvo"}
_VISION = {
    ".layers.": ".transformer.resblocks.",
    ".self_attn.": ".attention.",
    **_QKVO,
    ".mlp.fc": ".feed_forward.w",
    ".layer_norm1.": ".attention_norm.",
    ".layer_norm2.": ".ffn_norm.",
}
_ADAPTER = {**_QKVO, ".gate_proj.": ".w1.", ".down_proj.": ".w2.", ".up_proj.": ".w3."}


def molmo2(c: Config, head: str | None = None) -> ModelSpec:
    """Molmo2ForConditionalGeneration (arXiv:2601.10611; transformers 5.23, models/molmo2); its head is never tied."""
    kind = head_of(c, head)
    adapter = typed(c, "adapter_config", "molmo2_adapter")
    text = renamed(build(typed(c, "text_config", "molmo2_text"), "base"), _LANGUAGE)
    tower = renamed(build(_vision(c, adapter), "base"), _VISION)
    prefix = "" if kind == "base" else "model."
    within = f"{prefix}vision_backbone."
    top = linear("lm_head", text.hidden_size, text.vocab_size, cut="column", role="head") if kind == "lm" else ()
    return multimodal(
        c,
        kind,
        text,
        (
            *tower.placed(f"{within}image_vit."),
            *renamed(build(adapter, "base"), _ADAPTER).placed(within),
            Block("language", "", top),
        ),
        text_prefix=f"{prefix}transformer.",
        head_prefix=None,
        notes=(NOT_SIZED,),
    )


def _vision(c: Config, adapter: Config) -> Config:
    """The tower's config; under its older key the layers behind the last that is read are left out.

    Raises:
        ConfigError: the adapter reads a layer that the tower does not have.
    """
    older = c.get("vision_config") is None and c.get("vit_config") is not None
    vision = typed(c, "vit_config" if older else "vision_config", "molmo2_vision")
    layers = vision.count("num_hidden_layers", default=25)
    read = feature_layers(adapter)
    if any(not -layers <= layer < layers for layer in read):
        raise ConfigError(f"adapter_config reads layers {read} of a tower of {layers}.", "Check the config.json.")
    if not older:
        return vision
    last = max((layer % layers for layer in read), default=-1)
    return Config({**vision.raw, "num_hidden_layers": last + 1}, vision.path, vision.reads)
