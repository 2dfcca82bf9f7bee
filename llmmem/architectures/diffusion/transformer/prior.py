"""Priors of unCLIP and Kandinsky: from a prompt's embedding to a picture's; and Stable Audio's transformer."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, unknown, width_of
from llmmem.config import Config
from llmmem.parts.basic import scalars
from llmmem.parts.denoise import attention, feed_forward, transformer_block, two_layers
from llmmem.parts.modules import conv1d, dense, layer_norm
from llmmem.tensors import ModelSpec


def prior(c: Config, head: str | None = None) -> ModelSpec:
    """PriorTransformer (arXiv:2204.06125; diffusers 0.42, models/transformers/prior_transformer.py)."""
    _, _, width = width_of(c, 32, 64)
    size = c.int("embedding_dim", default=768, least=1)
    time = c.int("time_embed_dim", default=0) or width
    seen, clip = c.int("embedding_proj_dim", default=0) or size, c.int("clip_embed_dim", default=0) or size
    text = c.get("encoder_hid_proj_type") if c.has("encoder_hid_proj_type") else "linear"
    mark = c.get("added_emb_type") if c.has("added_emb_type") else "prd"
    for key, value, known in (("encoder_hid_proj_type", text, "linear"), ("added_emb_type", mark, "prd")):
        if value not in (None, known):
            raise unknown(c, key, value, (known,))
    for key in ("embedding_proj_norm_type", "norm_in_type"):
        if c.get(key) not in (None, "layer"):
            raise unknown(c, key, c.get(key), ("layer",))
    length = c.int("num_embeddings", default=77) + c.int("additional_embeddings", default=4)
    return component(
        c,
        "prior",
        two_layers("time_embedding", width, time, width),
        dense("proj_in", size, width),
        layer_norm("embedding_proj_norm", seen) if c.get("embedding_proj_norm_type") else (),
        dense("embedding_proj", seen, width),
        dense("encoder_hidden_states_proj", size, width) if text else (),
        scalars("positional_embedding", 1, length, width),
        scalars("prd_embedding", 1, 1, width) if mark else (),
        layers(
            "transformer_blocks",
            c.count("num_layers", default=20),
            transformer_block(width, width, cross=None, act="gelu", bias=True),
        ),
        layer_norm("norm_in", width) if c.get("norm_in_type") else (),
        layer_norm("norm_out", width),
        dense("proj_to_clip_embeddings", width, clip),
        (*scalars("clip_mean", 1, clip), *scalars("clip_std", 1, clip)),
        hidden=width,
    )


def stable_audio(c: Config, head: str | None = None) -> ModelSpec:
    """StableAudioDiTModel (arXiv:2407.14358; diffusers 0.42, models/transformers/stable_audio_transformer.py)."""
    many, one, width = width_of(c, 24, 64)
    kv = one * c.int("num_key_value_attention_heads", default=12, null=many, least=1)
    inputs, out = c.int("in_channels", default=64, least=1), c.int("out_channels", default=64, least=1)
    cross, waves = c.int("cross_attention_dim", default=768, least=1), c.int("time_proj_dim", default=256, least=2)
    given, text = c.int("global_states_input_dim", default=1536), c.int("cross_attention_input_dim", default=768)
    block = (
        *layer_norm("norm1", width),
        *attention("attn1", width, width, out_bias=False),
        *layer_norm("norm2", width),
        *attention("attn2", width, width, source=cross, kv=kv, out_bias=False),
        *layer_norm("norm3", width),
        *feed_forward("ff", width, act="swiglu"),
    )
    return component(
        c,
        "transformer",
        scalars("time_proj.weight", waves // 2),
        (*dense("timestep_proj.0", waves, width), *dense("timestep_proj.2", width, width)),
        (*dense("global_proj.0", given, width, False), *dense("global_proj.2", width, width, False)),
        (*dense("cross_attention_proj.0", text, cross, False), *dense("cross_attention_proj.2", cross, cross, False)),
        conv1d("preprocess_conv", inputs, inputs, 1, False),
        dense("proj_in", inputs, width, False),
        layers("transformer_blocks", c.count("num_layers", default=24), block),
        dense("proj_out", width, out, False),
        conv1d("postprocess_conv", out, out, 1, False),
        hidden=width,
    )
