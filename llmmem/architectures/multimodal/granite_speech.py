"""Granite Speech: a conformer, a Q-Former and Granite, which gets a LoRA where there is sound."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import linear
from llmmem.tensors import Block, ModelSpec, Sound, Tensor


def granite_speech(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteSpeechForConditionalGeneration (arXiv:2505.08699; transformers 5.23, models/granite_speech).

    The LoRA is a file of its own beside the model's and not among its tensors.
    """
    text = build(c.sub("text_config", model_type="granite"), "base")
    tower = build(typed(c, "encoder_config", "granite_speech_encoder"), "base")
    former = build(c.sub("projector_config", model_type="blip_2_qformer"), "base")
    window = c.int("window_size", default=15, least=1)
    queries = window // c.int("downsample_rate", default=5, least=1)
    projector = (
        Tensor("query", (1, queries, former.hidden_size), "position"),
        *linear("linear", former.hidden_size, text.hidden_size, bias=True),
    )
    others = (
        *tower.placed("encoder."),
        # Like the tower, it works only where there is sound.
        *(b._replace(work=()) for b in former.placed("projector.qformer.", "projector")),
        Block("projector", "projector.", projector),
    )
    spec = multimodal(c, head, text, others, tied=c.bool("tie_word_embeddings", default=True))
    # Two frames of the spectrogram are read side by side, and queries read them window by window.
    sound = Sound(tower.hidden_size, padding=160, convs=((2, 2, 0),), group=window, made=queries, whole=False)
    return spec._replace(sound=sound)


def granite_speech_plus(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteSpeechPlusForConditionalGeneration: the Q-Former may read several layers of the tower (transformers 5.23).

    Raises:
        ConfigError: layers and the width of what is read of them do not fit.
    """
    encoder = c.sub("encoder_config")
    read = encoder.ints("cat_hidden_layers")
    if read is not None:
        hidden = encoder.int("hidden_size", "hidden_dim", default=1024)
        width = c.sub("projector_config").int("encoder_hidden_size", default=1408)
        layers = encoder.count("num_hidden_layers", "num_layers", default=10)
        if width != hidden * (len(read) + 1) or any(not 0 <= i < layers for i in read):
            raise ConfigError(
                f"encoder_config.cat_hidden_layers names {len(read)} of {layers} layers of width {hidden:,}, but"
                f" projector_config.encoder_hidden_size is {width:,}.",
                "Check the config.json.",
            )
    return granite_speech(c, head)
