"""DeepSeek-VL, with one tower or with a second that sees more."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, conv, linear, scalars
from llmmem.parts.sam import sam_neck
from llmmem.tensors import Block, ModelSpec


def deepseek_vl(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekVLForConditionalGeneration (arXiv:2403.05525; transformers 5.23, models/deepseek_vl)."""
    text = build(c.sub("text_config", model_type="llama"), "base")
    tower = build(c.sub("vision_config", model_type="siglip_vision_model"), "base")
    aligner = (
        *linear("linear1", tower.hidden_size, text.hidden_size, bias=True, cut=COLUMN),
        *linear("linear2", text.hidden_size, text.hidden_size, bias=True, cut=ROW),
    )
    others = (*tower.placed("vision_model."), Block("projector", "aligner.", aligner))
    tied = c.bool("tie_word_embeddings", default=True)
    return inner(c, head, text, others, tied=tied, images=tower.images)


def deepseek_vl_hybrid(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekVLHybridForConditionalGeneration (arXiv:2403.05525; transformers 5.23, models/deepseek_vl_hybrid)."""
    text = build(c.sub("text_config", model_type="llama"), "base")
    tower = build(c.sub("vision_config", model_type="siglip_vision_model"), "base")
    fine = c.sub("high_res_vision_config", model_type="sam_vision_model")
    high = build(fine, "base")
    channels = fine.int("output_channels", default=256)
    half = text.hidden_size // 2
    shrink = (
        *conv("conv1", 2 * channels, channels, 3, 3),
        *conv("conv2", 4 * channels, 2 * channels, 3, 3),
    )
    aligner = (
        *linear("vision_proj", tower.hidden_size, half, bias=True, cut=COLUMN),
        *linear("high_res_vision_proj", 4 * channels, half, bias=True, cut=COLUMN),
        *linear("proj", text.hidden_size, text.hidden_size, bias=True, cut=ROW),
    )
    others = (
        *high.placed("high_res_vision_model."),
        *tower.placed("vision_model."),
        # What a layer in the middle gives passes through a neck of its own.
        Block("vision", "high_res_vision_neck.", sam_neck(high.hidden_size, channels)),
        Block("vision", "high_res_vision_proj.", shrink),
        Block("vision", "", scalars("high_res_vision_alpha", 1)),
        Block("projector", "aligner.", aligner),
    )
    # The finer grid is shrunk to the other's.
    images = high.images._replace(tokens=tower.images.patches) if high.images and tower.images else None
    tied = c.bool("tie_word_embeddings", default=True)
    return inner(c, head, text, others, tied=tied, images=images)
