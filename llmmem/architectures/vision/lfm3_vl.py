"""LFM3-VL's vision tower: convolutions over the grid of patches, and attention in some layers."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, model_spec, no_head
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, Work, join


def lfm3_vl_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Lfm3VlVisionModel (transformers 5.23, models/lfm3_vl), under the names it stores."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    n = c.count("num_hidden_layers", default=14)
    default = ["conv" if i < 2 or i % 2 else "full_attention" for i in range(n)]
    kinds = c.each_layer("layer_types", layers=n) or default
    norms = (*norm("q_layernorm", head_dim), *norm("k_layernorm", head_dim))
    attend = attention(
        "self_attn",
        hidden,
        heads,
        kv_heads,
        head_dim,
        names=("q_proj", "k_proj", "v_proj", "out_proj"),
        extra=norms,
        cache=None,
    )
    mlp = gated_mlp("feed_forward", hidden, c.int("intermediate_size", default=2560), names=("w1", "w3", "w2"))
    mix = _spatial_conv("conv", hidden, c.int("conv_kernel_size", default=3, least=1))

    def layer(convolves: bool) -> Part:
        return join(mix if convolves else attend, mlp, norm("operator_norm", hidden), norm("ffn_norm", hidden))

    high, wide = c.pair("patch_size", default=16, least=1)
    frames = c.int("temporal_patch_size", default=2, least=1)
    stem = (
        *linear("patchifier", c.int("in_channels", default=3) * frames * high * wide, hidden),
        *norm("embedding_norm", hidden),
    )
    blocks = [
        Block("vision", "", stem),
        # Whatever is not called a convolution attends.
        *blocks_by_kind("vision", "layers.{}.", [kind == "conv" for kind in kinds], layer),
    ]
    return model_spec(c, blocks, hidden=hidden)


def _spatial_conv(name: str, hidden: int, kernel: int) -> Part:
    """Two gates and an input from one matrix, a depthwise convolution between the gates, and a matrix out."""
    tensors = (
        *linear(f"{name}.in_proj", hidden, 3 * hidden, cut=COLUMN, unit=3),
        *conv(f"{name}.spatial_conv", hidden, 1, kernel, kernel, shard=0),
        *linear(f"{name}.out_proj", hidden, hidden, cut=ROW),
    )
    return Part(tensors, (), (Work("conv", 6 * hidden),))
