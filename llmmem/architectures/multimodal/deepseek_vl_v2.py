"""DeepSeek-VL2: SigLIP under timm's names, a projector, DeepSeek-V2 with latent attention or without."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import uniform
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, Tensors, linear, norm, scalars
from llmmem.parts.timm import timm_layer, timm_pooling, timm_stem
from llmmem.tensors import Block, ModelSpec


def _tower(c: Config) -> list[Block]:
    """The tower; the head that pools is in the file, although it is not asked.

    Raises:
        UnsupportedArchitectureError: another form than the published models have.
    """
    if c.bool("class_token") or c.str("global_pool", default="map") != "map" or c.int("num_classes", default=0):
        raise UnsupportedArchitectureError(
            "llmmem knows DeepSeek-VL2's tower without a class token and with global_pool map only.",
            "Check vision_config.",
        )
    width = c.int("width", default=1024, least=1)
    heads = c.int("heads", default=16, least=1)
    inner = int(width * c.number("mlp_ratio", default=4))
    patch = c.int("patch_size", default=16, least=1)
    side = c.int("image_size", default=384) // patch
    layer = timm_layer(width, heads, divide(c, "width over heads", width, heads), inner)
    return [
        Block("vision", "", timm_stem(width, patch, side * side)),
        *uniform("vision", "blocks.{}.", c.count("layers", default=24), layer),
        Block("vision", "", norm("norm", width, bias=True)),
        Block("vision", "attn_pool.", timm_pooling(width, inner)),
    ]


def _projector(c: Config) -> Tensors:
    """Squares of neighbouring vectors come in side by side.

    Raises:
        UnsupportedArchitectureError: a projector that no published model has.
    """
    kind = c.str("projector_type", default="downsample_mlp_gelu")
    if kind != "downsample_mlp_gelu" or c.bool("token_pooling"):
        raise UnsupportedArchitectureError(
            f"llmmem does not know the projector {kind[:40]!r} of DeepSeek-VL2.", "Known: downsample_mlp_gelu."
        )
    outputs = c.int("n_embed", default=2048, least=1)
    inner = outputs * c.int("mlp_ratio", default=1, least=1)
    cell = c.int("input_dim", default=1152) * c.int("downsample_ratio", default=2, least=1) ** 2
    middle = range(max(c.count("depth", default=2) - 2, 0))
    return (
        *linear("0", cell, inner, bias=True, cut=COLUMN),
        # Activations stand between the matrices and are counted too.
        *(t for i in middle for t in linear(str(2 * i + 2), inner, inner, bias=True)),
        *linear(str(2 * len(middle) + 2), inner, outputs, bias=True),
    )


def _language(c: Config) -> ModelSpec:
    """DeepseekV2ForCausalLM of this code: without latent attention it is the first DeepSeekMoE."""
    plain = not c.bool("use_mla", default=True)
    spec = build(Config({**c.raw, "model_type": "deepseek" if plain else "deepseek_v2"}, c.path, c.reads), "lm")
    if c.str("topk_method", default="greedy") != "noaux_tc":
        return spec
    correction = scalars("mlp.gate.e_score_correction_bias", c.int("n_routed_experts"))
    return spec._replace(
        blocks=tuple(
            b._replace(tensors=(*b.tensors, *correction)) if any(t.role == "router" for t in b.tensors) else b
            for b in spec.blocks
        )
    )


def deepseek_vl_v2(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekVLV2ForCausalLM (arXiv:2412.10302; code of deepseek-ai/DeepSeek-VL2).

    Raises:
        UnsupportedArchitectureError: tiles marked as no published model marks them.
    """
    if c.str("tile_tag", default="2D") != "2D":
        raise UnsupportedArchitectureError("llmmem knows DeepSeek-VL2 with tile_tag 2D only.", "Check tile_tag.")
    text = _language(c.sub("language_config"))
    tower = _tower(c.sub("vision_config"))
    bridge = c.sub("projector_config")
    marks = bridge.int("n_embed", default=2048)
    others = (
        *(b._replace(prefix=f"vision.{b.prefix}") for b in tower),
        Block("projector", "projector.layers.", _projector(bridge)),
        Block("projector", "", (*scalars("image_newline", marks), *scalars("view_seperator", marks))),
    )
    return multimodal(c, "lm", text, others, text_prefix="language.", head_prefix=None, notes=(NOT_SIZED,))
