"""Fun-ASR Nano."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.audio.fun_asr import memory_layer
from llmmem.architectures.base import head_of, uniform
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import filled, multimodal
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.tensors import Block, ModelSpec

#: the language model, which the class takes when there is no text_config
_TEXT = {
    "model_type": "qwen3",
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "max_position_embeddings": 40960,
}


def fun_asr_nano(c: Config, head: str | None = None) -> ModelSpec:
    """FunAsrNanoForConditionalGeneration (arXiv:2509.12508; transformers 5.23, models/fun_asr_nano).

    Raises:
        ConfigError: an adaptor that does not fit the language model.
    """
    kind = head_of(c, head)
    text = build(filled(c, "text_config", _TEXT), "base")
    tower = build(c.sub("audio_config", model_type="fun_asr_nano_encoder"), "base")
    adaptor = c.sub("adaptor_config")
    width, heads = adaptor.int("hidden_size", default=1024), adaptor.int("num_attention_heads", default=8, least=1)
    inner = adaptor.int("intermediate_size", default=256)
    if (width, inner) != (text.hidden_size, text.hidden_size // 4):
        raise ConfigError(
            f"adaptor_config is {width:,} wide and {inner:,} inside, but text_config asks for {text.hidden_size:,} and"
            f" {text.hidden_size // 4:,}.",
            "Check the config.json.",
        )
    layer = memory_layer(
        width,
        heads,
        divide(adaptor, "hidden_size over num_attention_heads", width, heads),
        inner,
        inputs=width,
    )
    # Like the tower, it works only where there is sound.
    layers = uniform(
        "projector",
        "multi_modal_projector.layers.{}.",
        adaptor.count("num_hidden_layers", default=2),
        layer._replace(work=()),
    )
    between = two_layers(tower.hidden_size, adaptor.int("projector_hidden_size", default=2048), width)
    prefix = "" if kind == "base" else "model."
    others = (
        *tower.placed("audio_tower."),
        Block("projector", "multi_modal_projector.", between),
        *layers,
    )
    return multimodal(
        c,
        kind,
        text,
        [b._replace(prefix=prefix + b.prefix) for b in others],
        text_prefix=f"{prefix}language_model.",
        head_prefix="",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings", default=True),
    )
