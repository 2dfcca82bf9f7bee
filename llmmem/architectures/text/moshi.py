"""Moshi's two transformers: one step per frame of sound, and within it one step per codebook."""

from __future__ import annotations

from llmmem.architectures.base import architecture_of, language_model, model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention, attention_work, kv_cache
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, Work, join

NAMES = ("q_proj.linear", "k_proj.linear", "v_proj.linear", "o_proj.linear")


def _sizes(c: Config, hidden: int, heads: int, inner: int) -> tuple[int, int, int, int, int]:
    """Width, heads, key/value heads, head_dim and the gated width, which stands for two halves."""
    hidden = c.int("hidden_size", default=hidden, least=1)
    heads = c.int("num_attention_heads", default=heads, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    inner = c.int("ffn_dim", default=inner)
    if inner % 2:
        raise ConfigError(f"ffn_dim is {inner:,}, but it should be even.", "Check the config.json.")
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    return hidden, heads, kv_heads, c.int("head_dim", default=0) or hidden // heads, inner


def moshi_text(c: Config, head: str | None = None) -> ModelSpec:
    """MoshiForCausalLM (arXiv:2410.00037; transformers 5.23, models/moshi): the first halves of fc1 gate the others."""
    hidden, heads, kv_heads, head_dim, inner = _sizes(c, 4096, 32, 22528)
    window = c.optional("sliding_window", default=3000)
    cache = "full" if window is None else "sliding"
    feed_forward = Part(
        mlp(("mlp.fc1", "mlp.fc2"), hidden, inner, bias=False).tensors[:1]
        + mlp(("mlp.fc1", "mlp.fc2"), hidden, inner // 2, bias=False).tensors[1:],
        (),
        (Work("mlp", 2 * inner),),
    )
    layer = join(
        norm("input_layernorm", hidden),
        attention("self_attn", hidden, heads, kv_heads, head_dim, names=NAMES, cache=cache, window=window),
        norm("post_attention_layernorm", hidden),
        feed_forward,
    )
    vocab = c.int("vocab_size", default=32000, least=1)
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embed_tokens", vocab + 1, hidden),
        tied=None,
        heads=(),
        max_context=c.int("max_position_embeddings", default=3000),
    )


def moshi_depth(c: Config, head: str | None = None) -> ModelSpec:
    """MoshiDepthDecoder: every codebook has matrices of its own, stacked (transformers 5.23, models/moshi)."""
    if head is not None or architecture_of(c) != "MoshiDepthDecoder":
        no_head(c, head)
    hidden, heads, kv_heads, head_dim, inner = _sizes(c, 1024, 16, 5632)
    books = c.count("num_codebooks", default=8, least=1)
    sound, vocab = c.int("audio_vocab_size", default=2048), c.int("vocab_size", default=32000, least=1)
    window = c.optional("sliding_window", default=8)

    def flexible(name: str, inputs: int, outputs: int) -> Tensor:
        # Bare parameters, not torch.nn.Linear: conversions pass them by.
        return Tensor(f"{name}.weight", (books, outputs, inputs), "scalar")

    if books == 1:
        feed_forward = (Tensor("mlp.fc1.weight", (inner, hidden)), Tensor("mlp.fc2.weight", (hidden, inner // 2)))
    else:
        feed_forward = (flexible("mlp.fc1", hidden, inner), flexible("mlp.fc2", inner // 2, hidden))
    layer = Part(
        (
            *norm("input_layernorm", hidden),
            flexible("self_attn.q_proj.linear", hidden, heads * head_dim),
            flexible("self_attn.k_proj.linear", hidden, kv_heads * head_dim),
            flexible("self_attn.v_proj.linear", hidden, kv_heads * head_dim),
            flexible("self_attn.o_proj.linear", heads * head_dim, hidden),
            *norm("post_attention_layernorm", hidden),
            *feed_forward,
        ),
        (kv_cache("full" if window is None else "sliding", kv_heads, head_dim, window=window),),
        (attention_work(heads, kv_heads, head_dim, window=window), Work("mlp", 2 * inner)),
    )
    tables = tuple(t for i in range(books - 1) for t in embedding(f"embed_tokens.{i}", sound + 1, hidden))
    blocks = [
        Block("language", "", (*embedding("text_embed_tokens", vocab + 1, hidden), *tables)),
        Block("language", "", (flexible("input_projections", c.int("input_size", default=4096), hidden),)),
        *uniform("language", "layers.{}.", c.count("num_hidden_layers", default=6), layer),
        Block("language", "", (flexible("lm_heads", hidden, sound),)),
    ]
    length = c.int("max_position_embeddings", default=9)
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)
