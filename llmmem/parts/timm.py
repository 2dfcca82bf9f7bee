"""Vision transformers under the names timm gives them (VisionTransformer, AttentionPoolLatent)."""

from __future__ import annotations

from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import Tensors, conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Part, Tensor, join


def timm_stem(hidden: int, patch: int, patches: int) -> Tensors:
    """Patches and their learned positions; there is no class token."""
    return (
        *conv("patch_embed.proj", hidden, 3, patch, patch, bias=True),
        Tensor("pos_embed", (1, patches, hidden), "position"),
    )


def timm_layer(hidden: int, heads: int, head_dim: int, intermediate: int) -> Part:
    """A pre-norm layer, below ``blocks.{}.``."""
    return join(
        norm("norm1", hidden, bias=True),
        fused_attention(("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=True, cache=None),
        norm("norm2", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, intermediate),
    )


def timm_pooling(hidden: int, intermediate: int) -> Tensors:
    """One learned query that reads all patches, and a feed-forward behind it."""
    return (
        Tensor("latent", (1, 1, hidden), "position"),
        *linear("q", hidden, hidden, bias=True),
        *linear("kv", hidden, 2 * hidden, bias=True),
        *linear("proj", hidden, hidden, bias=True),
        *norm("norm", hidden, bias=True),
        *mlp(("mlp.fc1", "mlp.fc2"), hidden, intermediate).tensors,
    )
