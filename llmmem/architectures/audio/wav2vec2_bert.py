"""w2v-BERT 2.0: conformers over a spectrogram."""

from __future__ import annotations

from llmmem.architectures.audio.conformer import (
    attend,
    conformer,
    feed_forward,
    relative_places,
    sort_of_places,
    spells,
)
from llmmem.architectures.audio.speech_stem import projected
from llmmem.architectures.audio.speech_tower import shape_of, speech_model
from llmmem.architectures.base import uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, conv, linear, norm, positions
from llmmem.tensors import Block, ModelSpec, join


def wav2vec2_bert(c: Config, head: str | None = None) -> ModelSpec:
    """Wav2Vec2BertModel and its kin (arXiv:2312.05187; transformers 5.23, models/wav2vec2_bert)."""
    shape = shape_of(c, 1024, 16, 24)
    spells(c, head)
    hidden, heads = shape.hidden, shape.heads
    intermediate = c.int("intermediate_size", default=4096)
    sort = sort_of_places(c, "relative_key")
    places: Tensors = relative_places(c, shape) if sort == "relative" else ()
    if sort == "relative_key":
        far = c.int("left_max_position_embeddings", default=64) + c.int("right_max_position_embeddings", default=8)
        head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
        places = positions("distance_embedding", far + 1, head_dim)
    layer = conformer(c, shape, intermediate, places, norm("depthwise_layer_norm", hidden, bias=True))
    width = c.int("feature_projection_input_dim", default=160)
    before = c.bool("use_intermediate_ffn_before_adapter")
    if before and not c.bool("add_adapter"):
        raise ConfigError("use_intermediate_ffn_before_adapter needs an adapter.", "Set add_adapter.")
    blocks = [
        projected(width, hidden),
        *uniform("audio", "encoder.layers.{}.", shape.layers, layer),
    ]
    if before:
        blocks.append(Block("audio", "", feed_forward("intermediate_ffn", hidden, intermediate).tensors))
    output = c.int("output_hidden_size", default=0) or hidden
    kernel = c.int("adapter_kernel_size", default=3)
    one = join(
        norm("residual_layer_norm", output, bias=True),
        conv("residual_conv", 2 * output, output, kernel, bias=True),
        norm("self_attn_layer_norm", output, bias=True),
        conv("self_attn_conv", 2 * output, output, kernel, bias=True),
        attend(c, output, heads),
        norm("ffn_layer_norm", output, bias=True),
        feed_forward("ffn", output, intermediate),
    )
    into: Tensors = ()
    if output != hidden:
        into = (*linear("proj", hidden, output, bias=True), *norm("proj_layer_norm", output, bias=True))
    adapter = (
        Block("audio", "adapter.", into),
        *uniform("audio", "adapter.layers.{}.", c.count("num_adapter_layers", default=1), one),
    )
    return speech_model(
        c,
        head,
        "wav2vec2_bert",
        shape,
        blocks,
        waves=False,
        width=width,
        default="sequence",
        adapter=adapter,
        classifier=768,
    )
