"""XGLM: fairseq's decoder with computed positions, alone."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, join


def xglm(c: Config, head: str | None = None) -> ModelSpec:
    """XGLMForCausalLM (arXiv:2112.10668; transformers 5.23, models/xglm)."""
    hidden = c.int("hidden_size", "d_model", default=1024, least=1)
    heads = c.int("num_attention_heads", "attention_heads", default=16, least=1)
    head_dim = divide(c, "d_model over attention_heads", hidden, heads)

    def attend(name: str, cache: str | None) -> Part:
        return join(
            attention(name, hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, bias=True, out_bias=True, cache=cache),
            norm(f"{name}_layer_norm", hidden, bias=True),
        )

    cross = Part(())
    if c.bool("add_cross_attention"):
        # By itself the decoder skips it: there is no encoder to read.
        read = attend("encoder_attn", "cross")
        cross = read if head == "decoder" else Part(read.tensors)
    layer = join(
        attend("self_attn", "full"),
        cross,
        mlp(("fc1", "fc2"), hidden, c.int("ffn_dim", default=4096)),
        norm("final_layer_norm", hidden, bias=True),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", "num_layers", default=24), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=256008, least=1),
        final=norm("layer_norm", hidden, bias=True),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
