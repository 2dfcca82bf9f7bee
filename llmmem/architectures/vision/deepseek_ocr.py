"""The towers of DeepSeek-OCR 2 and Unlimited OCR: Segment Anything's encoder, and a transformer that reads on."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import blocks_by_kind, layer_windows, model_spec, no_head, uniform
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import attention, fused_attention
from llmmem.parts.basic import norm, positions
from llmmem.parts.mlp import gated_mlp, mlp
from llmmem.tensors import Block, Images, ModelSpec, Part, Tensor, join

#: learned queries of DeepSeek-OCR 2's encoder, for tiles of 768 pixels and whole pictures of 1024
QUERIES = {"query_768_resolution": 144, "query_1024_resolution": 256}


def deepseek_ocr2_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekOcr2VisionEncoder: Qwen2's layers, which read patches and queries (transformers 5.23)."""
    no_head(c, head)
    s = sizes(c, hidden=4096, heads=32, kv_heads=32, intermediate=22016)
    layers = c.count("num_hidden_layers", default=32)
    window = c.optional("sliding_window", default=4096) if c.bool("use_sliding_window") else None
    full = c.int("max_window_layers", default=28)
    pattern = ["sliding_attention" if window is not None and i >= full else "full_attention" for i in range(layers)]

    def layer(_: str, span: int | None) -> Part:
        return join(
            norm("input_layernorm", s.hidden),
            attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, bias=True, cache=None, window=span),
            norm("post_attention_layernorm", s.hidden),
            gated_mlp("mlp", s.hidden, s.intermediate),
        )

    blocks = [
        *blocks_by_kind("vision", "layers.{}.", layer_windows(c, layers, window, pattern=pattern), layer),
        Block("vision", "", norm("norm", s.hidden)),
    ]
    return model_spec(c, blocks, hidden=s.hidden)


def unlimited_ocr_vision_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """UnlimitedOcrVisionEncoder: CLIP without a convolution, stored with q, k and v in one (transformers 5.23)."""
    no_head(c, head)
    hidden, heads = c.int("hidden_size", default=1024, least=1), c.int("num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    grid = fixed_grid(c, image=224, patch=14)
    layer = join(
        norm("layer_norm1", hidden, bias=True),
        fused_attention(
            ("self_attn.qkv_proj", "self_attn.out_proj"), hidden, heads, heads, head_dim, bias=True, cache=None
        ),
        norm("layer_norm2", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=4096)),
    )
    stem = (
        Tensor("class_embedding", (hidden,), "position"),
        *positions("position_embedding", grid.patches + 1, hidden),
    )
    blocks = [
        Block("vision", "embeddings.", stem),
        Block("vision", "", norm("pre_layrnorm", hidden, bias=True)),
        *uniform("vision", "transformer.layers.{}.", c.count("num_hidden_layers", default=24), layer),
    ]
    images = Images(grid.patches, grid.patches + 1, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)


def towers(c: Config, name: str) -> tuple[Config, ModelSpec, ModelSpec]:
    """The config of Segment Anything's part, that part, and the one behind it."""
    sam = typed(c, "sam_config", f"{name}_sam_vision_model")
    reader = {"deepseek_ocr2": "deepseek_ocr2_encoder", "unlimited_ocr": "unlimited_ocr_vision_encoder"}[name]
    return sam, build(sam, "base"), build(typed(c, "encoder_config", reader), "base")


def deepseek_ocr2_vision(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekOcr2VisionModel (arXiv:2601.20552; transformers 5.23, models/deepseek_ocr2)."""
    no_head(c, head)
    _, sam, encoder = towers(c, "deepseek_ocr2")
    queries = tuple(t for name, n in QUERIES.items() for t in positions(name, n, encoder.hidden_size))
    blocks = (*sam.placed("sam_encoder."), *encoder.placed("vision_encoder."), Block("vision", "", queries))
    return model_spec(c, blocks, hidden=encoder.hidden_size)


def unlimited_ocr_vision(c: Config, head: str | None = None) -> ModelSpec:
    """UnlimitedOcrVisionModel (transformers 5.23, models/unlimited_ocr)."""
    no_head(c, head)
    _, sam, encoder = towers(c, "unlimited_ocr")
    blocks = (*sam.placed("sam_encoder."), *encoder.placed("vision_encoder."))
    return model_spec(c, blocks, hidden=encoder.hidden_size)
