"""Segment Anything: an image encoder, what encodes points, boxes and masks, and a decoder of masks."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import model_spec, no_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config, divide
from llmmem.parts.basic import COLUMN, ROW, Tensors, conv, linear, norm, positions, scalars
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec


def _attend(name: str, hidden: int, inner: int) -> Tensors:
    """Few tokens and the picture read one another; the work is small beside the encoder's."""
    projections = (linear(f"{name}.{n}_proj", hidden, inner, bias=True, cut=COLUMN) for n in "qkv")
    return (*(t for p in projections for t in p), *linear(f"{name}.out_proj", inner, hidden, bias=True, cut=ROW))


def _head(name: str, inputs: int, inner: int, outputs: int, depth: int) -> Tensors:
    return (
        *linear(f"{name}.proj_in", inputs, inner, bias=True),
        *(t for i in range(depth - 2) for t in linear(f"{name}.layers.{i}", inner, inner, bias=True)),
        *linear(f"{name}.proj_out", inner, outputs, bias=True),
    )


def _decoder(c: Config) -> list[Block]:
    hidden = c.int("hidden_size", default=256, least=1)
    inner = hidden // c.int("attention_downsample_rate", default=2, least=1)
    divide(c, "hidden_size over num_attention_heads", inner, c.int("num_attention_heads", default=8, least=1))
    masks = c.count("num_multimask_outputs", default=3) + 1
    layer = (
        *_attend("self_attn", hidden, hidden),
        # In the layers attention is half as wide, whatever the rate says.
        *_attend("cross_attn_token_to_image", hidden, hidden // 2),
        *_attend("cross_attn_image_to_token", hidden, hidden // 2),
        *mlp(("mlp.lin1", "mlp.lin2"), hidden, c.int("mlp_dim", default=2048)).tensors,
        *(t for i in range(1, 5) for t in norm(f"layer_norm{i}", hidden, bias=True)),
    )
    rest = (
        *positions("iou_token", 1, hidden),
        *positions("mask_tokens", masks, hidden),
        *_attend("transformer.final_attn_token_to_image", hidden, inner),
        *norm("transformer.layer_norm_final_attn", hidden, bias=True),
        *conv_transpose("upscale_conv1", hidden, hidden // 4, 2, 2),
        *conv_transpose("upscale_conv2", hidden // 4, hidden // 8, 2, 2),
        *norm("upscale_layer_norm", hidden // 4, bias=True),
        *_head(
            "iou_prediction_head",
            hidden,
            c.int("iou_head_hidden_dim", default=256),
            masks,
            c.count("iou_head_depth", default=3),
        ),
    )
    each = _head("", hidden, hidden, hidden // 8, 3)
    each = tuple(t._replace(name=t.name.removeprefix(".")) for t in each)
    layers = range(c.count("num_hidden_layers", default=2))
    return [
        *((Block("decoder", "mask_decoder.transformer.layers.{}.", layer, layers),) if layers else ()),
        Block("decoder", "mask_decoder.", rest),
        Block("decoder", "mask_decoder.output_hypernetworks_mlps.{}.", each, range(masks)),
    ]


def _prompts(c: Config) -> list[Block]:
    hidden, channels = c.int("hidden_size", default=256, least=1), c.int("mask_input_channels", default=16)
    points = range(c.count("num_point_embeddings", default=4))
    masks = (
        *conv("conv1", channels // 4, 1, 2, 2, bias=True),
        *conv("conv2", channels, channels // 4, 2, 2, bias=True),
        *conv("conv3", hidden, channels, 1, 1, bias=True),
        *norm("layer_norm1", channels // 4, bias=True),
        *norm("layer_norm2", channels // 4 * 4, bias=True),
    )
    others = (*positions("no_mask_embed", 1, hidden), *positions("not_a_point_embed", 1, hidden))
    point = tuple(t._replace(name="weight") for t in positions("", 1, hidden))
    return [
        Block("prompt", "prompt_encoder.mask_embed.", masks),
        Block("prompt", "prompt_encoder.", others),
        *((Block("prompt", "prompt_encoder.point_embed.{}.", point, points),) if points else ()),
    ]


def sam(c: Config, head: str | None = None) -> ModelSpec:
    """SamModel (arXiv:2304.02643; transformers 5.23, models/sam)."""
    no_head(c, head)
    vision = typed(c, "vision_config", "sam_vision_model")
    tower = build(vision, "base")
    name, alias = "shared_image_embedding.positional_embedding", "prompt_encoder.shared_embedding.positional_embedding"
    tied = c.bool("tie_word_embeddings", default=True)
    places = vision.int("num_pos_feats", default=128)
    shared = tuple(t for n in ((name,) if tied else (name, alias)) for t in scalars(n, 2, places))
    blocks = [
        Block("vision", "", shared),
        *tower.blocks,
        *_prompts(typed(c, "prompt_encoder_config", "sam_prompt_encoder")),
        *_decoder(typed(c, "mask_decoder_config", "sam_mask_decoder")),
    ]
    spec = model_spec(c, blocks, hidden=tower.hidden_size, tied=((alias, name),) if tied else ())
    return spec._replace(images=tower.images)
