"""The convolutional tokenizers of Chameleon and Janus: a picture becomes codes of a book."""

from __future__ import annotations

from llmmem.architectures.base import model_spec
from llmmem.config import Config
from llmmem.parts.basic import Tensors, conv, embedding, norm
from llmmem.parts.vq import place_attention, residual_block
from llmmem.tensors import Block, Images, ModelSpec, Tensor, Work

_FACTORS = [1, 1, 2, 2, 4]


def _widths(c: Config) -> list[int]:
    """Channels of every level, the first being the one of the full resolution."""
    base = c.int("base_channels", default=128, least=1)
    factors = c.ints("channel_multiplier")
    return [base * m for m in (_FACTORS if factors is None else factors)] or [base]


def _middle(prefix: str, width: int, attends: bool) -> Tensors:
    return (
        *residual_block(f"{prefix}.block_1", width, width),
        *(place_attention(f"{prefix}.attn_1", width) if attends else ()),
        *residual_block(f"{prefix}.block_2", width, width),
    )


def _encoder(c: Config, attends: list[bool], middle: bool) -> Tensors:
    """Levels of residual blocks, each half as fine as the one before; ``attends``: levels that have attention."""
    widths, inputs = _widths(c), c.int("base_channels", default=128, least=1)
    repeats = c.count("num_res_blocks", default=2)
    tensors: list[Tensor] = [*conv("conv_in", inputs, c.int("in_channels", default=3), 3, 3, bias=True)]
    for i, width in enumerate(widths):
        for j in range(repeats):
            tensors += residual_block(f"down.{i}.block.{j}", inputs if j == 0 else width, width)
            tensors += place_attention(f"down.{i}.attn.{j}", width) if attends[i] else ()
        # Without blocks a level passes on what it got.
        inputs = width if repeats else inputs
        tensors += conv(f"down.{i}.downsample.conv", inputs, inputs, 3, 3, bias=True) if i < len(widths) - 1 else ()
        inputs = width
    last = widths[-1]
    tensors += _middle("mid", last, middle)
    outputs = c.int("latent_channels", default=256) * (2 if c.bool("double_latent") else 1)
    return (*tensors, *norm("norm_out", last, bias=True), *conv("conv_out", outputs, last, 3, 3, bias=True))


def _decoder(c: Config) -> Tensors:
    """The way back, one residual block more in every level."""
    widths = _widths(c)[::-1]
    inputs = widths[0]
    tensors: list[Tensor] = [*conv("conv_in", inputs, c.int("latent_channels", default=256), 3, 3, bias=True)]
    tensors += _middle("mid", inputs, True)
    for i, width in enumerate(widths):
        for j in range(c.count("num_res_blocks", default=2) + 1):
            tensors += residual_block(f"up.{i}.block.{j}", inputs if j == 0 else width, width)
            tensors += place_attention(f"up.{i}.attn.{j}", width) if i == 0 else ()
        inputs = width
        tensors += conv(f"up.{i}.upsample.conv", width, width, 3, 3, bias=True) if i < len(widths) - 1 else ()
    outputs = c.int("out_channels", default=3)
    return (*tensors, *norm("norm_out", inputs, bias=True), *conv("conv_out", outputs, inputs, 3, 3, bias=True))


def _book(c: Config, codes: int, size: int) -> Tensors:
    size = c.int("embed_dim", default=size)
    latent = c.int("latent_channels", default=256)
    return (
        *embedding("quantize.embedding", c.int("num_embeddings", default=codes), size),
        *conv("quant_conv", size, latent, 1, 1, bias=True),
        *conv("post_quant_conv", latent, size, 1, 1, bias=True),
    )


def chameleon_vqgan(c: Config, head: str | None = None) -> ModelSpec:
    """ChameleonVQVAE, of which only the encoder is kept (transformers 5.23, models/chameleon)."""
    side = c.int("resolution", default=512)
    levels = len(_widths(c))
    vanilla = c.str("attn_type", default="vanilla") == "vanilla"
    fine = c.ints("attn_resolutions") or []
    attends = [vanilla and side // 2**i in fine for i in range(levels)]
    # The first convolutions see every pixel: so many values stand where one code will.
    step = 2 ** (levels - 1)
    pixels = step * step * _widths(c)[0]
    blocks = [
        Block("vision", "encoder.", _encoder(c, attends, vanilla)),
        Block("vision", "", _book(c, 8192, 256), work=(Work("conv", pixels),)),
    ]
    cells = (side // step) ** 2
    return model_spec(c, blocks, hidden=pixels)._replace(images=Images(cells, cells, pixels, (side, side)))


def janus_vqgan(c: Config, head: str | None = None) -> ModelSpec:
    """JanusVQVAE, which also paints (arXiv:2410.13848; transformers 5.23, models/janus)."""
    levels = len(_widths(c))
    pixels = 4 ** (levels - 1) * _widths(c)[0]
    blocks = [
        Block("vision", "encoder.", _encoder(c, [i == levels - 1 for i in range(levels)], True)),
        Block("vision", "decoder.", _decoder(c)),
        Block("vision", "", _book(c, 16384, 8), work=(Work("conv", pixels),)),
    ]
    return model_spec(c, blocks, hidden=pixels)
