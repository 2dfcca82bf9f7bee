"""Wuerstchen (arXiv:2306.00637): the prior, and the decoder of its second stage."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, per_block, unknown, whole
from llmmem.architectures.diffusion.lists import filled
from llmmem.architectures.diffusion.unet.cascade import residual
from llmmem.config import MOST_LAYERS, Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import attention
from llmmem.parts.modules import conv2d, dense, gather, under, up2d
from llmmem.tensors import ModelSpec

WIDTHS, HEADS, DEPTHS = (320, 640, 1280, 1280), (-1, 10, 20, 20), (4, 4, 14, 4)
KINDS, INJECT = ("CT", "CTA", "CTA", "CTA"), (False, True, True, True)


def _attend(width: int, text: int, heads: int) -> Tensors:
    return (*attention("attention", width, width // heads * heads, bias=True), *dense("kv_mapper.1", text, width))


def wuerstchen_prior(c: Config, head: str | None = None) -> ModelSpec:
    """WuerstchenPrior (diffusers 0.42, pipelines/deprecated/wuerstchen/modeling_wuerstchen_prior.py)."""
    width, seen = c.int("c", default=1280, least=1), c.int("c_in", default=16, least=1)
    text, time = c.int("c_cond", default=1024, least=1), c.int("c_r", default=64, least=1)
    heads = c.int("nhead", default=16, least=1)
    last = 3 * c.count("depth", default=16)
    return component(
        c,
        "prior",
        conv2d("projection", seen, width, 1),
        (*dense("cond_mapper.0", text, width), *dense("cond_mapper.2", width, width)),
        layers("blocks", range(0, last, 3), residual(width, 0, 3)),
        layers("blocks", range(1, last, 3), dense("mapper", time, 2 * width)),
        layers("blocks", range(2, last, 3), _attend(width, width, heads)),
        conv2d("out.1", width, 2 * seen, 1),
        hidden=width,
    )


def _lists(c: Config, count: int) -> tuple[list[int], list[str], list[bool]]:
    depths, kinds = filled(c, "blocks", DEPTHS, MOST_LAYERS), c.list("level_config")
    kinds = list(KINDS) if kinds is None else kinds
    inject = c.list("inject_effnet")
    flags = list(INJECT) if inject is None else [bool(v) for v in inject]
    if not len(depths) == len(kinds) == len(flags) == count:
        raise ConfigError(
            "c_hidden, blocks, level_config and inject_effnet differ in length.", "Check the config.json."
        )
    for kind in kinds:
        if not isinstance(kind, str) or set(kind) - set("CTA"):
            raise unknown(c, "level_config", kind, ("C", "T", "A"))
    return depths, kinds, flags


def wuerstchen_diffnext(c: Config, head: str | None = None) -> ModelSpec:
    """WuerstchenDiffNeXt (diffusers 0.42, pipelines/deprecated/wuerstchen/modeling_wuerstchen_diffnext.py)."""
    widths, text = filled(c, "c_hidden", WIDTHS), c.int("c_cond", default=1024, least=1)
    count, kernel = len(widths), c.int("kernel_size", default=3, least=1)
    depths, kinds, inject = _lists(c, count)
    area, time = c.int("patch_size", default=2, least=1) ** 2, c.int("c_r", default=64, least=1)
    many = per_block(c, "nhead", count, HEADS)
    net = c.int("effnet_embd", default=16, least=1)

    def block(kind: str, i: int, skip: int) -> Tensors:
        width = widths[i]
        if kind == "C":
            return residual(width, skip, kernel)
        return dense("mapper", time, 2 * width) if kind == "T" else _attend(width, text, whole("nhead", many[i]))

    def level(i: int, *, up: bool) -> Tensors:
        tensors: list[Tensors] = []
        if i > 0 and not up:
            tensors.append(conv2d("0.1", widths[i - 1], widths[i], 2))
        for n in range(depths[i]):
            for k, kind in enumerate(kinds[i]):
                # the way down comes in at the first block of a level on the way up
                across = widths[i] if up and i < count - 1 and n == k == 0 else 0
                tensors.append(under(f"{len(tensors)}", block(kind, i, across + text * inject[i])))
        if i > 0 and up:
            tensors.append(up2d(f"{len(tensors)}.1", widths[i], widths[i - 1], 2))
        return gather(tensors)

    mappers = (conv2d(f"effnet_mappers.{i}", net, text, 1) for i, on in enumerate(inject + inject[::-1]) if on)
    seen, shown = c.int("c_in", default=4, least=1), c.int("c_out", default=4, least=1)
    return component(
        c,
        "decoder",
        dense("clip_mapper", c.int("clip_embd", default=1024, least=1), text),
        *mappers,
        conv2d("embedding.1", seen * area, widths[0], 1),
        *(under(f"down_blocks.{i}", level(i, up=False)) for i in range(count)),
        *(under(f"up_blocks.{i}", level(count - 1 - i, up=True)) for i in range(count)),
        conv2d("clf.1", widths[0], 2 * shown * area, 1),
        hidden=widths[0],
    )
