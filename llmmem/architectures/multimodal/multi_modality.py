"""Janus in its first form: SigLIP under timm's names to read pictures, a codebook to paint them, one Llama for both."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import renamed, uniform
from llmmem.architectures.multimodal.frame import multimodal
from llmmem.architectures.vision.vqgan import janus_vqgan
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, Tensors, buffer, linear, norm
from llmmem.parts.timm import timm_layer, timm_pooling, timm_stem
from llmmem.tensors import Block, Images, ModelSpec, Tensor

#: the one tower of the published models: width, heads, feed-forward, layers, patch, side of a picture
_TOWER = "siglip_large_patch16_384"
_WIDTH, _HEADS, _INNER, _LAYERS, _PATCH, _SIDE = 1024, 16, 4096, 24, 16, 384

#: the tokenizer's names in transformers and in this code
_VQ = (
    (".block.", ".res."),
    ("down.", "conv_blocks."),
    ("up.", "conv_blocks."),
    ("mid.block_1", "mid.0"),
    ("mid.attn_1", "mid.1"),
    ("mid.block_2", "mid.2"),
)


def _tower(c: Config) -> tuple[tuple[Block, ...], Images]:
    """SigLIP with its pooling head, which is in the files although it is not asked.

    Raises:
        UnsupportedArchitectureError: another tower, or one that is cut short.
    """
    name, side = c.str("model_name", default=_TOWER), c.int("image_size", default=_SIDE)
    if (name, side) != (_TOWER, _SIDE) or c.get("select_layer") not in (None, -1):
        raise UnsupportedArchitectureError(f"llmmem knows Janus with the tower {_TOWER} only.", "Check vision_config.")
    patches = (_SIDE // _PATCH) ** 2
    place = "vision_model.vision_tower."
    blocks = (
        Block("vision", place, timm_stem(_WIDTH, _PATCH, patches)),
        *uniform("vision", f"{place}blocks.{{}}.", _LAYERS, timm_layer(_WIDTH, _HEADS, _WIDTH // _HEADS, _INNER)),
        Block("vision", place, norm("norm", _WIDTH, bias=True)),
        Block("vision", f"{place}attn_pool.", timm_pooling(_WIDTH, _INNER)),
    )
    return blocks, Images(patches, patches, _WIDTH, (_SIDE, _SIDE))


def _aligner(c: Config) -> Tensors:
    """As many matrices as ``depth``, with activations between that are counted too.

    Raises:
        UnsupportedArchitectureError: another projector than the published models have.
    """
    if c.str("projector_type", default="mlp_gelu") != "mlp_gelu":
        raise UnsupportedArchitectureError("llmmem knows Janus with projectors of the type mlp_gelu only.")
    outputs = c.int("n_embed", least=1)
    tensors: list[Tensor] = [*linear("layers.0", c.int("input_dim", least=1), outputs, bias=True, cut=COLUMN)]
    for i in range(1, c.count("depth", default=1, least=1)):
        tensors += linear(f"layers.{2 * i}", outputs, outputs, bias=True)
    return tuple(tensors)


def multi_modality(c: Config, head: str | None = None) -> ModelSpec:
    """MultiModalityCausalLM (arXiv:2410.13848; code of deepseek-ai/Janus, models/modeling_vlm.py)."""
    text = build(c.sub("language_config", model_type="llama"), "lm")
    tower, images = _tower(c.sub("vision_config").sub("params"))
    codes, top = c.sub("gen_vision_config").sub("params"), c.sub("gen_head_config").sub("params")
    count, size = codes.int("image_token_size", default=16384), codes.int("n_embed", default=8)
    inner = top.int("image_token_embed", least=1)
    # The class builds the tokenizer by its own defaults, whatever the config says.
    painter = janus_vqgan(Config({"model_type": "janus_vqgan"}), "base")
    paints = (
        *linear("output_mlp_projector", top.int("n_embed", least=1), inner, bias=True, cut=COLUMN),
        *linear("vision_head", inner, top.int("image_token_size", default=count), bias=True, cut=COLUMN, role="head"),
    )
    others = (
        *tower,
        Block("projector", "aligner.", _aligner(c.sub("aligner_config").sub("params"))),
        *renamed(painter.placed("gen_vision_model."), *_VQ),
        Block("vision", "gen_vision_model.quantize.", buffer("codebook_used", 65536)),
        Block("projector", "gen_aligner.", _aligner(c.sub("gen_aligner_config").sub("params"))),
        Block("projector", "gen_head.", paints),
        Block("projector", "gen_embed.", (Tensor("weight", (count, size), "embedding", 0),)),
    )
    return multimodal(c, "lm", text, others, text_prefix="language_model.", head_prefix=None, images=images)
