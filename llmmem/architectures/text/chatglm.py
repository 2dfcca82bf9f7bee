"""ChatGLM: the first generation (GLM), and the second, which CodeGeeX2, ChatGLM3 and GLM-4 share."""

from __future__ import annotations

from llmmem.architectures.base import head_of, language_model, uniform
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import buffer, embedding, in_fp32, norm
from llmmem.parts.mlp import fused_gated_mlp, mlp
from llmmem.tensors import ModelSpec, join

#: keys that only the first generation has
_FIRST = ("inner_hidden_size", "position_encoding_2d", "max_sequence_length")


def chatglm(c: Config, head: str | None = None) -> ModelSpec:
    """One of the two formats, by its keys; published files name ChatGLMModel, but the head is in them.

    Raises:
        UnsupportedArchitectureError: a prefix encoder or pictures (GLM-4V), which are not described.
    """
    for key in ("vision_config", "pre_seq_len"):
        if c.get(key):
            raise UnsupportedArchitectureError(f"llmmem does not know the {key} of chatglm models.", "Take it out.")
    kind = head_of(c, head)
    kind = "lm" if head is None and kind == "base" else kind
    spec = (_glm if any(c.has(key) for key in _FIRST) else _chatglm2)(c, kind)
    if c.int("quantization_bit", default=0):
        note = "quantization_bit is the model's own packing of its matrices; weights are counted unpacked"
        spec = spec._replace(notes=(*spec.notes, note))
    return spec


def _glm(c: Config, head: str) -> ModelSpec:
    """ChatGLMForConditionalGeneration (arXiv:2210.02414; code that comes with THUDM/chatglm-6b).

    Its files hold the LayerNorms in fp32: so 13,416,793,856 bytes, as the eight published shards do.
    """
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    inner = c.int("inner_hidden_size", default=16384)
    # Half of a head turns with the position, the other half with the block position.
    rotary = head_dim // 2 if c.bool("position_encoding_2d", default=True) else head_dim
    layer = join(
        in_fp32(norm("input_layernorm", hidden, bias=True)),
        buffer("attention.rotary_emb.inv_freq", -(-rotary // 2)),
        fused_attention(("attention.query_key_value", "attention.dense"), hidden, heads, heads, head_dim, bias=True),
        in_fp32(norm("post_attention_layernorm", hidden, bias=True)),
        mlp(("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"), hidden, inner, act="gelu_new"),
    )
    vocab = c.int("vocab_size", default=150528, least=1)
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_layers", "num_hidden_layers", default=28), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("word_embeddings", vocab, hidden),
        final=in_fp32(norm("final_layernorm", hidden, bias=True)),
        base="transformer.",
        tied=None,
        heads=(),
        max_context=c.int("max_sequence_length", default=2048),
    )


def _chatglm2(c: Config, head: str) -> ModelSpec:
    """ChatGLMForConditionalGeneration (arXiv:2406.12793; code that comes with THUDM/chatglm2-6b and glm-4-9b-chat).

    Reproduces 12,487,168,064 stored bytes (chatglm2-6b) and 9,399,951,392 elements (glm-4-9b-chat).
    """
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    head_dim = c.int("kv_channels", default=128, least=1)
    grouped = c.bool("multi_query_attention")
    kv_heads = c.int("multi_query_group_num", default=1, least=1) if grouped else heads
    bias = c.bool("add_bias_linear")
    shift = not c.bool("rmsnorm", default=True)
    layer = join(
        norm("input_layernorm", hidden, bias=shift),
        fused_attention(
            ("self_attention.query_key_value", "self_attention.dense"),
            hidden,
            heads,
            kv_heads,
            head_dim,
            bias=bias or c.bool("add_qkv_bias"),
            out_bias=bias,
        ),
        norm("post_attention_layernorm", hidden, bias=shift),
        fused_gated_mlp(
            "mlp",
            hidden,
            c.int("ffn_hidden_size", default=13696),
            names=("dense_h_to_4h", "dense_4h_to_h"),
            bias=bias,
        ),
    )
    vocab = c.int("padded_vocab_size", default=65024, least=1)
    return language_model(
        c,
        head,
        uniform("language", "encoder.layers.{}.", c.count("num_layers", default=28), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(
            *embedding("embedding.word_embeddings", vocab, hidden),
            # Half of a head turns with the position.
            *buffer("rotary_pos_emb.inv_freq", -(-(head_dim // 2) // 2)),
        ),
        final=norm("encoder.final_layernorm", hidden, bias=shift) if c.bool("post_layer_norm", default=True) else (),
        base="transformer.",
        tied=None,
        heads=(),
        head_name="transformer.output_layer",
        max_context=c.int("seq_length", default=2048),
    )
