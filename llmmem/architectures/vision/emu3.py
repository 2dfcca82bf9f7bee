"""Emu3's tokenizer of pictures and films: an autoencoder whose codes are words of the language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmmem.architectures.base import model_spec
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, conv, embedding
from llmmem.parts.vq import attention_block, modulated_norm, residual_block, temporal_block
from llmmem.tensors import Block, Images, ModelSpec, Work


def emu3_vqgan(c: Config, head: str | None = None) -> ModelSpec:
    """Emu3VQVAE (arXiv:2409.18869; transformers 5.23, models/emu3)."""
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=1, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    base = c.int("base_channels", default=256, least=1)
    codes = c.int("embed_dim", default=4, least=1)
    latent = c.int("latent_channels", default=4)
    repeats = c.count("num_res_blocks", default=2)
    factors, levels = c.ints("channel_multiplier"), c.ints("attn_resolutions")
    widths = [base * m for m in ((1, 2, 2, 4) if factors is None else factors)] or [base]
    last = len(widths) - 1
    attends = (3,) if levels is None else levels
    halvings = c.int("temporal_downsample_factor", default=4, least=1).bit_length() - 1

    # Below, a tensor's name starts with the dot that ends its prefix.
    def level(prefix: str, i: int, inputs: int, count: int, quant: int | None) -> Iterator[Block]:
        """The blocks between two changes of resolution, each with attention or none."""
        yield _repeat(f"{prefix}.block.{{}}", range(min(count, 1)), residual_block("", inputs, widths[i], quant))
        yield _repeat(f"{prefix}.block.{{}}", range(1, count), residual_block("", widths[i], widths[i], quant))
        if i in attends:
            yield _repeat(f"{prefix}.attn.{{}}", range(count), attention_block("", hidden, heads))
            yield _repeat(f"{prefix}.attn_norms.{{}}", range(count), modulated_norm("", widths[i], quant))

    def ends(prefix: str, inputs: int, outputs: int, quant: int | None, channels: int, kernel: int) -> Iterator[Block]:
        """What stands before, between and after the levels of one side; ``channels`` and ``kernel`` over time."""
        tensors = (
            *conv(".conv_in", widths[-1] if quant else base, inputs, 3, 3, bias=True),
            *residual_block(".middle_block.block_1", widths[-1], widths[-1], quant),
            *attention_block(".middle_block.attn_1", hidden, heads),
            *modulated_norm(".middle_block.attn_norm", widths[-1], quant),
            *residual_block(".middle_block.block_2", widths[-1], widths[-1], quant),
            *modulated_norm(".norm_out", widths[0] if quant else widths[-1], quant),
            *conv(".conv_out", outputs, widths[0] if quant else widths[-1], 3, 3, bias=True),
        )
        yield Block("vision", prefix, tensors)
        yield _repeat(
            f"{prefix}.time_conv.{{}}", range(halvings), conv(".conv.conv", channels, channels, kernel, 3, 3, bias=True)
        )
        yield _repeat(f"{prefix}.time_res_stack.{{}}", range(repeats), temporal_block("", channels))

    outputs = latent * (2 if c.bool("double_latent") else 1)
    blocks = [
        *ends("encoder", c.int("in_channels", default=3), outputs, None, outputs, 4),
        *ends("decoder", latent, c.int("out_channels", default=3), codes, latent, 3),
    ]
    for i, width in enumerate(widths):
        down, up = f"encoder.down_block.down.{i}", f"decoder.up_block.up.{i}"
        blocks += level(down, i, widths[i - 1] if i else base, repeats, None)
        blocks += level(up, i, widths[min(i + 1, last)], repeats + 1, codes)
        resample = conv(".conv", width, width, 3, 3, bias=True)
        blocks += [_repeat(f"{down}.downsample", (0,) * (i < last), resample)]
        blocks += [_repeat(f"{up}.upsample", (0,) * (i > 0), resample)]
    book = (
        *embedding("quantize.embedding", c.int("codebook_size", default=32768), codes),
        *conv("quant_conv.conv", codes, latent, 3, 1, 1, bias=True),
        *conv("post_quant_conv.conv", latent, codes, 3, 1, 1, bias=True),
    )
    # The first convolutions see every pixel: so many values stand where one code will.
    side = 2**last
    pixels = side * side * base
    blocks.append(Block("vision", "", book, work=(Work("conv", pixels),)))
    # Emu3ImageProcessor's limits; the row ends it writes between the codes are not counted.
    images = Images(0, 0, pixels, patch=side, min_pixels=512 * 512, max_pixels=1024 * 1024, line=1)
    return model_spec(c, [b for b in blocks if b.layers], hidden=hidden)._replace(images=images)


def _repeat(prefix: str, layers: Sequence[int], tensors: Tensors) -> Block:
    return Block("vision", prefix, tensors, layers)
