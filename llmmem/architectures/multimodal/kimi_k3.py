"""Kimi K3: a delta-net language model, and MoonViT without biases, wider in its attention than in its layers."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal
from llmmem.architectures.text.kimi_k3 import kimi_k3_text
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, Work, join

#: forms of the tower that the published model does not have
_OTHER = ("attn_bias", "linear_bias", "patch_embed_proj_bias")


def kimi_k3(c: Config, head: str | None = None) -> ModelSpec:
    """KimiK3ForConditionalGeneration (file headers of moonshotai/Kimi-K3).

    Reproduces its 1.56 TB of MXFP4 experts and bfloat16, published as 2.8 T parameters of which 104 B are active.

    Raises:
        UnsupportedArchitectureError: another form of the tower than the published one.
    """
    text, v = kimi_k3_text(c.sub("text_config")), c.sub("vision_config")
    if any(v.bool(key) for key in _OTHER) or v.str("norm_type", default="rmsnorm") != "rmsnorm":
        raise UnsupportedArchitectureError(
            "llmmem knows Kimi K3's tower without biases and with RMSNorm only.", "Check vision_config."
        )
    hidden, heads = v.int("vt_hidden_size", least=1), v.int("vt_num_attention_heads", least=1)
    inner, width = v.int("vt_intermediate_size"), v.int("qkv_hidden_size", least=1)
    head_dim = divide(v, "qkv_hidden_size over vt_num_attention_heads", width, heads)
    patch, (high, wide) = v.int("patch_size", default=14, least=1), v.pair("merge_kernel_size", default=2, least=1)
    attends = Part(
        (
            *linear("wqkv", hidden, 3 * width, cut=COLUMN, unit=head_dim),
            *linear("wo", width, hidden, cut=ROW, unit=head_dim),
        ),
        (),
        (attention_work(heads, heads, head_dim),),
    )
    layer = join(
        norm("norm0", hidden), norm("norm1", hidden), attends, mlp(("mlp.fc0", "mlp.fc1"), hidden, inner, bias=False)
    )
    grid = (v.int("init_pos_emb_height", default=64), v.int("init_pos_emb_width", default=64), hidden)
    cell = hidden * high * wide
    projector = (
        *linear("proj.0", cell, cell, cut=COLUMN),
        *linear("proj.2", cell, text.hidden_size, cut=ROW),
        *norm("post_norm", text.hidden_size),
    )
    stem = (*conv("proj", hidden, 3, patch, patch), Tensor("pos_emb.weight", grid, "position"))
    others = (
        Block("vision", "vision_tower.patch_embed.", stem),
        *uniform("vision", "vision_tower.encoder.blocks.{}.", v.count("vt_num_hidden_layers"), layer),
        Block("vision", "vision_tower.encoder.", norm("final_layernorm", hidden)),
        # One cell of merged patches passes as one token.
        Block("projector", "mm_projector.", projector, work=(Work("mlp", 2 * hidden),)),
    )
    notes = (NOT_SIZED,)
    return multimodal(c, head, text, others, tied=c.bool("tie_word_embeddings"), notes=notes)
