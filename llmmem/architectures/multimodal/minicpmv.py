"""MiniCPM-V 2 to 4.5 with their own code: SigLIP, a resampler to a fixed number of tokens, a small decoder."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import uniform
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal
from llmmem.architectures.vision.siglip import idefics2_vision
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, Tensors, linear, norm
from llmmem.parts.timm import timm_layer, timm_stem
from llmmem.tensors import Block, ModelSpec, Tensor, Work

#: version in the config -> the language model whose keys stand at its top
_LANGUAGE = {2.5: "llama", 2.6: "qwen2", 4.0: "llama", 4.5: "qwen3"}

#: what vision_config leaves out: SigLIP so400m for pictures of 980 x 980
_SIGLIP = {
    "hidden_size": 1152,
    "image_size": 980,
    "intermediate_size": 4304,
    "num_attention_heads": 16,
    "num_hidden_layers": 27,
    "patch_size": 14,
}

#: timm's name of MiniCPM-V 2's tower: layers, width, heads, feed-forward, patch and patches (384 // 14, squared)
_SO400M = "vit_so400m_patch14_siglip_384.webli"
_SO400M_SIZES = (27, 1152, 16, 4304, 14, 27 * 27)


def _resampler(width: int, hidden: int, queries: int, *, positions: bool) -> Tensors:
    """Learned queries that read the tower's vectors.

    Args:
        positions: the queries' own stand in the file; else they are computed.
    """
    return (
        Tensor("query", (queries, hidden), "position"),
        *((Tensor("pos_embed", (queries, hidden), "position"),) if positions else ()),
        *(linear("kv_proj", width, hidden, cut=COLUMN) if width != hidden else ()),
        # A bare parameter of torch.nn.MultiheadAttention, not a torch.nn.Linear: conversions pass it by.
        Tensor("attn.in_proj_weight", (3 * hidden, hidden), "scalar"),
        Tensor("attn.in_proj_bias", (3 * hidden,), "bias"),
        *linear("attn.out_proj", hidden, hidden, bias=True),
        *(t for name in ("ln_q", "ln_kv", "ln_post") for t in norm(name, hidden, bias=True)),
        Tensor("proj", (hidden, hidden), "scalar"),
    )


def _timm_tower(c: Config, drop: bool) -> tuple[tuple[Block, ...], int]:
    """The tower of MiniCPM-V 2 and its width.

    Raises:
        UnsupportedArchitectureError: another of timm's models.
    """
    name = c.str("vision_encoder", default=_SO400M)
    if name != _SO400M:
        raise UnsupportedArchitectureError(
            f"llmmem does not know the vision_encoder {name[:60]!r}.", f"Known for MiniCPM-V 2: {_SO400M}."
        )
    layers, width, heads, inner, patch, patches = _SO400M_SIZES
    layer = timm_layer(width, heads, width // heads, inner)
    return (
        Block("vision", "vpm.", timm_stem(width, patch, patches)),
        *uniform("vision", "vpm.blocks.{}.", layers - drop, layer),
        Block("vision", "vpm.", norm("norm", width, bias=True)),
    ), width


def minicpmv(c: Config, head: str | None = None) -> ModelSpec:
    """MiniCPMV of 2, 2.5 (Llama 3), 2.6, 4 and 4.5 (arXiv:2408.01800; code that comes with openbmb/MiniCPM-V-2).

    Reproduces the 6,869,931,584 stored bytes of MiniCPM-V 2 and the published counts of 2.5, 2.6 and 4.5.

    Raises:
        UnsupportedArchitectureError: a version of another make.
    """
    first = c.get("version") is None and c.get("vision_config") is None
    version = 2.0 if first else c.number("version", default=2.5)
    language = "minicpm" if version == 2.0 else _LANGUAGE.get(version)
    if language is None:
        raise UnsupportedArchitectureError(
            f"llmmem does not know version {version:g} of MiniCPM-V with its own code.",
            "Known: 2, 2.5, 2.6, 4, 4.5; and minicpmv4_6, minicpmv4_7 of transformers.",
        )
    drop = c.bool("drop_vision_last_layer", default=True)
    tower: tuple[Block, ...]
    if version == 2.0:
        tower, width = _timm_tower(c, drop)
    else:
        vision = c.sub("vision_config")
        sizes = {**_SIGLIP, **vision.raw, "model_type": "idefics2_vision"}
        sizes.pop("architectures", None)
        inner = Config(sizes, vision.path, vision.reads)
        if drop:
            inner.raw["num_hidden_layers"] = max(inner.count("num_hidden_layers") - 1, 0)
        spec = idefics2_vision(inner, "base")
        tower, width = spec.placed("vpm."), spec.hidden_size
    text = build(Config({**c.raw, "model_type": language}, c.path, c.reads), "lm")
    queries = c.int("query_num", default=64)
    resampler = _resampler(width, text.hidden_size, queries, positions=version == 2.0)
    others = (*tower, Block("projector", "resampler.", resampler, work=(Work("mlp", 4 * text.hidden_size),)))
    return multimodal(c, "lm", text, others, text_prefix="llm.", head_prefix=None, notes=(NOT_SIZED,))
