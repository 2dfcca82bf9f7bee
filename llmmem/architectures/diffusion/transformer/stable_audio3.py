"""Stable Audio 3."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers
from llmmem.config import Config
from llmmem.parts.basic import buffer, scalars
from llmmem.parts.modules import conv1d, dense, under
from llmmem.tensors import ModelSpec


def stable_audio3(c: Config, head: str | None = None) -> ModelSpec:
    """StableAudio3DiTModel (diffusers 0.42, models/transformers/transformer_stable_audio3.py)."""
    width, many = c.int("embed_dim", default=1536, least=1), c.int("num_heads", default=24, least=1)
    one, wide = width // many, int(width * c.number("ff_mult", default=4.0))
    both = c.bool("use_differential_attention", default=True)
    sound, patch = c.int("io_channels", default=256, least=1), c.int("patch_size", default=1, least=1)
    text, given = c.int("cond_token_dim", default=768, least=1), c.int("global_cond_dim", default=768, least=1)
    local = c.int("local_add_cond_dim", default=257, least=1)
    waves, memory = c.int("timestep_features_dim", default=256), c.int("num_memory_tokens", default=64)
    normed = (*scalars("q_norm.gamma", one), *scalars("k_norm.gamma", one))
    block = (
        *(t for n in ("pre_norm", "cross_attend_norm", "ff_norm") for t in scalars(f"{n}.gamma", width)),
        *under(
            "self_attn",
            dense("to_qkv", width, width * (5 if both else 3), False),
            dense("to_out", width, width, False),
            normed,
        ),
        *under(
            "cross_attn",
            dense("to_q", width, width * (2 if both else 1), False),
            dense("to_kv", width, width * (3 if both else 2), False),
            dense("to_out", width, width, False),
            normed,
        ),
        *(*dense("ff.proj_in", width, 2 * wide), *dense("ff.proj_out", wide, width)),
        *scalars("to_scale_shift_gate", 6 * width),
        *(*dense("to_local_embed.0", local, width), *dense("to_local_embed.2", width, width)),
    )
    return component(
        c,
        "transformer",
        (*dense("to_timestep_embed.0", waves, width), *dense("to_timestep_embed.2", width, width)),
        scalars("prompt_padding_embedding", text),
        (*dense("to_cond_embed.0", text, width, False), *dense("to_cond_embed.2", width, width, False)),
        (*dense("to_global_embed.0", given, width, False), *dense("to_global_embed.2", width, width, False)),
        (*dense("global_cond_embedder.0", width, width), *dense("global_cond_embedder.2", width, 6 * width)),
        (*conv1d("preprocess_conv", sound, sound, 1, False), *conv1d("postprocess_conv", sound, sound, 1, False)),
        (*dense("proj_in", sound * patch, width, False), *dense("proj_out", width, sound * patch, False)),
        scalars("memory_tokens", memory, width) if memory else (),
        buffer("rotary_pos_emb.inv_freq", -(-(one // 2) // 2)),
        layers("transformer_blocks", c.count("depth", default=24), block),
        hidden=width,
    )
