"""Qwen-Audio's tower: Whisper's encoder under OpenAI's own names, and a projection to the language model."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, buffer, conv, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, join


def audio_encoder(c: Config) -> tuple[list[Block], int]:
    """AudioEncoder (arXiv:2311.07919; audio.py, which comes with Qwen/Qwen-Audio), under ``audio.``, and its length."""
    width, heads = c.int("n_state", least=1), c.int("n_head", least=1)
    frames, output = c.int("n_ctx"), c.int("output_dim", default=512)
    layer = join(
        attention(
            "attn",
            width,
            heads,
            heads,
            divide(c, "n_state over n_head", width, heads),
            names=("query", "key", "value", "out"),
            bias=(True, False, True),
            out_bias=True,
            cache=None,
        ),
        norm("attn_ln", width, bias=True),
        mlp(("mlp.0", "mlp.2"), width, 4 * width),
        norm("mlp_ln", width, bias=True),
    )
    stem: Tensors = (
        *conv("conv1", width, c.int("n_mels"), 3, bias=True),
        *conv("conv2", width, width, 3, bias=True),
        *buffer("positional_embedding", frames, width),
    )
    marks = c.bool("add_audio_bos_eos_token", default=True)
    blocks = [
        Block("audio", "audio.", stem),
        *uniform("audio", "audio.blocks.{}.", c.count("n_layer"), layer),
        Block("audio", "audio.", norm("ln_post", width, bias=True)),
        Block("projector", "audio.", linear("proj", width, output, bias=True, cut=COLUMN)),
        Block("projector", "audio.", positions("audio_bos_eos_token", 2, output) if marks else ()),
    ]
    return blocks, frames
