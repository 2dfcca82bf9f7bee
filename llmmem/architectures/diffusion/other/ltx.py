"""What stands around the denoisers of LTX: the text's connectors and upscalers of latents."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, unknown
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer, conv, scalars
from llmmem.parts.denoise import attention, feed_forward, qk_norms
from llmmem.parts.modules import conv2d, conv3d, dense, each, layer_norm
from llmmem.tensors import Block, ModelSpec

#: by how much an upscaler of LTX-2 scales -> up by, down by
SCALES = {0.75: (3, 4), 1.5: (3, 2), 2.0: (2, 1), 4.0: (4, 1)}
#: side of the filter before stepping down
_BLUR = 5


def _connector(c: Config, kind: str) -> tuple[Block | Tensors, ...]:
    name = f"{kind}_connector"
    heads = c.int(f"{name}_num_attention_heads", default=30, least=1)
    width = heads * c.int(f"{name}_attention_head_dim", default=128, least=1)
    depth, registers = (
        c.count(f"{name}_num_layers", default=2),
        c.int(f"{name}_num_learnable_registers", default=128, null=0),
    )
    gate = dense("to_gate_logits", width, heads) if c.bool(f"{kind}_gated_attn") else ()
    layer = (
        *attention("attn1", width, width, bias=True, extra=(*qk_norms(width), *gate)),
        *feed_forward("ff", width),
    )
    return (
        scalars(f"{name}.learnable_registers", registers, width) if registers else (),
        Block("", f"{name}.transformer_blocks.{{}}.", layer, range(depth)),
    )


def ltx2_connectors(c: Config, head: str | None = None) -> ModelSpec:
    """LTX2TextConnectors (diffusers 0.42, pipelines/ltx2/connectors.py)."""
    text = c.int("caption_channels", default=3840, least=1)
    stacked, bias = text * c.int("text_proj_in_factor", default=49, least=1), c.bool("proj_bias")
    if c.bool("per_modality_projections"):
        video, sound = (
            c.int("video_hidden_dim", default=4096, least=1),
            c.int("audio_hidden_dim", default=2048, least=1),
        )
        first = (
            *dense("video_text_proj_in", stacked, video, bias),
            *dense("audio_text_proj_in", stacked, sound, bias),
        )
    else:
        first = dense("text_proj_in", stacked, text, bias)
    return component(c, "connectors", first, *_connector(c, "video"), *_connector(c, "audio"), hidden=text)


def _upsampler(c: Config, width: int, *, rational: bool) -> Tensors:
    space, time = c.bool("spatial_upsample", default=True), c.bool("temporal_upsample")
    if not space and not time:
        raise unknown(c, "spatial_upsample", "false together with temporal_upsample false")
    if time:
        return conv3d("upsampler.0", width, (8 if space else 2) * width)
    if not rational or not c.bool("use_rational_resampler", default=True):
        return conv2d("upsampler.0", width, 4 * width)
    scale = c.number("rational_spatial_scale", default=2.0)
    if scale not in SCALES:
        raise unknown(c, "rational_spatial_scale", scale, [str(s) for s in SCALES])
    return (
        *conv2d("upsampler.conv", width, SCALES[scale][0] ** 2 * width),
        *buffer("upsampler.blur_down.kernel", 1, 1, _BLUR, _BLUR),
    )


def _upscaler(c: Config, width: int, *, rational: bool) -> ModelSpec:
    width, latent = c.int("mid_channels", default=width, least=1), c.int("in_channels", default=128, least=1)
    depth, sides = c.count("num_blocks_per_stage", default=4), (3, 3) if c.int("dims", default=3) == 2 else (3, 3, 3)

    def own(name: str, inputs: int, outputs: int) -> Tensors:
        return conv(name, outputs, inputs, *sides, bias=True)

    block = (
        *own("conv1", width, width),
        *layer_norm("norm1", width),
        *own("conv2", width, width),
        *layer_norm("norm2", width),
    )
    return component(
        c,
        "latent_upsampler",
        own("initial_conv", latent, width),
        layer_norm("initial_norm", width),
        each("res_blocks", depth, block),
        _upsampler(c, width, rational=rational),
        each("post_upsample_res_blocks", depth, block),
        own("final_conv", width, latent),
        hidden=width,
    )


def ltx_latent_upsampler(c: Config, head: str | None = None) -> ModelSpec:
    """LTXLatentUpsamplerModel (diffusers 0.42, pipelines/ltx/modeling_latent_upsampler.py)."""
    return _upscaler(c, 512, rational=False)


def ltx2_latent_upsampler(c: Config, head: str | None = None) -> ModelSpec:
    """LTX2LatentUpsamplerModel (diffusers 0.42, pipelines/ltx2/latent_upsampler.py)."""
    return _upscaler(c, 1024, rational=True)
