"""The Perception Encoder (arXiv:2504.13181), under the names timm gives it."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, uniform
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, Tensors, conv, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Tensor, join

#: the arguments of timm that are followed here, and one that changes no size
_KNOWN = {
    "embed_dim",
    "depth",
    "img_size",
    "global_pool",
    "init_values",
    "use_post_transformer_norm",
    "ref_feat_shape",
}


def perception_encoder(c: Config) -> ModelSpec:
    """vit_pe_core_large_patch14_336 of timm 1.0.

    Raises:
        UnsupportedArchitectureError: another of timm's models, or arguments this does not follow.
    """
    name = c.str("architecture", default="resnet50")
    args = c.sub("model_args")
    unknown = sorted(args.raw.keys() - _KNOWN)
    pooled = args.str("global_pool", default="map")
    if pooled not in ("map", "") and not unknown:
        unknown = ["global_pool"]
    if name != "vit_pe_core_large_patch14_336" or unknown:
        what = f"the argument {unknown[0]!r} of timm" if unknown else f"timm's model {name!r}"
        raise UnsupportedArchitectureError(
            f"llmmem does not know {what[:80]}.", "Known: vit_pe_core_large_patch14_336 and its usual arguments."
        )
    hidden, heads = args.int("embed_dim", default=1024, least=1), 16
    head_dim = divide(args, "embed_dim over heads", hidden, heads)
    height, width = args.pair("img_size", default=336)
    patches = (height // 14) * (width // 14)
    scaled = args.get("init_values") is not None
    layer = join(
        norm("norm1", hidden, bias=True),
        fused_attention(("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=True, cache=None),
        scalars("gamma_1", hidden) if scaled else (),
        norm("norm2", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, 4 * hidden),
        scalars("gamma_2", hidden) if scaled else (),
    )
    stem = (
        Tensor("cls_token", (1, 1, hidden), "position"),
        Tensor("pos_embed", (1, patches + 1, hidden), "position"),
        *conv("patch_embed.proj", hidden, 3, 14, 14),
        *norm("norm_pre", hidden, bias=True),
    )
    pool: Tensors = ()
    if pooled == "map":
        pool = (
            Tensor("attn_pool.latent", (1, 1, hidden), "position"),
            *linear("attn_pool.q", hidden, hidden, bias=True, cut=COLUMN),
            *linear("attn_pool.kv", hidden, 2 * hidden, bias=True, cut=COLUMN),
            *linear("attn_pool.proj", hidden, hidden, bias=True),
            *norm("attn_pool.norm", hidden, bias=True),
            *mlp(("attn_pool.mlp.fc1", "attn_pool.mlp.fc2"), hidden, 4 * hidden).tensors,
        )
    last = norm("norm", hidden, bias=True) if args.bool("use_post_transformer_norm", default=True) else ()
    blocks = [
        Block("vision", "timm_model.", stem),
        *uniform("vision", "timm_model.blocks.{}.", args.count("depth", default=24), layer),
        Block("vision", "timm_model.", (*last, *pool)),
    ]
    return model_spec(c, blocks, hidden=hidden)._replace(images=Images(patches, patches + 1, hidden, (height, width)))
