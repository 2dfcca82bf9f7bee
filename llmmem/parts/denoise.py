"""What denoisers are made of (diffusers 0.42, models/attention.py, embeddings.py, normalization.py)."""

from __future__ import annotations

from llmmem.parts.basic import Tensors, buffer, embedding, norm, scalars
from llmmem.parts.modules import conv2d, dense, layer_norm, under


def attention(
    name: str,
    query: int,
    inner: int,
    *,
    source: int | None = None,
    kv: int | None = None,
    bias: bool = False,
    out: int | None = None,
    out_bias: bool = True,
    extra: Tensors = (),
) -> Tensors:
    """q, k, v and the output of diffusers' Attention.

    Args:
        query: width of what asks; ``source``: of what is read (default: the same).
        inner: width of all heads; ``kv``: of all key heads (default: the same).
        out: width of the output (default: ``query``).
        extra: norms and added projections, named relative to ``name``.
    """
    source, kv = query if source is None else source, inner if kv is None else kv
    return (
        *dense(f"{name}.to_q", query, inner, bias),
        *dense(f"{name}.to_k", source, kv, bias),
        *dense(f"{name}.to_v", source, kv, bias),
        *dense(f"{name}.to_out.0", inner, query if out is None else out, out_bias),
        *under(name, extra),
    )


def added(
    context: int, inner: int, *, out: int | None = None, bias: bool = True, only_keys: bool = False, last: bool = False
) -> Tensors:
    """Projections of a second stream (the text) that attends together with the first.

    Args:
        out: width the stream goes on with (default: ``context``).
        only_keys: the stream is read but asks nothing.
        last: the stream ends here and needs no output.
    """
    return (
        *(() if only_keys else dense("add_q_proj", context, inner, bias)),
        *dense("add_k_proj", context, inner, bias),
        *dense("add_v_proj", context, inner, bias),
        *(() if only_keys or last else dense("to_add_out", inner, context if out is None else out, True)),
    )


def qk_norms(size: int, key: int | None = None, *, names: tuple[str, str] = ("norm_q", "norm_k")) -> Tensors:
    """RMS norms over q and k: per head, or across heads where ``size`` is their whole width."""
    return (*norm(names[0], size), *norm(names[1], size if key is None else key))


ADDED_NORMS = ("norm_added_q", "norm_added_k")

#: kinds of norms over queries and keys
QK_NORMS = ("layer_norm", "fp32_layer_norm", "layer_norm_across_heads", "rms_norm", "rms_norm_across_heads", "l2")


def norms_of(kind: str | None, head: int, inner: int, kv: int | None = None) -> Tensors:
    """Norms over q and k by their name in a config: per head or across all, RMS or layer norm, with weights or none."""
    kv = inner if kv is None else kv
    if kind in ("layer_norm", "layer_norm_across_heads"):
        own, keys = (head, head) if kind == "layer_norm" else (inner, kv)
        return (*layer_norm("norm_q", own), *layer_norm("norm_k", keys))
    if kind == "rms_norm":
        return qk_norms(head)
    return qk_norms(inner, kv) if kind == "rms_norm_across_heads" else ()


def added_norms_of(kind: str | None, head: int, kv: int) -> Tensors:
    """The same over a second stream; across heads only its keys have one."""
    if kind == "layer_norm":
        return (*layer_norm("norm_added_q", head), *layer_norm("norm_added_k", head))
    if kind == "rms_norm":
        return qk_norms(head, names=ADDED_NORMS)
    return norm("norm_added_k", kv) if kind == "rms_norm_across_heads" else ()


def joint_attention(
    name: str,
    width: int,
    head: int,
    *,
    kind: str | None = "rms_norm",
    bias: bool = True,
    added_bias: bool | None = None,
    out_bias: bool | None = None,
    last: bool = False,
) -> Tensors:
    """Attention of two streams of one width, picture and text, over each other (SD3, arXiv:2403.03206).

    Args:
        kind: of the norms over queries and keys.
        added_bias, out_bias: of the text's projections and of the outputs (default: as ``bias``).
        last: the text ends here.
    """
    added_bias = bias if added_bias is None else added_bias
    out_bias = bias if out_bias is None else out_bias
    text = added(width, width, bias=added_bias, last=last)
    extra = tuple(t for t in text if out_bias or t.name != "to_add_out.bias")
    norms = (*norms_of(kind, head, width), *added_norms_of(kind, head, width))
    return attention(name, width, width, bias=bias, out_bias=out_bias, extra=(*extra, *norms))


#: activation_fn -> how often wider the first matrix is than what the second reads
GATED = {"geglu": 2, "swiglu": 2}
PLAIN = ("gelu", "gelu-approximate", "geglu-approximate", "linear-silu")


def feed_forward(
    name: str,
    width: int,
    *,
    inner: int | None = None,
    out: int | None = None,
    act: str = "gelu-approximate",
    bias: bool = True,
) -> Tensors:
    """Two matrices; a gated activation reads twice what it passes on.

    Args:
        inner: what the second matrix reads (default: four times the width).
    """
    inner = 4 * width if inner is None else inner
    return (
        *dense(f"{name}.net.0.proj", width, inner * GATED.get(act, 1), bias),
        *dense(f"{name}.net.2", inner, width if out is None else out, bias),
    )


