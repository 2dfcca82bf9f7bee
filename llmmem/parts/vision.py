"""Vision transformers: what stands before, in and on their layers."""

from __future__ import annotations

from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, conv, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Part, Tensor, Work, join


def vit_layer(
    hidden: int,
    heads: int,
    head_dim: int,
    intermediate: int,
    *,
    norms: tuple[str, str] = ("layer_norm1", "layer_norm2"),
    out: str = "out_proj",
    act: str = "gelu",
) -> Part:
    """A pre-norm layer with LayerNorm and biases everywhere (ViT, arXiv:2010.11929)."""
    names = ("q_proj", "k_proj", "v_proj", out)
    return join(
        norm(norms[0], hidden, bias=True),
        attention(
            "self_attn", hidden, heads, heads, head_dim, names=names, bias=True, out_bias=True, cache=None, rotary=False
        ),
        norm(norms[1], hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, intermediate, act=act),
    )


def vit_embeddings(
    hidden: int, channels: int, patch: tuple[int, int], patches: int, *, class_token: bool, bias: bool
) -> Tensors:
    """The convolution that cuts a picture into patches, their positions, and the class token where there is one.

    Args:
        bias: of the convolution.
    """
    return (
        *((Tensor("class_embedding", (hidden,), "position"),) if class_token else ()),
        *conv("patch_embedding", hidden, channels, *patch, bias=bias),
        *positions("position_embedding", patches + class_token, hidden),
    )


def attention_pooling(hidden: int, intermediate: int) -> Tensors:
    """One learned query that reads all patches (torch.nn.MultiheadAttention), then a residual MLP.

    It works on a single token, so it adds nothing to a peak.
    """
    return (
        Tensor("probe", (1, 1, hidden), "position"),
        # A bare parameter, not a torch.nn.Linear: conversions pass it by.
        Tensor("attention.in_proj_weight", (3 * hidden, hidden), "scalar"),
        Tensor("attention.in_proj_bias", (3 * hidden,), "bias"),
        *linear("attention.out_proj", hidden, hidden, bias=True),
        *norm("layernorm", hidden, bias=True),
        *mlp(("mlp.fc1", "mlp.fc2"), hidden, intermediate).tensors,
    )


def projection(name: str, hidden: int, outputs: int) -> Tensors:
    """Into the space that texts and pictures share (CLIP, arXiv:2103.00020)."""
    return linear(name, hidden, outputs, cut=COLUMN)


def swin_layer(
    hidden: int,
    heads: int,
    head_dim: int,
    intermediate: int,
    window: int,
    *,
    bias: bool,
    scale: int,
    extra: Tensors = (),
) -> Part:
    """Attention inside windows of ``window`` x ``window`` places, with a bias per pair of them (arXiv:2103.14030).

    Args:
        bias: of q, k, v.
        scale: places in this stage for one in the last, which is what tokens are counted in.
        extra: further tensors of the attention.
    """
    names = ("self.query", "self.key", "self.value", "output.dense")
    pairs = Tensor("self.relative_position_bias_table", ((2 * window - 1) ** 2, heads), "position", 1)
    own = (pairs, *(t._replace(name=f"self.{t.name}") for t in extra))
    part = join(
        norm("layernorm_before", hidden, bias=True),
        attention(
            "attention", hidden, heads, heads, head_dim, names=names, bias=bias, out_bias=True, extra=own, cache=None
        ),
        norm("layernorm_after", hidden, bias=True),
        mlp(("intermediate.dense", "output.dense"), hidden, intermediate),
    )
    # The input, the residual and the normed input; in the attention the scores of a window, before and after softmax.
    seen = {"attention": 2 * heads * window**2}
    work = tuple(Work(w.kind, scale * (3 * hidden + w.width + seen.get(w.kind, 0))) for w in part.work)
    return part._replace(work=work)
