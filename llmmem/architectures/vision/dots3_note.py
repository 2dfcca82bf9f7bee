"""The vision tower of dots 3 note: dense layers first, then ever more experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, model_spec, no_head
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config, divide
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, ROW, buffer, conv, linear, norm
from llmmem.parts.mlp import experts, gated_mlp
from llmmem.tensors import Block, Images, ModelSpec, Part, Tensor, Work, join

#: pixels of a picture, as Qwen2-VL's image processor bounds them by default
MIN_PIXELS, MAX_PIXELS = 56 * 56, 28 * 28 * 1280
#: gate, up, down
_NAMES = ("fc1", "fc3", "fc2")


def _counts(c: Config, layers: int) -> list[int]:
    """Experts of every layer, 0 in dense ones: one list in older configs, kinds and exceptions since."""
    usual = c.int("num_local_experts", default=64)
    pyramid = c.ints("pyramid_num_routed", least=-1)
    if pyramid is None and c.list("mlp_layer_types") is None:
        pyramid = [*[-1] * 25, *range(4, 65, 4), 64]
    if pyramid is None:
        kinds = layer_kinds(c, "mlp_layer_types", known=("dense", "sparse"), layers=layers)
        own: dict[int, int] = {}
    else:
        if len(pyramid) < layers:
            raise ConfigError(
                f"The numbers of experts end after {len(pyramid)} of {layers} layers.", "Give mlp_layer_types."
            )
        kinds = ["sparse" if count > 0 else "dense" for count in pyramid[:layers]]
        own = dict(enumerate(pyramid))
    if c.has("per_layer_config"):
        given = c.sub("per_layer_config")
        own = {}
        for key in given.raw:
            layer = given.sub(key)
            layer.get("num_experts_per_tok")
            if not {"num_local_experts", "num_experts_per_tok"}.issuperset(layer.raw) or not key.isdecimal():
                raise UnsupportedArchitectureError(
                    "per_layer_config changes more than the number of experts.", "llmmem follows num_local_experts."
                )
            own[int(key)] = layer.int("num_local_experts", default=usual)
    return [own.get(i, usual) if kind == "sparse" else 0 for i, kind in enumerate(kinds)]


def dots3_note_vision_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """Dots3NoteVisionModel (transformers 5.23, models/dots3_note)."""
    no_head(c, head)
    hidden = c.int("embed_dim", "hidden_size", default=1536, least=1)
    heads = c.int("num_heads", "num_attention_heads", default=24, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    bias = c.bool("use_bias", "attention_bias")
    inner = c.int("moe_intermediate_size", default=2112)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=4224), bias=c.bool("mlp_bias"), names=_NAMES)
    top_k = c.int("num_experts_per_tok", "capacity_factor", default=2)
    patch = c.int("patch_size", default=14, least=1)
    merge = c.int("adapter_merge_size", "spatial_merge_size", default=2, least=1)

    attends = join(
        norm("norm_1", hidden),
        fused_attention(("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=bias, cache=None),
        norm("attn.q_norm", head_dim),
        norm("attn.k_norm", head_dim),
        norm("norm_2", hidden),
    )
    expert = experts("mlp.experts", hidden, inner, 1, top_k, names=_NAMES)

    def layer(count: int) -> Part:
        if not count:
            return join(attends, dense)
        # Nearly every layer has another number of them.
        return join(
            attends,
            (Tensor("mlp.gate_weight", (count, hidden), "router"),),
            buffer("mlp.router_bias", count, dtype="fp32"),
            expert._replace(tensors=tuple(t._replace(copies=count) for t in expert.tensors)),
        )

    width = c.int("adapter_in_dim", default=1536)
    cell = width * merge**2
    adapter = (
        *norm("ln_q", width, bias=True),
        *linear("mlp.0", cell, cell, bias=True, cut=COLUMN),
        *linear("mlp.2", cell, c.int("adapter_out_dim", default=5120), bias=True, cut=ROW),
    )
    stem = (
        *conv("proj", hidden, c.int("num_channels", default=3), patch, patch, bias=True),
        *norm("norm", hidden),
    )
    counts = _counts(c, c.count("num_hidden_layers", default=42))
    blocks = [
        Block("vision", "patch_embed.", stem),
        *blocks_by_kind("vision", "blocks.{}.", counts, layer),
        Block("vision", "", norm("post_trunk_norm", hidden)),
        # One cell of merge x merge patches passes as one token.
        Block("vision", "adapter.", adapter, work=(Work("mlp", 2 * width),)),
    ]
    images = Images(0, 0, hidden, patch=patch, merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
