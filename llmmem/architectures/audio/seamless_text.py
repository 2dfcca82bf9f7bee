"""The stacks of Seamless M4T that read and write texts and units."""

from __future__ import annotations

from llmmem.architectures.audio.seamless_vocoder import variance_predictor
from llmmem.architectures.base import uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import conv, embedding, norm, scalars
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Part, join


def seamless_attention(c: Config, name: str, side: str, hidden: int, cache: str | None) -> Part:
    """Attention and its norm, from the keys named after ``side``."""
    general = ("num_attention_heads",) if side == "decoder" else ()
    heads = c.int(*general, f"{side}_attention_heads", default=16, least=1)
    head_dim = divide(c, f"hidden_size over {side}_attention_heads", hidden, heads)
    return join(
        attention(name, hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, bias=True, out_bias=True, cache=cache),
        norm(f"{name}_layer_norm", hidden, bias=True),
    )


def seamless_stack(c: Config, component: str, prefix: str, side: str, hidden: int, layers: int) -> list[Block]:
    """A stack of fairseq's line, from the keys named after ``side``; a "decoder" reads an encoder."""
    writes = side.endswith("decoder")
    layer = join(
        seamless_attention(c, "self_attn", side, hidden, "full" if writes and component == "decoder" else None),
        seamless_attention(c, "cross_attention", side, hidden, "cross" if component == "decoder" else None)
        if writes
        else (),
        mlp(("ffn.fc1", "ffn.fc2"), hidden, c.int(f"{side}_ffn_dim", default=8192)),
        norm("ffn_layer_norm", hidden, bias=True),
    )
    general = ("num_hidden_layers",) if side == "decoder" else ()
    n = c.count(*general, f"{side}_layers", default=layers)
    return [
        *uniform(component, f"{prefix}layers.{{}}.", n, layer),
        Block(component, prefix, norm("layer_norm", hidden, bias=True)),
    ]


def unit_decoder_v2(c: Config, hidden: int) -> list[Block]:
    """The decoder that writes all units at once: what a token sounds like is known beforehand, so it keeps nothing."""
    stem = (
        *embedding("embed_tokens", c.int("t2u_vocab_size", default=10082), hidden),
        *embedding("embed_char", c.int("char_vocab_size", default=10943), hidden),
        *scalars("pos_emb_alpha_char", 1),
        *scalars("pos_emb_alpha", 1),
        *variance_predictor(
            "duration_predictor",
            c.int("t2u_variance_predictor_embed_dim", default=1024),
            c.int("t2u_variance_predictor_hidden_dim", default=256),
            c.int("t2u_variance_predictor_kernel_size", default=3),
        ),
    )
    layer = join(
        seamless_attention(c, "self_attn", "t2u_decoder", hidden, None),
        conv("conv1", hidden, hidden, 7, bias=True),
        conv("conv2", hidden, hidden, 7, bias=True),
        norm("conv_layer_norm", hidden, bias=True),
    )
    return [
        Block("units", "", stem),
        *uniform("units", "layers.{}.", c.count("t2u_decoder_layers", default=6), layer),
        Block("units", "", norm("layer_norm", hidden, bias=True)),
    ]
