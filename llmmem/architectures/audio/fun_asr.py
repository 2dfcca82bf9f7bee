"""Fun-ASR's encoder: attention with a memory of neighbouring frames (SAN-M, arXiv:2006.01713)."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, model_spec, no_head
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import conv, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, join


def memory_layer(
    hidden: int, heads: int, head_dim: int, intermediate: int, *, inputs: int, kernel: int = 0, last: bool = False
) -> Part:
    """A pre-norm layer; every head sees what a depthwise convolution over the values adds.

    Args:
        inputs: width of what it reads (the first layer reads features).
        kernel: of that convolution; 0: there is none.
        last: a norm ends it.
    """
    names = ("q_proj", "k_proj", "v_proj", "o_proj")
    attends = attention(
        "self_attn",
        inputs,
        heads,
        heads,
        head_dim,
        names=names,
        bias=True,
        out_bias=True,
        output=hidden,
        extra=conv("fsmn.conv", hidden, 1, kernel) if kernel else (),
        cache=None,
    )
    return join(
        norm("input_layernorm", inputs, bias=True),
        attends,
        norm("post_attention_layernorm", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, intermediate),
        norm("final_layernorm", hidden, bias=True) if last else (),
    )


def fun_asr_nano_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """FunAsrNanoEncoder (arXiv:2509.12508; transformers 5.23, models/fun_asr_nano)."""
    no_head(c, head)
    hidden, heads = c.int("hidden_size", default=512, least=1), c.int("num_attention_heads", default=4, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=2048)
    kernel = c.int("fsmn_kernel_size", default=11, least=1)
    features = c.int("num_mel_bins", default=80) * c.int("num_stacked_frames", default=7)
    layers = c.count("num_hidden_layers", default=70)
    ends = {layers - c.int("num_timestamp_prediction_layers", default=20) - 1, layers - 1}

    def layer(first: bool, last: bool) -> Part:
        inputs = features if first else hidden
        return memory_layer(hidden, heads, head_dim, intermediate, inputs=inputs, kernel=kernel, last=last)

    kinds = [(i == 0, i in ends) for i in range(layers)]
    return model_spec(c, blocks_by_kind("audio", "layers.{}.", kinds, layer), hidden=hidden)
