"""The frame of wav2vec 2.0 and its kin: convolutions over the raw sound, positions, layers, and what stands on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from llmmem.architectures.audio.speech_heads import shortening, speech_top
from llmmem.architectures.audio.speech_stem import KERNELS, STRIDES
from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, scalars
from llmmem.tensors import Block, ModelSpec, Sound

#: classes of the whole family, and of those that tell speakers apart as well
SPEECH = ("base", "ctc", "sequence")
SPEAKERS = (*SPEECH, "frame", "xvector")


class Shape(NamedTuple):
    """What every tower has."""

    hidden: int
    heads: int
    layers: int


def shape_of(c: Config, hidden: int = 768, heads: int = 12, layers: int = 12) -> Shape:
    """The three from the config, with a class's defaults."""
    return Shape(
        c.int("hidden_size", default=hidden, least=1),
        c.int("num_attention_heads", default=heads, least=1),
        c.count("num_hidden_layers", default=layers),
    )


def speech_model(
    c: Config,
    head: str | None,
    name: str,
    shape: Shape,
    blocks: Sequence[Block],
    *,
    width: int,
    default: str = "ctc",
    kinds: Sequence[str] = SPEAKERS,
    adapts: bool = True,
    waves: bool = True,
    adapter: Sequence[Block] | None = None,
    classifier: int = 256,
    tops: Mapping[str, Tensors] | None = None,
) -> ModelSpec:
    """A tower and the class that stands on it.

    Args:
        name: of the tower inside a class with a head.
        blocks: of the tower.
        width: of a frame before the layers.
        default: the class where the config names none.
        kinds: the classes of the family beside those in ``tops``.
        waves: it reads the sound itself, through wav2vec 2.0's convolutions.
        adapts: the family knows add_adapter; ``adapter`` is it where it is not plain convolutions.
        classifier: class default of classifier_proj_size.

    Raises:
        ConfigError: an adapter under a head that takes none.
    """
    kind, hidden = head_of(c, head, default), shape.hidden
    tops = tops or {}
    output = c.int("output_hidden_size", default=0) or hidden
    adapted = adapts and c.bool("add_adapter")
    if adapted and kind in ("sequence", "frame"):
        raise ConfigError("Classes of this type that judge sound take no adapter.", "Set add_adapter to false.")
    top = tops.get(kind)
    if top is None and kind in kinds:
        top = speech_top(
            c,
            kind,
            hidden,
            output=output if adapted else hidden,
            width=width,
            layers=shape.layers,
            classifier=classifier,
        )
    if top is None:
        raise refuse_head(c, kind)
    masked = c.number("mask_time_prob", default=0.05) > 0 or c.number("mask_feature_prob", default=0.0) > 0
    if adapter is None:
        adapter = (Block("audio", "adapter.", shortening(c, hidden, output) if adapted else ()),)
    tower = (Block("audio", "", scalars("masked_spec_embed", hidden) if masked else ()), *blocks)
    prefix = "" if kind == "base" else f"{name}."
    placed = (b._replace(prefix=prefix + b.prefix) for b in (*tower, *(adapter if adapted else ())))
    kernels, steps = (c.ints(key) or value for key, value in (("conv_kernel", KERNELS), ("conv_stride", STRIDES)))
    sound = Sound(hidden, hop=1, convs=tuple((k, max(1, s), 0) for k, s in zip(kernels, steps, strict=False)), tokens=0)
    spec = model_spec(c, [*placed, Block("audio", "", top)], hidden=hidden)
    return spec._replace(sound=sound if waves else None)
