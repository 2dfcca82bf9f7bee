"""Lumina 2 and Lumina-Next."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import attention, qk_norms, timestep
from llmmem.parts.modules import dense, layer_norm, under
from llmmem.tensors import ModelSpec

#: widest vector of a timestep
LUMINA = 1024


def gated(name: str, width: int, inner: int, names: tuple[str, str, str]) -> Tensors:
    """A gated feed-forward without biases: gate, down, up by the given names."""
    gate, down, up = names
    return under(
        name, dense(gate, width, inner, False), dense(down, inner, width, False), dense(up, width, inner, False)
    )


def _feed_forward(c: Config, width: int, inner: int) -> Tensors:
    times = c.get("ffn_dim_multiplier")
    step = c.int("multiple_of", default=256, least=1)
    if times is not None:
        inner = int(c.number("ffn_dim_multiplier", default=1.0) * inner)
    return gated("feed_forward", width, -(-inner // step) * step, ("linear_1", "linear_2", "linear_3"))


def lumina2(c: Config, head: str | None = None) -> ModelSpec:
    """Lumina2Transformer2DModel (arXiv:2503.21758; diffusers 0.42, models/transformers/transformer_lumina2.py)."""
    width, many = c.int("hidden_size", default=2304, least=1), c.int("num_attention_heads", default=24, least=1)
    one, patch = width // many, c.int("patch_size", default=2, least=1)
    kv = one * c.int("num_kv_heads", default=8, least=1)
    time, caption = min(width, LUMINA), c.int("cap_feat_dim", default=1024, least=1)
    inputs = c.int("in_channels", default=16, least=1)

    def block(modulated: bool) -> Tensors:
        plain, scaled = norm("norm1", width), (*dense("norm1.linear", time, 4 * width), *norm("norm1.norm", width))
        return (
            *(scaled if modulated else plain),
            *attention("attn", width, one * many, kv=kv, out_bias=False, extra=qk_norms(one)),
            *_feed_forward(c, width, 4 * width),
            *(t for n in ("ffn_norm1", "norm2", "ffn_norm2") for t in norm(n, width)),
        )

    refine = c.count("num_refiner_layers", default=2)
    out = patch * patch * (c.int("out_channels", default=0) or inputs)
    return component(
        c,
        "transformer",
        dense("x_embedder", patch * patch * inputs, width),
        timestep("time_caption_embed.timestep_embedder", time),
        (
            *norm("time_caption_embed.caption_embedder.0", caption),
            *dense("time_caption_embed.caption_embedder.1", caption, width),
        ),
        layers("noise_refiner", refine, block(True)),
        layers("context_refiner", refine, block(False)),
        layers("layers", c.count("num_layers", default=26), block(True)),
        (*dense("norm_out.linear_1", time, width), *dense("norm_out.linear_2", width, out)),
        hidden=width,
    )


def lumina_next(c: Config, head: str | None = None) -> ModelSpec:
    """LuminaNextDiT2DModel (arXiv:2406.18583; diffusers 0.42, models/transformers/lumina_nextdit2d.py)."""
    width, many = c.int("hidden_size", default=2304, least=1), c.int("num_attention_heads", default=32, least=1)
    one, patch = width // many, c.int("patch_size", default=2, least=1)
    kv = one * c.int("num_kv_heads", default=many, least=1)
    inputs, text = c.int("in_channels", default=4, least=1), c.int("cross_attention_dim", default=2048, least=1)
    time = min(width, LUMINA)
    inner = one * many
    norms = (*layer_norm("norm_q", inner), *layer_norm("norm_k", kv)) if c.bool("qk_norm", default=True) else ()
    own = attention("attn1", width, inner, kv=kv, extra=norms)
    block = (
        *scalars("gate", many),
        *(t for t in own if ".to_out." not in t.name),  # both attentions share the second's output
        *attention("attn2", width, inner, source=text, kv=kv, out_bias=False, extra=norms),
        *_feed_forward(c, width, int(8 * width / 3)),
        *(*dense("norm1.linear", time, 4 * width), *norm("norm1.norm", width)),
        *(t for n in ("ffn_norm1", "norm2", "ffn_norm2") for t in norm(n, width)),
        *norm("norm1_context", text),
    )
    out = patch * patch * inputs * (2 if c.bool("learn_sigma", default=True) else 1)
    return component(
        c,
        "transformer",
        dense("patch_embedder.proj", patch * patch * inputs, width),
        scalars("pad_token", width),
        timestep("time_caption_embed.timestep_embedder", time),
        (
            *layer_norm("time_caption_embed.caption_embedder.0", text),
            *dense("time_caption_embed.caption_embedder.1", text, time),
        ),
        layers("layers", c.count("num_layers", default=32), block),
        (*dense("norm_out.linear_1", time, width), *dense("norm_out.linear_2", width, out)),
        hidden=width,
    )
