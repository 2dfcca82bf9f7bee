"""Emu3's tokenizer of pictures and films: an autoencoder whose codes are words of the language model."""

from __future__ import annotations

from llmmem.architectures.base import model_spec
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, conv, embedding
from llmmem.parts.vq import attention_block, modulated_norm, residual_block, temporal_block
from llmmem.tensors import Block, Images, ModelSpec, Tensor, Work


def emu3_vqgan(c: Config, head: str | None = None) -> ModelSpec:
    """Emu3VQVAE (arXiv:2409.18869; transformers 5.23, models/emu3)."""
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=1, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    base = c.int("base_channels", default=256, least=1)
    codes = c.int("embed_dim", default=4)
    latent = c.int("latent_channels", default=4)
    repeats = c.int("num_res_blocks", default=2)
    named, levels = c.ints("channel_multiplier"), c.ints("attn_resolutions")
    widths = [base * m for m in ((1, 2, 2, 4) if named is None else named)] or [base]
    attends = (3,) if levels is None else levels
    halvings = c.int("temporal_downsample_factor", default=4, least=1).bit_length() - 1

    def level(name: str, i: int, inputs: int, count: int, quant: int | None) -> Tensors:
        tensors: list[Tensor] = []
        for j in range(count):
            tensors += residual_block(f"{name}.block.{j}", inputs if j == 0 else widths[i], widths[i], quant)
            if i in attends:
                tensors += attention_block(f"{name}.attn.{j}", hidden, heads)
                tensors += modulated_norm(f"{name}.attn_norms.{j}", widths[i], quant)
        return tuple(tensors)

    def middle(quant: int | None) -> Tensors:
        return (
            *residual_block("middle_block.block_1", widths[-1], widths[-1], quant),
            *attention_block("middle_block.attn_1", hidden, heads),
            *modulated_norm("middle_block.attn_norm", widths[-1], quant),
            *residual_block("middle_block.block_2", widths[-1], widths[-1], quant),
        )

    def over_time(channels: int, kernel: int) -> Tensors:
        tensors: list[Tensor] = []
        for i in range(halvings):
            tensors += conv(f"time_conv.{i}.conv.conv", channels, channels, kernel, 3, 3, bias=True)
        for i in range(repeats):
            tensors += temporal_block(f"time_res_stack.{i}", channels)
        return tuple(tensors)

    last = len(widths) - 1
    outputs = latent * (2 if c.bool("double_latent") else 1)
    down = list(conv("conv_in", base, c.int("in_channels", default=3), 3, 3, bias=True))
    up = list(conv("conv_in", widths[-1], latent, 3, 3, bias=True))
    for i, width in enumerate(widths):
        name = f"down_block.down.{i}"
        down += level(name, i, widths[i - 1] if i else base, repeats, None)
        down += conv(f"{name}.downsample.conv", width, width, 3, 3, bias=True) if i < last else ()
        name = f"up_block.up.{i}"
        up += level(name, i, widths[min(i + 1, last)], repeats + 1, codes)
        up += conv(f"{name}.upsample.conv", width, width, 3, 3, bias=True) if i else ()
    down += (*middle(None), *modulated_norm("norm_out", widths[-1], None))
    down += (*conv("conv_out", outputs, widths[-1], 3, 3, bias=True), *over_time(outputs, 4))
    up += (*middle(codes), *modulated_norm("norm_out", widths[0], codes))
    up += (*conv("conv_out", c.int("out_channels", default=3), widths[0], 3, 3, bias=True), *over_time(latent, 3))
    book = (
        *embedding("quantize.embedding", c.int("codebook_size", default=32768), codes),
        *conv("quant_conv.conv", codes, latent, 3, 1, 1, bias=True),
        *conv("post_quant_conv.conv", latent, codes, 3, 1, 1, bias=True),
    )
    # The first convolutions see every pixel: so many values stand where one code will.
    side = 2**last
    work = Work("conv", side * side * base)
    blocks = [
        Block("vision", "encoder.", tuple(down), work=(work,)),
        Block("vision", "decoder.", tuple(up)),
        Block("vision", "", book),
    ]
    # Emu3ImageProcessor's limits; the row ends it writes between the codes are not counted.
    images = Images(0, 0, side * side * base, patch=side, min_pixels=512 * 512, max_pixels=1024 * 1024)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
