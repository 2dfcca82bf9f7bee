"""HunyuanOCR, under the names published files have."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, renamed
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec

_NORMS = (("layer_norm1", "input_layernorm"), ("layer_norm2", "post_attention_layernorm"))
_TOWER = (
    ("mlp.fc1", "mlp.dense_h_to_4h"),
    ("mlp.fc2", "mlp.dense_4h_to_h"),
    ("patch_merger.", "perceive."),
    ("proj_conv", "proj.0"),
    ("proj_out", "proj.2"),
)


def hunyuan_vl(c: Config, head: str | None = None) -> ModelSpec:
    """HunYuanVLForConditionalGeneration (arXiv:2511.19575; transformers 5.23, models/hunyuan_vl)."""
    kind = head_of(c, head)
    if c.get("text_config") is None:
        # Published files state the language model's sizes at the top; the flag there is not the language model's.
        flat = {key: value for key, value in c.raw.items() if key != "tie_word_embeddings"}
        language = Config({**flat, "model_type": "hunyuan_vl_text"}, c.path, c.reads)
    else:
        language = typed(c, "text_config", "hunyuan_vl_text")
    text = build(language, "base")
    vision = typed(c, "vision_config", "hunyuan_vl_vision")
    # It writes vectors of the language model's width, whatever its config says.
    vision = Config({**vision.raw, "text_hidden_size": text.hidden_size}, vision.path, vision.reads)
    tower = build(vision, "base")
    # Only the whole model is stored under all of their names.
    whole = kind != "base"
    pictures = (
        renamed(tower.placed("vit."), *_NORMS, *_TOWER) if whole else renamed(tower.placed("vision_tower."), *_TOWER)
    )
    return multimodal(
        c,
        kind,
        text,
        pictures,
        text_prefix="model." if whole else "language_model.",
        head_prefix="",
        # The text config's own flag counts too.
        tied=c.bool("tie_word_embeddings", default=True) or language.bool("tie_word_embeddings", default=True),
        images=tower.images,
    )
