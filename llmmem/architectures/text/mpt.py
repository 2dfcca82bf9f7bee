"""MPT: no biases anywhere, ALiBi instead of positions."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join, runs


def mpt(c: Config, head: str | None = None) -> ModelSpec:
    """MptForCausalLM (transformers 5.23, models/mpt).

    The class builds neither biases nor q/k norms nor another width than four times hidden_size, whatever no_bias,
    attn_config.qk_ln and expansion_ratio say.
    """
    hidden = c.int("hidden_size", "d_model", default=2048, least=1)
    heads = c.int("num_attention_heads", "n_heads", default=16, least=1)
    head_dim = divide(c, "d_model over n_heads", hidden, heads)
    vocab = c.int("vocab_size", default=50368, least=1)
    attends = fused_attention(("attn.Wqkv", "attn.out_proj"), hidden, heads, heads, head_dim, biased=True, rotary=False)
    layer = join(
        norm("norm_1", hidden),
        runs(attends, keeps=True),
        norm("norm_2", hidden),
        runs(mlp(("ffn.up_proj", "ffn.down_proj"), hidden, 4 * hidden, bias=False), keeps=True),
    )
    return language_model(
        c,
        head,
        uniform("language", "blocks.{}.", c.count("num_hidden_layers", "n_layers", default=24), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("wte", vocab, hidden),
        final=norm("norm_f", hidden),
        base="transformer.",
        tied=True,
        token_head="classifier",
        max_context=c.int("max_seq_len", default=2048),
    )


def mosaic_gpt(c: Config, head: str | None = None) -> ModelSpec:
    """MosaicGPT, the first form of MPT (code that comes with mosaicml/mpt-1b-redpajama-200b).

    Raises:
        UnsupportedArchitectureError: biases or learned positions, which the published models do not have.
    """
    if not (c.bool("no_bias") and c.bool("alibi")):
        raise UnsupportedArchitectureError(
            "llmmem knows mosaic_gpt models without biases and with ALiBi only.", "Check no_bias and alibi."
        )
    hidden = c.int("d_model", default=2048, least=1)
    heads = c.int("n_heads", default=16, least=1)
    head_dim = divide(c, "d_model over n_heads", hidden, heads)
    vocab = c.int("vocab_size", default=50368, least=1)
    normed = c.bool("attn_qk_ln")
    attends = fused_attention(("attn.Wqkv", "attn.out_proj"), hidden, heads, heads, head_dim, biased=True, rotary=False)
    layer = join(
        norm("ln_1", hidden),
        runs(attends, keeps=True),
        (*norm("attn.q_ln", hidden), *norm("attn.k_ln", hidden)) if normed else (),
        norm("ln_2", hidden),
        mlp(("mlp.mlp_up", "mlp.mlp_down"), hidden, c.int("mlp_ratio", default=4) * hidden, bias=False),
    )
    return language_model(
        c,
        head,
        uniform("language", "blocks.{}.", c.count("n_layers", default=24), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("wte", vocab, hidden),
        final=norm("ln_f", hidden),
        base="transformer.",
        tied=True,
        heads=(),
        max_context=c.int("max_seq_len", default=2048),
    )
