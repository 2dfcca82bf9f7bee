"""HunyuanImage and Motif-Video, built as HunyuanVideo is."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, outputs, qk_kind, sizes, unknown, width_of
from llmmem.architectures.diffusion.transformer.hunyuan_kin import picture_embedder, second_text
from llmmem.architectures.diffusion.transformer.hunyuan_video import double_block, single_block, token_refiner
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import conv
from llmmem.parts.denoise import attention, modulation, norms_of, timestep, two_layers
from llmmem.parts.modules import conv3d, dense
from llmmem.tensors import ModelSpec

#: hidden width of the projection of glyphs (byT5)
_GLYPHS = 2048


def hunyuan_image(c: Config, head: str | None = None) -> ModelSpec:
    """HunyuanImageTransformer2DModel (diffusers 0.42, models/transformers/transformer_hunyuanimage.py)."""
    _, one, width = width_of(c, 28, 128)
    inputs, kind = c.int("in_channels", default=64, least=1), qk_kind(c, "rms_norm")
    patch = sizes(c, "patch_size", (1, 1))
    if len(patch) not in (2, 3):
        raise ConfigError("patch_size should have two or three entries.", "Check the config.json.")
    inner = int(width * c.number("mlp_ratio", default=4.0))
    text, second = c.int("text_embed_dim", default=3584, least=1), c.optional("text_embed_2_dim")
    time = "time_guidance_embed"
    return component(
        c,
        "transformer",
        conv("x_embedder.proj", width, inputs, *patch, bias=True),
        token_refiner("context_embedder", text, width, c.count("num_refiner_layers", default=2)),
        () if second is None else second_text(second, width),
        timestep(f"{time}.timestep_embedder", width),
        timestep(f"{time}.timestep_embedder_r", width) if c.bool("use_meanflow") else (),
        timestep(f"{time}.guidance_embedder", width) if c.bool("guidance_embeds") else (),
        layers("transformer_blocks", c.count("num_layers", default=20), double_block(width, one, inner, kind)),
        layers(
            "single_transformer_blocks",
            c.count("num_single_layers", default=40),
            single_block(width, one, inner, kind),
        ),
        modulation("norm_out", width, 2),
        dense("proj_out", width, prod(patch) * outputs(c, inputs, 64)),
        hidden=width,
    )


def motif_video(c: Config, head: str | None = None) -> ModelSpec:
    """MotifVideoTransformer3DModel (diffusers 0.42, models/transformers/transformer_motif_video.py)."""
    _, one, width = width_of(c, 24, 128)
    inputs, kind = c.int("in_channels", default=33, least=1), qk_kind(c, "rms_norm")
    if kind not in ("rms_norm", "layer_norm", None):
        raise unknown(c, "qk_norm", kind, ("rms_norm", "layer_norm"))
    side, frames = c.int("patch_size", default=2, least=1), c.int("patch_size_t", default=1, least=1)
    inner = int(width * c.number("mlp_ratio", default=4.0))
    seen = c.optional("image_embed_dim")
    # The text's norms are RMS norms whatever the picture's are.
    text_norms = {"norm_added_q", "norm_added_k"}
    double = double_block(width, one, inner, "rms_norm" if kind is None else kind)
    if kind == "layer_norm":
        double = tuple(t for t in double if t.name not in {f"attn.{n}.bias" for n in text_norms})
    if kind is None:
        double = tuple(t for t in double if t.name not in ("attn.norm_q.weight", "attn.norm_k.weight"))
    single = single_block(width, one, inner, kind)
    cross = attention("cross_attn", width, width, bias=True, extra=norms_of(kind, one, width))
    count, long = c.count("num_layers", default=20), c.count("num_single_layers", default=40)
    crossed = (
        max(long - c.count("num_decoder_layers", default=0), 0) if c.bool("enable_text_cross_attention_single") else 0
    )
    return component(
        c,
        "transformer",
        conv3d("x_embedder.proj", inputs, width, (frames, side, side)),
        two_layers("context_embedder", c.int("text_embed_dim", default=4096, least=1), width),
        () if seen is None else picture_embedder(seen, width),
        timestep("time_text_embed.timestep_embedder", width),
        layers("transformer_blocks", count, (*double, *(cross if c.bool("enable_text_cross_attention_dual") else ()))),
        layers("single_transformer_blocks", range(crossed), (*single, *cross)),
        layers("single_transformer_blocks", range(crossed, long), single),
        modulation("norm_out", width, 2),
        dense("proj_out", width, frames * side * side * outputs(c, inputs, 16)),
        hidden=width,
    )
