"""EXAONE 3.0 and 3.5: Llama under GPT-2's names."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, join


def exaone(c: Config, head: str | None = None) -> ModelSpec:
    """ExaoneForCausalLM (arXiv:2408.03541; code that comes with LGAI-EXAONE/EXAONE-3.0-7.8B-Instruct).

    Reproduces the 7,818,448,896 parameters of the 7.8B.
    """
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    layer = join(
        norm("ln_1", hidden),
        attention(
            "attn.attention", hidden, heads, kv_heads, head_dim, names=("q_proj", "k_proj", "v_proj", "out_proj")
        ),
        norm("ln_2", hidden),
        gated_mlp(
            "mlp", hidden, c.int("intermediate_size", default=0) or 4 * hidden, names=("c_fc_0", "c_fc_1", "c_proj")
        ),
    )
    vocab = c.int("vocab_size", default=102400, least=1)
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("num_layers", "num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("wte", vocab, hidden),
        final=norm("ln_f", hidden),
        base="transformer.",
        tied=True,
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )
