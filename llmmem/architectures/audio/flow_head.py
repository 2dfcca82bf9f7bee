"""The flow head of Pocket TTS and Gradium Phonon: from noise and what the language model says to a latent of sound."""

from __future__ import annotations

from typing import NamedTuple

from llmmem.architectures.base import uniform
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Part, Tensor, join


class Names(NamedTuple):
    """What its parts are called."""

    condition: str = "cond_proj"
    times: str = "timestep_embeddings"
    time: tuple[str, str] = ("fc1", "fc2")
    gain: str = "norm.weight"
    layers: str = "layers"
    norm: str = "norm"
    mlp: tuple[str, str] = ("fc1", "fc2")
    modulation: str = "adaln_proj"
    out: str = "proj"


def flow_head(c: Config, names: Names, *, hidden: int, latent: int, condition: int) -> list[Block]:
    """The head, relative to its name.

    Args:
        hidden: of the language model.
        latent: what a frame of sound is made of.
        condition: class default of condition_dim.

    Raises:
        ConfigError: widths that are not those of the language model, or an unknown kind of flow.
    """
    wide, size = c.int("condition_dim", default=condition), c.int("latent_dim", default=32)
    if wide != hidden or size != latent:
        raise ConfigError(
            f"flow_head_config is for a width of {wide:,} and a latent of {size:,}; the model has {hidden:,} and"
            f" {latent:,}.",
            "They should be the same.",
        )
    kind = c.str("flow_type", default="lsd")
    if kind not in ("lsd", "drifting"):
        raise ConfigError(f"flow_type is {kind[:40]!r}.", "It is lsd or drifting.")
    inner, steps = c.int("hidden_size", default=512), c.int("frequency_embedding_size", default=256)
    stem = (*linear("input_proj", size, inner, bias=True), *linear(names.condition, wide, inner, bias=True))
    time = (
        *buffer("freqs", steps // 2),
        *linear(names.time[0], steps, inner, bias=True),
        *linear(names.time[1], inner, inner, bias=True),
        Tensor(names.gain, (inner,), "norm"),
    )
    layer = join(
        norm(names.norm, inner, bias=True),
        mlp(names.mlp, inner, inner),
        linear(names.modulation, inner, 3 * inner, bias=True),
    )
    final = (
        *linear(f"final_layer.{names.modulation}", inner, 2 * inner, bias=True),
        *linear(f"final_layer.{names.out}", inner, size, bias=True, role="head"),
    )
    # Self-distillation tells the head where a step of the flow starts and ends.
    return [
        Block("diffusion", "", stem),
        *uniform("diffusion", f"{names.times}.{{}}.", 2 if kind == "lsd" else 0, Part(time)),
        *uniform("diffusion", f"{names.layers}.{{}}.", c.count("num_hidden_layers", default=6), layer),
        Block("diffusion", "", final),
    ]


def loss_weighting(c: Config) -> Tensors:
    """What weighs the loss by the times of a step, kept with the model."""
    size = c.int("loss_weighting_hidden_size", default=32)
    tensors: Tensors = ()
    for i in range(c.count("loss_weighting_num_layers", default=3)):
        tensors += linear(f"layers.{i}", size if i else 2, size, bias=True)
    return (*tensors, *linear("proj", size, 1, bias=True))
