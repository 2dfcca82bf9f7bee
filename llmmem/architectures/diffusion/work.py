"""What a component works on and keeps alive at its peak, as diffusers 0.42 runs it under fused attention.

Elements alive were read off the modules and traced on the meta device: in a UNet the gated feed-forward of the finest
level with attention and the skips still waiting; in a transformer the feed-forward, or queries and keys turned by
rotary embeddings in fp32; in a decoder the first residual block at full resolution.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.work_decoders import decoder
from llmmem.architectures.diffusion.work_transformers import transformer
from llmmem.config import Config
from llmmem.tensors import Block, Diffusion

#: what stands beside the stages: small (a prior works on a handful of tokens), or merged into the denoiser
_BESIDE = (
    "safety_checker",
    "image_embedder",
    "projection_model",
    "text_proj",
    "image_normalizer",
    "image_projection",
    "motion_adapter",
)
_WIDTHS = (320, 640, 1280, 1280)
_ATTENDING = ("CrossAttn", "CrossAttn", "CrossAttn", "")

#: UNets of levels as UNet2DConditionModel has them: class -> guidance, prompt, sides and frames (0: the config's)
_UNETS = {
    "UNet2DConditionModel": ("joined", 77, (0, 0, 1)),
    "UNet3DConditionModel": ("joined", 77, (0, 0, 16)),
    "UNetMotionModel": ("joined", 77, (0, 0, 16)),
    "UNetSpatioTemporalConditionModel": ("joined", 1, (576, 1024, 14)),
    "I2VGenXLUNet": ("joined", 77, (704, 1280, 16)),
    "ControlNetModel": ("joined", 77, (0, 0, 1)),
    "ControlNetUnionModel": ("joined", 77, (0, 0, 1)),
    "UNet2DModel": ("none", 0, (0, 0, 1)),
}


def work(c: Config, kind: str, name: str, blocks: Sequence[Block], hidden: int) -> Diffusion | None:
    """What the component does; None where that is not described.

    Args:
        kind: its class.
        name: the kind of component it is: unet, transformer, vae, ...
    """
    if name in _BESIDE or kind == "PriorTransformer":
        return Diffusion(name, "beside")
    if kind in _UNETS:
        return _unet(c, kind, name)
    if name == "vae":
        return decoder(c, kind)
    return transformer(c, kind, name, blocks, hidden)


def _unet(c: Config, kind: str, name: str) -> Diffusion:
    guidance, prompt, made = _UNETS[kind]
    default = (224, 448, 672, 896) if kind == "UNet2DModel" else _WIDTHS
    widths = c.ints("block_out_channels") or list(default)
    types = [str(t) for t in c.list("down_block_types") or _ATTENDING]
    if kind == "UNet2DModel" and not c.has("down_block_types"):
        types = ["", "Attn", "Attn", "Attn"]
    depth = c.get("layers_per_block")
    depths = depth if isinstance(depth, list) else [depth if isinstance(depth, int) else 2] * len(widths)
    size = c.get("sample_size")
    sample = size[0] if isinstance(size, list) and size else size
    cross = c.get("cross_attention_dim")
    return Diffusion(
        name,
        "denoise",
        "the finest level's feed-forward and the skips that wait",
        hidden=widths[0],
        image=_levels(widths, types, depths),
        text=cross if isinstance(cross, int) else 0,
        prompt=prompt,
        scale=1 if kind == "UNet2DModel" else 8,
        size=made,
        sample=sample if isinstance(sample, int) and not isinstance(sample, bool) and sample > 0 else 64,
        guidance=guidance,
        attention="cross" if prompt else "self",
        upcasts=c.get("addition_embed_type") == "text_time",
    )


def _levels(widths: Sequence[int], types: Sequence[str], depths: Sequence[int]) -> int:
    """Elements per latent at the peak of the way up.

    At a level with attention: 16 widths of the gated feed-forward (its projection, the gate, the product), 8 of streams
    and skips of its own, what was stepped up from the level below, and the skips of finer levels. At one without: the
    joined input three times around the norm, its skips and the stream.
    """
    best, waiting, count = 0, 0, len(widths)
    for i, width in enumerate(widths):
        below = widths[min(i + 1, count - 1)]
        attends = "Attn" in types[min(i, len(types) - 1)]
        own = (16 + 8) * width + below if attends else 3 * (below + width) + below + 3 * width
        best = max(best, (own + waiting) // 4**i)
        waiting = (waiting + (depths[min(i, len(depths) - 1)] + 1) * width) * 4  # in units of the next level
    return best
