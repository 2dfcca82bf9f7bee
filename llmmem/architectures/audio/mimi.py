"""Mimi, the codec of Moshi."""

from __future__ import annotations

from llmmem.architectures.audio.mimi_halves import decoder_half, encoder_half
from llmmem.architectures.base import model_spec, no_head
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import buffer, conv
from llmmem.tensors import Block, ModelSpec


def mimi(c: Config, head: str | None = None) -> ModelSpec:
    """MimiModel (arXiv:2410.00037; transformers 5.23, models/mimi); either half may be left out by a null config."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=512, least=1)
    blocks: list[Block] = []
    for half, make in (("encoder_config", encoder_half), ("decoder_config", decoder_half)):
        if not c.has(half) or c.get(half) is not None:
            blocks += make(c)
    size, width = c.int("codebook_size", default=2048, least=1), c.int("codebook_dim", default=256, null=hidden)
    semantic, count = c.int("num_semantic_quantizers", default=1), c.int("num_quantizers", default=32)
    if semantic >= count or size & (size - 1):
        raise ConfigError(
            f"A Mimi codec of {count} quantizers, {semantic} of them semantic, with {size:,} entries each.",
            "There should be more quantizers than semantic ones, and the entries should be a power of 2.",
        )
    inner = c.int("vector_quantization_hidden_dimension", default=256)
    book = (*buffer("initialized", 1), *buffer("cluster_usage", size), *buffer("embed_sum", size, width))
    for kind, n in (("semantic", semantic), ("acoustic", count - semantic)):
        prefix = f"quantizer.{kind}_residual_vector_quantizer."
        if inner != hidden:
            around = (*conv("input_proj", inner, hidden, 1), *conv("output_proj", hidden, inner, 1))
            blocks.append(Block("audio", prefix, around))
        blocks.append(Block("audio", prefix + "layers.{}.codebook.", book, range(n)))
    return model_spec(c, blocks, hidden=hidden)
