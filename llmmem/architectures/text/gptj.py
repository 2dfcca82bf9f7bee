"""GPT-J and CodeGen: attention and MLP side by side behind one norm, a bias even on the head."""

from __future__ import annotations

from llmmem.architectures.base import labels, language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention, fused_attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, join, runs


def _model(
    c: Config, head: str | None, hidden: int, attends: Part, *, heads: tuple[str, ...] = (), qa_outputs: int = 2
) -> ModelSpec:
    vocab = c.int("vocab_size", default=50400, least=1)
    feed_forward = mlp(
        ("mlp.fc_in", "mlp.fc_out"),
        hidden,
        c.int("n_inner", default=4 * hidden),
        act=c.str("activation_function", default="gelu_new"),
    )
    # Scores are fp32 from the start.
    attends, feed_forward = runs(attends, scores=(0, 2), keeps=True), runs(feed_forward, keeps=True)
    layer = join(norm("ln_1", hidden, bias=True), attends, feed_forward)
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("num_hidden_layers", "n_layer", default=28), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("wte", vocab, hidden),
        final=norm("ln_f", hidden, bias=True),
        base="transformer.",
        head_bias=True,
        heads=heads,
        qa_outputs=qa_outputs,
        max_context=c.int("max_position_embeddings", "n_positions", default=2048),
    )


def _sizes(c: Config) -> tuple[int, int, int]:
    """hidden_size, heads and head_dim; the general spellings win over their own (attribute_map)."""
    hidden = c.int("hidden_size", "n_embd", default=4096, least=1)
    heads = c.int("num_attention_heads", "n_head", default=16, least=1)
    return hidden, heads, divide(c, "n_embd over n_head", hidden, heads)


def gptj(c: Config, head: str | None = None) -> ModelSpec:
    """GPTJForCausalLM (transformers 5.23, models/gptj), whose attention has no fused kernel."""
    hidden, heads, head_dim = _sizes(c)
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    attends = attention("attn", hidden, heads, heads, head_dim, names=names, biased=True)
    # q and k before and after their rotation, and both in fp32
    attends = runs(attends, beside=6 * hidden)
    return _model(c, head, hidden, attends, heads=("sequence", "qa"), qa_outputs=labels(c))


def codegen(c: Config, head: str | None = None) -> ModelSpec:
    """CodeGenForCausalLM (arXiv:2203.13474; transformers 5.23, models/codegen), whose attention has no fused kernel."""
    hidden, heads, head_dim = _sizes(c)
    attends = fused_attention(("attn.qkv_proj", "attn.out_proj"), hidden, heads, heads, head_dim, biased=True)
    return _model(c, head, hidden, attends)
