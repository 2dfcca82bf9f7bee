"""Granite 4 Vision: small Q-Formers read windows of several layers of the tower."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import NOT_SIZED, filled, multimodal, typed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import COLUMN, Tensors, linear, norm, scalars
from llmmem.tensors import Block, ModelSpec, Tensor

#: what the class takes when there is no qformer_config
_QFORMER = {"model_type": "blip_2_qformer", "num_hidden_layers": 1, "cross_attention_frequency": 1}
#: Q-Formers that each read every second point of a picture, from one of four corners
_CORNERS = 4


def granite4_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Granite4VisionForConditionalGeneration (transformers 5.23, models/granite4_vision)."""
    kind = head_of(c, head)
    text = build(typed(c, "text_config", "granite4_vision_text"), "base")
    tower = build(c.sub("vision_config", model_type="clip_vision_model"), "base")
    hidden, query, window = tower.hidden_size, *_sides(c)
    former = filled(c, "qformer_config", _QFORMER)
    # It takes the tower's width whatever its config says.
    widths = {"hidden_size": hidden, "num_attention_heads": hidden // 64, "encoder_hidden_size": hidden}
    qformer = build(Config({**former.raw, **widths}, former.path, former.reads), "base")
    own: Tensors = (
        Tensor("query", (1, query**2, hidden), "position"),
        Tensor("image_positions", (1, window**2, hidden), "position"),
        *norm("norm", hidden, bias=True),
        *linear("out_linear", hidden, text.hidden_size, bias=True, cut=COLUMN),
    )
    prefix = "" if kind == "base" else "model."
    taps = c.list("deepstack_layer_map")
    if taps is None:
        raise c.missing("deepstack_layer_map")
    projectors: list[Block] = []
    for name, count in (("layerwise_projectors", len(taps)), ("spatial_projectors", _CORNERS)):
        for i in range(count):
            place = f"{prefix}{name}.{i}."
            projectors += [Block("projector", place, own), *qformer.placed(f"{place}qformer.", "projector")]
    return multimodal(
        c,
        kind,
        text,
        (
            Block("projector", prefix, scalars("image_newline", text.hidden_size)),
            *tower.placed(f"{prefix}vision_tower."),
            *projectors,
        ),
        text_prefix=f"{prefix}language_model.",
        head_prefix="",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings"),
        notes=(NOT_SIZED,),
    )


def _sides(c: Config) -> tuple[int, int]:
    """Sides of the square of queries and of the window they read, from a rate such as "4/8".

    Raises:
        ConfigError: not two whole numbers.
    """
    rate = c.str("downsample_rate")
    if not rate:
        raise c.missing("downsample_rate")
    sides = rate.split("/")
    if len(sides) != 2 or not all(s.isascii() and s.isdigit() and len(s) < 6 for s in sides):
        raise ConfigError(f"downsample_rate should be as in '4/8', but it is {rate[:20]!r}.", "Check the config.json.")
    return int(sides[0]), int(sides[1])
