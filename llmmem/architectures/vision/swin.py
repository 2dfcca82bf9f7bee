"""Swin, whose layers attend inside small windows and whose stages merge patches, and Donut's variant of it."""

from __future__ import annotations

from llmmem.architectures.base import head_of, labels, model_spec, refuse_head
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, conv, linear, norm
from llmmem.parts.vision import swin_layer
from llmmem.tensors import Block, Images, ModelSpec, Tensor

#: Stages halve the grid; more than a picture can be halved are a mistake.
MOST_STAGES = 16


def swin_tower(c: Config, kind: str, base: str, *, donut: bool) -> ModelSpec:
    """Stages of window attention between merges.

    Args:
        kind: "base", "image" (a classifier) or "mim" (a picture's masked patches).
        base: prefix of the base model inside a class with a head.
        donut: layers store which pair of places in a window has which bias, positions count a class token, and
            there is no norm after the last stage.
    """
    width = c.int("embed_dim", default=96)
    depths = c.ints("depths") or [2, 2, 6, 2]
    heads = c.ints("num_attention_heads", "num_heads") or [3, 6, 12, 24]
    if not 0 < len(depths) <= min(len(heads), MOST_STAGES):
        raise ConfigError("depths and num_heads need an entry for each stage.", "Check the config.json.")
    window = c.int("window_size", default=7)
    ratio = c.number("mlp_ratio", default=4.0)
    grid = fixed_grid(c, image=224, patch=4)
    channels = c.int("num_channels", default=3)
    prefix = "" if kind == "base" else base
    places = (Tensor("position_embeddings", (1, grid.patches + donut, width), "position"),)
    stem: Tensors = (
        *((Tensor("mask_token", (1, 1, width), "position"),) if kind == "mim" else ()),
        *(places if c.bool("use_absolute_embeddings") else ()),
        *conv("patch_embeddings.projection", width, channels, *grid.patch, bias=True),
        *norm("norm", width, bias=True),
    )
    # Pictures are padded to whole patches, and grids to an even number.
    sides = [tuple(-(-s // p) for s, p in zip(grid.size, grid.patch, strict=True))]
    for _ in depths[1:]:
        sides.append(tuple(-(-s // 2) for s in sides[-1]))
    counts = [h * w for h, w in sides]
    blocks = [Block("vision", f"{prefix}embeddings.", stem)]
    for i, depth in enumerate(depths):
        size = width * 2**i
        layer = swin_layer(
            size,
            heads[i],
            divide(c, "width of a stage over its num_heads", size, heads[i]),
            int(ratio * size),
            window,
            bias=c.bool("qkv_bias", default=True),
            scale=-(-counts[i] // max(counts[-1], 1)),
            extra=buffer("relative_position_index", window**2, window**2, dtype="int64") if donut else (),
        )
        place = f"{prefix}encoder.layers.{i}."
        blocks.append(Block("vision", f"{place}blocks.{{}}.", layer.tensors, range(depth), (), layer.work))
        if i + 1 < len(depths):
            merge = (
                *linear("downsample.reduction", 4 * size, 2 * size),
                *norm("downsample.norm", 4 * size, bias=True),
            )
            blocks.append(Block("vision", place, merge))
    last = width * 2 ** (len(depths) - 1)
    top: Tensors = ()
    if kind == "image" and labels(c):
        top = linear("classifier", last, labels(c), bias=True, role="head")
    elif kind == "mim":
        # Here the class counts stages by their stated number.
        stages = c.int("num_hidden_layers", "num_layers", default=len(depths), least=1)
        if stages > MOST_STAGES:
            raise ConfigError(
                f"num_hidden_layers is {stages:,}: no model has so many stages.", "Check the config.json."
            )
        features = width * 2 ** (stages - 1)
        stride = c.int("encoder_stride", default=32)
        top = conv("decoder.0", stride * stride * channels, features, 1, 1, bias=True)
    blocks += [Block("vision", prefix, () if donut else norm("layernorm", last, bias=True)), Block("vision", "", top)]
    images = Images(counts[-1], counts[-1], last, grid.size)
    return model_spec(c, blocks, hidden=c.int("hidden_size", default=last))._replace(images=images)


def swin(c: Config, head: str | None = None) -> ModelSpec:
    """SwinModel and its kin (arXiv:2103.14030; transformers 5.23, models/swin)."""
    kind = head_of(c, head, "mim")
    if kind not in ("base", "image", "mim"):
        raise refuse_head(c, kind)
    return swin_tower(c, kind, "swin.", donut=False)


def donut_swin(c: Config, head: str | None = None) -> ModelSpec:
    """DonutSwinModel and its classifier (arXiv:2111.15664; transformers 5.23, models/donut)."""
    kind = head_of(c, head, "image")
    if kind not in ("base", "image"):
        raise refuse_head(c, kind)
    return swin_tower(c, kind, "donut.", donut=True)
