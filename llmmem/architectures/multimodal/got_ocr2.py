"""GOT-OCR 2.0."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, conv, linear
from llmmem.tensors import Block, ModelSpec

#: the language model, which the class takes when there is no text_config
_TEXT = {
    "model_type": "qwen2",
    "vocab_size": 151860,
    "hidden_size": 1024,
    "intermediate_size": 2816,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "max_position_embeddings": 32768,
}


def got_ocr2(c: Config, head: str | None = None) -> ModelSpec:
    """GotOcr2ForConditionalGeneration, PP-Chart2Table too (arXiv:2409.01704; transformers 5.23, models/got_ocr2)."""
    language = c.sub("text_config", model_type="qwen2")
    if c.get("text_config") is None:
        language = Config(dict(_TEXT), language.path, language.reads)
    vision = typed(c, "vision_config", "got_ocr2_vision")
    text, tower = build(language, "base"), build(vision, "base")
    channels = vision.int("output_channels", default=256)
    projector = (
        *conv("conv_upsampler1", 2 * channels, channels, 3, 3),
        *conv("conv_upsampler2", text.hidden_size, 2 * channels, 3, 3),
        *linear("multimodal_projector", text.hidden_size, text.hidden_size, bias=True, cut=COLUMN),
    )
    return multimodal(
        c,
        head,
        text,
        (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector)),
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings", default=True),
        images=tower.images,
    )
