"""The towers of DeepSeek-OCR 2 and Unlimited OCR: Segment Anything's encoder, and a transformer that reads on."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import blocks_by_kind, layer_windows, model_spec, no_head, renamed, uniform
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.vision.got_ocr2 import got_ocr2_vision
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention, fused_attention
from llmmem.parts.basic import conv, norm, positions
from llmmem.parts.mlp import gated_mlp, mlp
from llmmem.tensors import Block, Images, ModelSpec, Part, Tensor, join

#: learned queries of DeepSeek-OCR 2's encoder, for tiles of 768 pixels and whole pictures of 1024
QUERIES = {"query_768_resolution": 144, "query_1024_resolution": 256}

_OLDER = (("layers.", "blocks."), ("layer_norm", "norm"), ("patch_embed.projection", "patch_embed.proj"))
_OLDER_NECK = (("conv1", "0"), ("layer_norm1", "1"), ("conv2", "2"), ("layer_norm2", "3"))
_OLDER_ENDS = (("proj.", ""), ("conv1", "net_2"), ("conv2", "net_3"))


def deepseek_ocr2_sam_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekOcr2SamVisionEncoder (arXiv:2601.20552; transformers 5.23, models/deepseek_ocr2)."""
    inner = int(c.int("hidden_size", default=768, least=1) * c.number("mlp_ratio", default=4.0))
    return _sam(Config({**c.raw, "mlp_dim": c.int("mlp_dim", default=inner)}, c.path, c.reads), head, 896)


def unlimited_ocr_sam_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """UnlimitedOcrSamVisionEncoder, stored under the original's names (transformers 5.23, models/unlimited_ocr)."""
    tower = _sam(c, head, 1024)
    return tower._replace(blocks=under_older_names(tower.blocks))


def under_older_names(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Segment Anything's blocks as published files of both models name them."""
    by_place = {"neck.": _OLDER_NECK, "proj.": _OLDER_ENDS}
    return tuple(r for b in blocks for r in renamed((b,), *by_place.get(b.prefix, _OLDER)))


def _sam(c: Config, head: str | None, outputs: int) -> ModelSpec:
    """The encoder, and two convolutions of stride 2 on it; ``outputs`` is the class default of the second."""
    no_head(c, head)
    if isinstance(c.get("image_size"), list) or isinstance(c.get("patch_size"), list):
        raise ConfigError("image_size and patch_size of this tower are one number each.", "Check the config.json.")
    tower = got_ocr2_vision(c, "base")
    widths = downsampled(c, outputs)
    ends = (
        *conv("conv1", widths[0], c.int("output_channels", default=256), 3, 3),
        *conv("conv2", widths[1], widths[0], 3, 3),
    )
    return tower._replace(blocks=(*tower.blocks, Block("vision", "proj.", ends)))


def downsampled(c: Config, outputs: int) -> tuple[int, int]:
    """Channels of the two convolutions.

    Raises:
        ConfigError: fewer than two.
    """
    widths = c.ints("downsample_channels")
    if widths is not None and len(widths) < 2:
        raise ConfigError("downsample_channels should have two entries.", "Check the config.json.")
    return (512, outputs) if widths is None else (widths[0], widths[1])


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