def two_layers(name: str, inputs: int, hidden: int, out: int | None = None, *, bias: bool = True) -> Tensors:
    """linear_1, an activation, linear_2: embeddings of a timestep, a text, a size."""
    return (
        *dense(f"{name}.linear_1", inputs, hidden, bias),
        *dense(f"{name}.linear_2", hidden, hidden if out is None else out, bias),
    )


#: width of the sinusoids that stand for a timestep
SINUSOIDS = 256


def timestep(name: str, width: int, inputs: int = SINUSOIDS) -> Tensors:
    """From the sinusoids of a timestep to a vector."""
    return two_layers(name, inputs, width)


def modulation(name: str, width: int, times: int, inputs: int | None = None, *, bias: bool = True) -> Tensors:
    """Adaptive layer norm (arXiv:2212.09748): shifts, scales and gates from the timestep's vector."""
    return dense(f"{name}.linear", width if inputs is None else inputs, times * width, bias)


def label_embedding(name: str, classes: int, width: int) -> Tensors:
    """Timestep and class, with one class more for no class at all."""
    return (
        *timestep(f"{name}.timestep_embedder", width),
        *embedding(f"{name}.class_embedder.embedding_table", classes + 1, width),
    )


def adaptive_single(name: str, width: int, *, sizes: bool) -> Tensors:
    """One modulation for all blocks (PixArt-alpha, arXiv:2310.00426).

    Args:
        sizes: it knows resolution and aspect ratio too.
    """
    third = width // 3
    return (
        *timestep(f"{name}.emb.timestep_embedder", width),
        *(timestep(f"{name}.emb.resolution_embedder", third) if sizes else ()),
        *(timestep(f"{name}.emb.aspect_ratio_embedder", third) if sizes else ()),
        *modulation(name, width, 6),
    )


def patches(name: str, inputs: int, width: int, patch: int, *, bias: bool = True, positions: int = 0) -> Tensors:
    """The convolution that cuts a latent into patches.

    Args:
        positions: side of the grid of sinusoidal positions that the checkpoint holds (0: they are computed).
    """
    return (
        *conv2d(f"{name}.proj", inputs, width, patch, bias),
        *(buffer(f"{name}.pos_embed", 1, positions * positions, width) if positions else ()),
    )


def transformer_block(
    width: int,
    inner: int,
    *,
    cross: int | None,
    act: str = "geglu",
    bias: bool = False,
    out_bias: bool = True,
    norms: str = "layer_norm",
    affine: bool = True,
    embeddings: int | None = None,
    only_cross: bool = False,
    double: bool = False,
    gated: bool = False,
    ff_inner: int | None = None,
    ff_bias: bool = True,
    sinusoids: int = 0,
) -> Tensors:
    """BasicTransformerBlock: self attention, cross attention, feed-forward.

    Args:
        cross: width of what the second attention reads (None: there is none unless ``double``).
        norms: norm_type: layer_norm, ada_norm, ada_norm_zero, ada_norm_single, layer_norm_i2vgen.
        embeddings: timesteps or classes the adaptive norms know.
        only_cross: the first attention reads what the second reads.
        double: the second attention is a self attention.
        gated: boxes and images are attended to in between (GLIGEN, arXiv:2301.07093).
        sinusoids: positions in the checkpoint.
    """
    plain = layer_norm if affine else _nothing

    def adaptive(name: str) -> Tensors:
        if norms == "ada_norm":
            return (*embedding(f"{name}.emb", embeddings or 0, width), *modulation(name, width, 2))
        if norms == "ada_norm_zero" and name == "norm1":
            return (*label_embedding(f"{name}.emb", embeddings or 0, width), *modulation(name, width, 6))
        return plain(name, width)

    second = cross is not None or double
    return (
        *(buffer("pos_embed.pe", 1, sinusoids, width) if sinusoids else ()),
        *adaptive("norm1"),
        *attention("attn1", width, inner, source=cross if only_cross else None, bias=bias, out_bias=out_bias),
        *(adaptive("norm2") if second or norms == "ada_norm_single" else ()),
        *(
            attention("attn2", width, inner, source=None if double else cross, bias=bias, out_bias=out_bias)
            if second
            else ()
        ),
        *(plain("norm3", width) if norms in ("layer_norm", "ada_norm", "ada_norm_zero") else ()),
        *feed_forward("ff", width, inner=ff_inner, act=act, bias=ff_bias),
        *(_fuser(width, inner, cross or 0) if gated else ()),
        *(scalars("scale_shift_table", 6, width) if norms == "ada_norm_single" else ()),
    )


def _nothing(name: str, size: int) -> Tensors:
    """A norm without parameters."""
    return ()


def _fuser(width: int, inner: int, context: int) -> Tensors:
    return under(
        "fuser",
        dense("linear", context, width),
        attention("attn", width, inner),
        feed_forward("ff", width, act="geglu"),
        layer_norm("norm1", width),
        layer_norm("norm2", width),
        scalars("alpha_attn"),
        scalars("alpha_dense"),
    )
