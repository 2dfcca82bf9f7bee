"""The layer of wav2vec 2.0."""

from __future__ import annotations

from llmmem.architectures.audio.speech_tower import Shape
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import Part, join


def wav2vec2_layer(c: Config, shape: Shape, *, extra: Tensors = (), biased: bool = False, adapts: bool = True) -> Part:
    """A layer, with an adapter to a language where norms stand before its parts.

    Args:
        extra: further parameters of the attention.
        biased: positions are a bias on the scores.
        adapts: whether the family has such adapters.
    """
    hidden, heads = shape.hidden, shape.heads
    rank = c.optional("adapter_attn_dim") if adapts and c.bool("do_stable_layer_norm") else None
    own: Part | Tensors = ()
    if rank is not None:
        small = mlp(("adapter_layer.linear_1", "adapter_layer.linear_2"), hidden, rank)
        own = join(norm("adapter_layer.norm", hidden, bias=True), small)
    return join(
        attention(
            "attention",
            hidden,
            heads,
            heads,
            divide(c, "hidden_size over num_attention_heads", hidden, heads),
            names=FAIRSEQ_QKVO,
            bias=True,
            out_bias=True,
            extra=extra,
            cache=None,
            biased=biased,
        ),
        norm("layer_norm", hidden, bias=True),
        mlp(
            ("feed_forward.intermediate_dense", "feed_forward.output_dense"),
            hidden,
            c.int("intermediate_size", default=3072),
        ),
        norm("final_layer_norm", hidden, bias=True),
        own,
    )
