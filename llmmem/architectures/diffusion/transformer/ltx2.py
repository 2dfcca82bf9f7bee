"""LTX-2: video and sound side by side."""

from __future__ import annotations

from typing import NamedTuple

from llmmem.architectures.diffusion.base import component, layers, outputs, unknown, width_of
from llmmem.architectures.diffusion.transformer.pixart import activation
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import attention, feed_forward, modulation, qk_norms, timestep, two_layers
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec


class Stream(NamedTuple):
    """Video or sound."""

    heads: int
    width: int
    cross: int
    #: heads are gated by their query
    gated: bool
    #: the prompt is modulated too
    modulated: bool


def _streams(c: Config) -> tuple[Stream, Stream]:
    kind = c.str("qk_norm", default="rms_norm_across_heads")
    if kind != "rms_norm_across_heads":
        raise unknown(c, "qk_norm", kind, ("rms_norm_across_heads",))
    many, _, width = width_of(c, 32, 128)
    own = c.int("audio_num_attention_heads", default=32, least=1)
    sound = own * c.int("audio_attention_head_dim", default=64, least=1)
    return (
        Stream(many, width, c.int("cross_attention_dim", default=4096), c.bool("gated_attn"), c.bool("cross_attn_mod")),
        Stream(
            own,
            sound,
            c.int("audio_cross_attention_dim", default=2048),
            c.bool("audio_gated_attn"),
            c.bool("audio_cross_attn_mod"),
        ),
    )


def _block(c: Config, video: Stream, sound: Stream) -> Tensors:
    """LTX2VideoTransformerBlock."""
    bias, out_bias = c.bool("attention_bias", default=True), c.bool("attention_out_bias", default=True)
    affine, act = c.bool("norm_elementwise_affine"), activation(c, "gelu-approximate")
    names = ("norm1", "norm2", "norm3")
    norms = (
        *(t for n in (*names, "audio_to_video_norm") for t in norm(n, video.width)),
        *(t for n in (*(f"audio_{n}" for n in names), "video_to_audio_norm") for t in norm(n, sound.width)),
    )

    def attend(name: str, own: Stream, inner: Stream, source: int) -> Tensors:
        gate = dense("to_gate_logits", own.width, inner.heads) if own.gated else ()
        extra = (*qk_norms(inner.width), *gate)
        return attention(name, own.width, inner.width, source=source, bias=bias, out_bias=out_bias, extra=extra)

    prompt = video.modulated or sound.modulated
    return (
        *(norms if affine else ()),
        *attend("attn1", video, video, video.width),
        *attend("audio_attn1", sound, sound, sound.width),
        *attend("attn2", video, video, video.cross),
        *attend("audio_attn2", sound, sound, sound.cross),
        *attend("audio_to_video_attn", video, sound, sound.width),
        *attend("video_to_audio_attn", sound, sound, video.width),
        *feed_forward("ff", video.width, act=act, bias=c.bool("ff_bias", default=True)),
        *feed_forward("audio_ff", sound.width, act=act, bias=c.bool("audio_ff_bias", default=True)),
        *scalars("scale_shift_table", 9 if video.modulated else 6, video.width),
        *scalars("audio_scale_shift_table", 9 if sound.modulated else 6, sound.width),
        *(scalars("prompt_scale_shift_table", 2, video.width) if prompt else ()),
        *(scalars("audio_prompt_scale_shift_table", 2, sound.width) if prompt else ()),
        *scalars("video_a2v_cross_attn_scale_shift_table", 5, video.width),
        *scalars("audio_a2v_cross_attn_scale_shift_table", 5, sound.width),
    )


def _adaptive(name: str, width: int, times: int) -> Tensors:
    return (*timestep(f"{name}.emb.timestep_embedder", width), *modulation(name, width, times))


def ltx2_video(c: Config, head: str | None = None) -> ModelSpec:
    """LTX2VideoTransformer3DModel (diffusers 0.42, models/transformers/transformer_ltx2.py)."""
    video, sound = _streams(c)
    inputs, heard = c.int("in_channels", default=128, least=1), c.int("audio_in_channels", default=128, least=1)
    caption = c.int("caption_channels", default=3840, least=1)
    prompt = (video.modulated or sound.modulated) and c.bool("use_prompt_adaln_single", default=True)
    captions = (
        *two_layers("caption_projection", caption, video.width),
        *two_layers("audio_caption_projection", caption, sound.width),
    )
    prompts = (*_adaptive("prompt_adaln", video.width, 2), *_adaptive("audio_prompt_adaln", sound.width, 2))
    return component(
        c,
        "transformer",
        dense("proj_in", inputs, video.width),
        dense("audio_proj_in", heard, sound.width),
        scalars("keyframes_abs_pos_embedding", 1, video.width) if c.bool("use_keyframes_abs_pos_embedding") else (),
        captions if c.bool("use_prompt_embeddings", default=True) else (),
        _adaptive("time_embed", video.width, 9 if video.modulated else 6),
        _adaptive("audio_time_embed", sound.width, 9 if sound.modulated else 6),
        _adaptive("av_cross_attn_video_scale_shift", video.width, 4),
        _adaptive("av_cross_attn_audio_scale_shift", sound.width, 4),
        _adaptive("av_cross_attn_video_a2v_gate", video.width, 1),
        _adaptive("av_cross_attn_audio_v2a_gate", sound.width, 1),
        (*scalars("scale_shift_table", 2, video.width), *scalars("audio_scale_shift_table", 2, sound.width)),
        prompts if prompt else (),
        layers("transformer_blocks", c.count("num_layers", default=48), _block(c, video, sound)),
        dense("proj_out", video.width, outputs(c, inputs, 128)),
        dense("audio_proj_out", sound.width, outputs(c, heard, 128, "audio_out_channels")),
        hidden=video.width,
    )
