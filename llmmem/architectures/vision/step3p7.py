"""Step 3.7's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import conv, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Tensor, join


def step3p5_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Step3p7VisionModel: two convolutions follow its layers (transformers 5.23, models/step3p7)."""
    no_head(c, head)
    # The original file's names win.
    hidden = c.int("width", "hidden_size", default=1536, least=1)
    heads = c.int("heads", "num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    grid = fixed_grid(c, image=728, patch=14)
    intermediate = int(hidden * c.number("mlp_ratio", default=8960 / 1536))
    names = ("attn.in_proj", "attn.out_proj")
    layer = join(
        scalars("ls_1.gamma", hidden),
        scalars("ls_2.gamma", hidden),
        norm("ln_1", hidden, bias=True),
        fused_attention(names, hidden, heads, heads, head_dim, bias=True, cache=None),
        norm("ln_2", hidden, bias=True),
        mlp(("mlp.c_fc", "mlp.c_proj"), hidden, intermediate),
    )
    # The file names the fused matrix as torch.nn.MultiheadAttention does.
    layer = layer._replace(
        tensors=tuple(t._replace(name=t.name.replace("in_proj.", "in_proj_")) for t in layer.tensors)
    )
    stem = (
        *conv("conv1", hidden, c.int("num_channels", default=3), *grid.patch),
        Tensor("positional_embedding", (grid.patches, hidden), "position"),
        *norm("ln_pre", hidden, bias=True),
    )
    last = (
        *conv("vit_downsampler1", 2 * hidden, hidden, 3, 3, bias=True),
        *conv("vit_downsampler2", 4 * hidden, 2 * hidden, 3, 3, bias=True),
    )
    blocks = [
        Block("vision", "", stem),
        *uniform("vision", "transformer.resblocks.{}.", c.count("layers", "num_hidden_layers", default=47), layer),
        Block("vision", "", last),
    ]
    return model_spec(c, blocks, hidden=hidden)
