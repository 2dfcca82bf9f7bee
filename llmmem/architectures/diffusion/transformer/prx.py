"""PRX: a stream of pictures that reads the text beside itself."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec


def _embedder(name: str, width: int) -> Tensors:
    return (*dense(f"{name}.in_layer", 256, width), *dense(f"{name}.out_layer", width, width))


def prx(c: Config, head: str | None = None) -> ModelSpec:
    """PRXTransformer2DModel (diffusers 0.42, models/transformers/transformer_prx.py)."""
    width = c.int("hidden_size", default=1792, least=1)
    one = divide(c, "hidden_size over num_heads", width, c.int("num_heads", default=28, least=1))
    inner, slim = int(width * c.number("mlp_ratio", default=3.5)), c.optional("bottleneck_size")
    pixels = c.int("in_channels", default=16, least=1) * c.int("patch_size", default=2, least=1) ** 2
    block = (
        *dense("attention.img_qkv_proj", width, 3 * width, False),
        *(t for n in ("norm_q", "norm_k", "norm_added_k") for t in norm(f"attention.{n}", one)),
        *dense("attention.txt_kv_proj", width, 2 * width, False),
        *dense("attention.to_out.0", width, width, False),
        *(*dense("gate_proj", width, inner, False), *dense("up_proj", width, inner, False)),
        *dense("down_proj", inner, width, False),
        *dense("modulation.lin", width, 6 * width),
    )
    narrow = () if slim is None else (*dense("img_in.0", pixels, slim), *dense("img_in.1", slim, width))
    return component(
        c,
        "transformer",
        dense("img_in", pixels, width) if slim is None else narrow,
        _embedder("time_in", width),
        dense("txt_in", c.int("context_in_dim", default=2304, least=1), width),
        _embedder("resolution_embedder.mlp", width) if c.bool("resolution_embeds") else (),
        layers("blocks", c.count("depth", default=16), block),
        dense("final_layer.linear", width, pixels),
        dense("final_layer.adaLN_modulation.1", width, 2 * width),
        hidden=width,
    )
