"""VibeVoice ASR: a language model that gets two tokenizers' views of a recording."""

from __future__ import annotations

from math import prod

from llmmem.architectures import build
from llmmem.architectures.audio.vibevoice import tokenizer_ratios
from llmmem.architectures.multimodal.frame import filled, multimodal
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm
from llmmem.tensors import Block, ModelSpec

TOKENIZER = "vibevoice_acoustic_tokenizer_encoder"


def vibevoice_asr(c: Config, head: str | None = None) -> ModelSpec:
    """VibeVoiceAsrForConditionalGeneration (transformers 5.23, models/vibevoice_asr).

    Raises:
        ConfigError: a piece of sound is no whole number of tokens.
    """
    text = build(c.sub("text_config", model_type="qwen2"), "base")
    sound = c.sub("acoustic_tokenizer_encoder_config", model_type=TOKENIZER)
    sense = filled(c, "semantic_tokenizer_encoder_config", {"model_type": TOKENIZER, "hidden_size": 128})
    piece, hop = c.int("acoustic_tokenizer_chunk_size", default=1440000), prod(tokenizer_ratios(sound))
    if not hop or piece % hop:
        raise ConfigError(
            f"acoustic_tokenizer_chunk_size is {piece:,}, which is no multiple of {hop:,}.", "Check the config.json."
        )
    towers = {"acoustic": build(sound, "base"), "semantic": build(sense, "base")}

    def projector(name: str, inputs: int) -> Tensors:
        return (
            *linear(f"{name}_linear_1", inputs, text.hidden_size, bias=True, cut=COLUMN),
            *norm(f"{name}_norm", text.hidden_size),
            *linear(f"{name}_linear_2", text.hidden_size, text.hidden_size, bias=True, cut=ROW),
        )

    others = [b for name, tower in towers.items() for b in tower.placed(f"{name}_tokenizer_encoder.")]
    for name, tower in towers.items():
        others.append(Block("projector", "multi_modal_projector.", projector(name, tower.hidden_size)))
    return multimodal(c, head, text, others)
