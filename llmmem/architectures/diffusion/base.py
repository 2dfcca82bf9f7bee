"""What components of diffusion pipelines share: the frame of a spec, and values given once or per block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmmem.architectures.base import dtype_of, quantization_of
from llmmem.architectures.diffusion.work import work
from llmmem.config import LARGEST, Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import QK_NORMS
from llmmem.tensors import Block, ModelSpec


def component(c: Config, name: str, *blocks: Block | Tensors, hidden: int = 0) -> ModelSpec:
    """The spec of one component.

    Args:
        name: unet, transformer, vae, controlnet, prior, ...: the component of every block.
        blocks: repeated layers as blocks, tensors that stand once bare.
        hidden: width of its main stream.
    """
    kind = c.str("_class_name")
    placed = tuple(b._replace(component=name) if isinstance(b, Block) else Block(name, "", b) for b in blocks)
    known = work(c, kind, name, placed, hidden)
    return ModelSpec(
        kind,
        kind,
        blocks=tuple(b for b in placed if b.tensors and b.layers),
        hidden_size=hidden,
        dtype=dtype_of(c),
        quantization=quantization_of(c),
        diffusion=() if known is None else (known,),
        unknown=("activations",) if known is None else (),
    )


def layers(name: str, count: int | Sequence[int], tensors: Tensors) -> Block:
    """``count`` layers all alike (or those of the given indices), as torch names a list of modules."""
    return Block("", f"{name}.{{}}.", tensors, range(count) if isinstance(count, int) else count)


def kinds(c: Config, name: str, default: Sequence[str]) -> list[str]:
    """A list of names of blocks."""
    value = c.list(name)
    names = list(default) if value is None else value
    for n in names:
        if not isinstance(n, str):
            raise ConfigError(f"{name} should list names of blocks, not {str(n)[:40]!r}.", "Check the config.json.")
    if not names:
        raise ConfigError(f"{name} is empty.", "Check the config.json.")
    return names


def sizes(c: Config, name: str, default: Sequence[int]) -> list[int]:
    """A list of widths or counts, one at least."""
    value = c.ints(name)
    if value == []:
        raise ConfigError(f"{name} is empty.", "Check the config.json.")
    return list(default) if value is None else value


def per_block(c: Config, name: str, count: int, default: Any) -> list[Any]:
    """A value for each block: given once for all, or one each.

    Raises:
        ConfigError: another number of them than of blocks.
    """
    value = default if c.get(name) is None else c.get(name)
    if not isinstance(value, list | tuple):
        return [value] * count
    if len(value) != count:
        raise ConfigError(f"{name} has {len(value)} entries for {count} blocks.", "Check the config.json.")
    return list(value)


def whole(name: str, value: Any, least: int = 1, most: int = LARGEST) -> int:
    """A whole number out of a list of them.

    Raises:
        ConfigError: it is something else, too small or too large.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ConfigError(f"{name} holds {str(value)[:40]!r}, which is no sensible number.", "Check the config.json.")
    return value


def width_of(c: Config, heads: int, head_dim: int) -> tuple[int, int, int]:
    """Heads, the width of one and of all, with the class defaults."""
    many = c.int("num_attention_heads", default=heads, least=1)
    one = c.int("attention_head_dim", default=head_dim, least=1)
    return many, one, many * one


def outputs(c: Config, inputs: int, default: int | None = None, name: str = "out_channels") -> int:
    """out_channels, which is that of the input where the config says null (or nothing, without a class default)."""
    return c.int(name, default=inputs if default is None else default, null=inputs) or inputs


def qk_kind(c: Config, default: str | None, name: str = "qk_norm") -> str | None:
    """The norm over queries and keys.

    Raises:
        UnsupportedArchitectureError: one without a description.
    """
    kind = c.get(name) if c.has(name) else default
    if kind is not None and kind not in QK_NORMS:
        raise unknown(c, name, kind, QK_NORMS)
    return kind


def unknown(c: Config, name: str, value: object, known: Sequence[str] = ()) -> UnsupportedArchitectureError:
    """The error for a variant that has no description."""
    return UnsupportedArchitectureError(
        f"llmmem does not know {name} {str(value)[:60]!r} of {c.str('_class_name') or 'this component'}.",
        f"Known: {', '.join(known)}." if known else "Check the config.json.",
    )
