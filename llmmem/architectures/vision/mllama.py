"""The vision tower of Llama 3.2 Vision: pictures in up to four tiles, which see one another."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import conv, norm, positions, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Tensor, join

RATIOS = 8


def mllama_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """MllamaVisionModel (arXiv:2407.21783; transformers 5.23, models/mllama)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1280, least=1)
    # The general name is an alias that wins over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "attention_heads", default=16, least=1)
    image, patch = c.int("image_size", default=448), c.int("patch_size", default=14, least=1)
    tiles = c.int("max_num_tiles", default=4)
    patches = (image // patch) ** 2 + 1  # and the class token
    ratios = c.list("supported_aspect_ratios")
    rows = (RATIOS if ratios is None else len(ratios)) + 1  # and none
    layer = join(
        norm("input_layernorm", hidden, bias=True),
        attention("self_attn", hidden, heads, heads, hidden // heads, cache=None),
        norm("post_attention_layernorm", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=5120)),
    )
    gates = (*scalars("gate_attn", 1), *scalars("gate_ffn", 1))
    stem = (
        Tensor("class_embedding", (hidden,), "position"),
        *conv("patch_embedding", hidden, c.int("num_channels", default=3), patch, patch),
        Tensor("gated_positional_embedding.embedding", (patches, hidden), "position"),
        *scalars("gated_positional_embedding.gate", 1),
        *positions("gated_positional_embedding.tile_embedding", rows, tiles * patches * hidden),
        *(
            t
            for place in ("pre", "post")
            for t in (
                *scalars(f"{place}_tile_positional_embedding.gate", 1),
                *positions(f"{place}_tile_positional_embedding.embedding", rows, tiles * hidden),
                *norm(f"layernorm_{place}", hidden, bias=True),
            )
        ),
    )
    blocks = [
        Block("vision", "", stem),
        *uniform("vision", "transformer.layers.{}.", c.count("num_hidden_layers", default=32), layer),
        *uniform(
            "vision", "global_transformer.layers.{}.", c.count("num_global_layers", default=8), join(gates, layer)
        ),
    ]
    # A picture of fewer tiles is filled up; none of its vectors becomes a token of the text.
    images = Images(tiles * patches, 0, hidden, (image, image))
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
