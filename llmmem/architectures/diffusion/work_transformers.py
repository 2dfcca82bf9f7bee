"""What diffusion transformers keep alive per token (diffusers 0.42, models/transformers)."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.work_uses import DISTILLED, JOINT, USES
from llmmem.config import Config
from llmmem.tensors import Block, Diffusion, Tensor

#: names of what is no matrix of the stream itself
_BESIDE = ("norm", "ada", "mod", "time", "embed", "guidance")
#: tokens of hidden size alive beside a feed-forward: the stream, the residual, the normed input, the gates
_STREAMS = 4.4


def transformer(c: Config, kind: str, name: str, blocks: Sequence[Block], hidden: int) -> Diffusion | None:
    """What a transformer does; None where that is not described."""
    use = USES.get(kind)
    inner = [t for b in blocks if "{}" in b.prefix for t in b.tensors if _of_the_stream(t)]
    if use is None or not hidden or not inner:
        return None
    image, label = _alive(inner, hidden, use.rotary)
    if use.skips:
        image += hidden * (2 + sum(len(b.layers) for b in blocks if "{}" in b.prefix) // 2)
    text = image if use.attention == JOINT and use.rotary else _text(c) + 3 * hidden * (use.attention == JOINT)
    guidance = use.guidance
    if guidance == DISTILLED and c.has("guidance_embeds") and not c.bool("guidance_embeds"):
        guidance = "none"
    size = c.get("sample_size")
    return Diffusion(
        name,
        "denoise",
        label,
        hidden=hidden,
        image=image,
        text=text,
        patch=_patch(c, use.patch),
        prompt=use.prompt,
        scale=use.scale,
        time=use.time,
        size=use.size,
        sample=size if isinstance(size, int) else 128,
        guidance=guidance,
        attention=use.attention,
    )


def _of_the_stream(t: Tensor) -> bool:
    """A matrix, or a convolution that is one."""
    matrix = len(t.shape) == 2 or (len(t.shape) > 2 and all(side == 1 for side in t.shape[2:]))
    return matrix and t.role in ("linear", "conv") and not any(part in t.name for part in _BESIDE)


def _alive(tensors: Sequence[Tensor], hidden: int, rotary: float) -> tuple[int, str]:
    """Elements per token at the peak of a layer, and where that is."""
    ups = [t for t in tensors if t.shape[1] == hidden]
    out = max((t.shape[0] for t in ups), default=hidden)
    inner = max((t.shape[1] for t in tensors if t.shape[0] == hidden), default=hidden)
    fused = any("qkv_mlp" in t.name for t in ups)
    if fused or any("proj_mlp" in t.name for t in ups):
        # Attention and feed-forward read the same input side by side, and one matrix reads both.
        inner -= hidden
        first = 3 * hidden + 2 * inner if fused else out if out > inner else 0
        beside = first + inner
        return int((rotary - 3.6 if fused else rotary) * hidden) + beside, "attention beside the feed-forward"
    # The projection and its activation; with a gate the other half, and the product.
    fed = 4 * inner if out > inner or _twins(ups, out) else 2 * inner
    turned = int(rotary * hidden)
    best = int(fed + _STREAMS * hidden)
    return (best, "the feed-forward") if best >= turned else (turned, "queries and keys turned by their positions")


def _twins(ups: Sequence[Tensor], out: int) -> bool:
    """Whether gate and value are matrices of their own."""
    parents = [name.rsplit(".", 2)[0] for name in {t.name for t in ups if t.shape[0] == out}]
    return out > ups[0].shape[1] and len(set(parents)) < len(parents)


def _text(c: Config) -> int:
    """Width of the prompt as the transformer is given it."""
    for key in ("joint_attention_dim", "caption_channels", "text_dim", "text_embed_dim", "cross_attention_dim"):
        value = c.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return 4096


def _patch(c: Config, packed: int) -> tuple[int, int, int]:
    """Latents that become one token, along time, height and width."""
    if packed:
        return 1, packed, packed
    value = c.get("patch_size")
    if isinstance(value, list) and len(value) == 3 and all(isinstance(v, int) and v > 0 for v in value):
        return value[0], value[1], value[2]
    side = value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 2
    time = c.get("patch_size_t")
    return (time if isinstance(time, int) and time > 0 else 1), side, side
