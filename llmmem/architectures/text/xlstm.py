"""xLSTM with matrix memories only (xLSTM 7B)."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config
from llmmem.parts.basic import embedding, norm
from llmmem.parts.xlstm import mlstm_layer, xlstm_feed_forward
from llmmem.tensors import Block, ModelSpec, join


def _rounded(width: float, multiple: int) -> int:
    """The next multiple, as the configuration class rounds: not only whole numbers."""
    return int(((width + multiple - 1) // multiple) * multiple)


def xlstm(c: Config, head: str | None = None) -> ModelSpec:
    """xLSTMForCausalLM (arXiv:2503.13427; transformers 5.23, models/xlstm)."""
    hidden = c.int("hidden_size", default=4096)
    width = c.int("embedding_dim", default=hidden)
    heads = c.int("num_heads", default=8, least=1)
    qk, value = hidden * c.number("qk_dim_factor", default=0.5), hidden * c.number("v_dim_factor", default=1.0)
    bias, fused = c.bool("use_bias"), c.str("weight_mode", default="single") == "fused"
    up = hidden * c.number("ffn_proj_factor", default=2.667)
    layer = join(
        norm("norm_mlstm", hidden, bias=bias),
        mlstm_layer(
            "mlstm_layer",
            hidden,
            heads,
            int(qk),
            int(value),
            bias=bias,
            fused=fused,
            memory=(_rounded(qk, 64) // heads, _rounded(value, 64) // heads),
        ),
        norm("norm_ffn", hidden, bias=bias),
        xlstm_feed_forward(
            "ffn",
            hidden,
            _rounded(up, c.int("ffn_round_up_to_multiple_of", default=64, least=1)),
            bias=bias,
            fused=fused,
        ),
    )
    n = c.count("num_hidden_layers", default=32)
    blocks = c.count("num_blocks", default=n)
    vocab = c.int("vocab_size", default=50304, least=1)
    # Blocks are built by one count, memories by the other.
    layers = (
        *uniform("language", "blocks.{}.", blocks, layer._replace(caches=())),
        Block("language", "blocks.{}.", (), range(n), layer.caches),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embeddings", vocab, width),
        final=norm("out_norm", hidden),
        base="backbone.",
        tied=None,
        heads=(),
    )
