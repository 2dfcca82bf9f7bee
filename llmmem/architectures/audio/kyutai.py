"""Kyutai's speech to text: Moshi's decoder over the codes of what it hears."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import blocks_by_kind, head_of, head_width, language_model, layer_windows
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, embedding, linear, norm
from llmmem.tensors import ModelSpec, Part, Work, join

NAMES = ("q_proj.linear", "k_proj.linear", "v_proj.linear", "o_proj.linear")


def kyutai_speech_to_text(c: Config, head: str | None = None) -> ModelSpec:
    """KyutaiSpeechToTextForConditionalGeneration and its base model (transformers 5.23)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    inner = c.int("ffn_dim", default=11264)
    half = divide(c, "ffn_dim over value and gate", inner, 2)
    feed = Part(
        (*linear("mlp.fc1", hidden, inner, cut=COLUMN), *linear("mlp.fc2", half, hidden, cut=ROW)),
        (),
        (Work("mlp", 2 * inner),),
    )

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention("self_attn", hidden, heads, kv_heads, head_dim, names=NAMES, cache=cache, window=window),
            norm("post_attention_layernorm", hidden),
            feed,
        )

    vocab = c.int("vocab_size", default=4001)
    # Words, the codes of every codebook, and one for what is not there.
    rows = vocab + c.int("num_codebooks", default=32) * c.int("codebook_vocab_size", default=2049) + 1
    windows = layer_windows(c, c.count("num_hidden_layers", default=48), c.optional("sliding_window", default=375))
    spec = language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embed_tokens.embed_tokens", rows, hidden),
        heads=(),
        max_context=c.int("max_position_embeddings", default=750),
    )
    if head_of(c, head) == "base":
        return spec
    codec = build(c.sub("codec_config", model_type="mimi"), "base")
    own = (b._replace(caches=()) for b in codec.placed("codec_model.", "audio"))
    return spec._replace(blocks=(*spec.blocks, *own))
