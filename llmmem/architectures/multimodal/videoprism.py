"""VideoPrism: a text tower beside a tower for videos."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.vision.videoprism import videoprism_vision_model
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import ModelSpec


def videoprism(c: Config, head: str | None = None) -> ModelSpec:
    """VideoPrismClipModel (arXiv:2402.13217; transformers 5.23, models/videoprism).

    Raises:
        ConfigError: the towers differ in width.
    """
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    text = build(typed(c, "text_config", "videoprism_text_model"), "base")
    video = videoprism_vision_model(typed(c, "vision_config", "videoprism_vision_model"), "clip")
    if text.hidden_size != video.hidden_size:
        raise ConfigError(
            f"text_config.hidden_size is {text.hidden_size:,}, vision_config.hidden_size {video.hidden_size:,}.",
            "Check the config.json.",
        )
    blocks = (*text.placed("text_model."), *video.placed("video_model."))
    return model_spec(c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context)
