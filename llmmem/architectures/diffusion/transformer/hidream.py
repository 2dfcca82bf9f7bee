"""HiDream: two streams, then one, with routed experts."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, sizes, width_of
from llmmem.architectures.diffusion.transformer.lumina import gated
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import (
    qk_norms,
    timestep,
    two_layers,
)
from llmmem.parts.modules import dense, matrices, under
from llmmem.tensors import ModelSpec


def hidream(c: Config, head: str | None = None) -> ModelSpec:
    """HiDreamImageTransformer2DModel (arXiv:2505.22705; diffusers 0.42, transformers/transformer_hidream_image.py)."""
    width, patch = width_of(c, 20, 128)[2], c.int("patch_size", least=1)
    inputs, routed = c.int("in_channels", default=64, least=1), c.int("num_routed_experts", default=4)
    used = c.int("num_activated_experts", default=2)

    def feed(name: str, hidden: int) -> Tensors:
        return gated(name, width, -(-int(2 * hidden / 3) // 256) * 256, ("w1", "w2", "w3"))

    # Some tokens visit some of the experts; all of them lie in memory.
    experts = tuple(t._replace(copies=routed, active=used) for t in feed("ff_i.experts.{}", 4 * width))
    mixture = (*feed("ff_i.shared_experts", 2 * width), *experts, *scalars("ff_i.gate.weight", routed, width))

    def attend(suffix: str) -> Tensors:
        return (
            *matrices(width, width, *(f"attn1.{n}{suffix}" for n in ("to_q", "to_k", "to_v", "to_out")), bias=True),
            *qk_norms(width, names=(f"attn1.q_rms_norm{suffix}", f"attn1.k_rms_norm{suffix}")),
        )

    picture = mixture if routed else feed("ff_i", 4 * width)
    single = (*dense("adaLN_modulation.1", width, 6 * width), *attend(""), *picture)
    double = (
        *dense("adaLN_modulation.1", width, 12 * width),
        *attend(""),
        *attend("_t"),
        *picture,
        *feed("ff_t", 4 * width),
    )
    deep, long = c.count("num_layers", default=16), c.count("num_single_layers", default=32)
    captions = sizes(c, "caption_channels", ())
    if len(captions) < 2:
        raise ConfigError("caption_channels should have two entries.", "Check the config.json.")
    widths = [captions[1]] * (deep + long) + [captions[0]]
    return component(
        c,
        "transformer",
        timestep("t_embedder.timestep_embedder", width),
        two_layers("p_embedder.pooled_embedder", c.int("text_emb_dim", default=2048, least=1), width),
        dense("x_embedder.proj", inputs * patch * patch, width),
        layers("double_stream_blocks", deep, under("block", double)),
        layers("single_stream_blocks", long, under("block", single)),
        dense("final_layer.linear", width, patch * patch * outputs(c, inputs)),
        dense("final_layer.adaLN_modulation.1", width, 2 * width),
        tuple(t for i, w in enumerate(widths) for t in dense(f"caption_projection.{i}.linear", w, width, False)),
        hidden=width,
    )
