"""Mistral Large 4, under the names of Mistral's own format, in which it is published."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import NOT_SIZED, filled, multimodal, typed
from llmmem.architectures.multimodal.mistral3 import feature_layers
from llmmem.architectures.multimodal.stored import renamed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec

#: the tower, which the class takes when there is no vision_config
_TOWER = {
    "model_type": "pixtral",
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "num_hidden_layers": 30,
    "num_attention_heads": 16,
    "patch_size": 14,
    "image_size": 1540,
}
_FEED_FORWARD = {".gate_proj.": ".w1.", ".down_proj.": ".w2.", ".up_proj.": ".w3."}
_LANGUAGE = {
    **_FEED_FORWARD,
    "attention.o_proj.": "attention.wo.",
    "embed_tokens.": "tok_embeddings.",
    "rotary_emb.alpha": "lerope.alpha",
}
_VISION = {**_FEED_FORWARD, **{f".{name}_proj.": f".w{name}." for name in "qkvo"}}


def mistral_large4(c: Config, head: str | None = None) -> ModelSpec:
    """MistralLarge4ForConditionalGeneration (transformers 5.23, models/mistral_large4)."""
    kind = head_of(c, head)
    text = renamed(build(typed(c, "text_config", "mistral_large4_text"), "base"), _LANGUAGE)
    tower = renamed(build(filled(c, "vision_config", _TOWER), "base"), _VISION)
    width, hidden = tower.hidden_size, text.hidden_size
    bias = c.bool("multimodal_projector_bias")
    merge = linear("patch_merger.merging_layer", width * c.int("spatial_merge_size", default=2, least=1) ** 2, width)
    projector = (
        *norm("pre_mm_projector_norm", width),
        *merge,
        *linear("vision_language_adapter.w_in", width * feature_layers(c), hidden, bias=bias, cut=COLUMN),
        *linear("vision_language_adapter.w_out", hidden, hidden, bias=bias, cut=ROW),
    )
    tied = c.bool("tie_word_embeddings")
    top = linear("output", hidden, text.vocab_size, cut="column", role="head") if kind == "lm" and not tied else ()
    spec = multimodal(
        c,
        kind,
        text,
        (*tower.placed("vision_encoder."), Block("projector", "", projector), Block("language", "", top)),
        text_prefix="",
        head_prefix=None,
        notes=(NOT_SIZED,),
    )
    ties = (("output.weight", "tok_embeddings.weight"),) if kind == "lm" and tied else ()
    return spec._replace(tied=ties)
