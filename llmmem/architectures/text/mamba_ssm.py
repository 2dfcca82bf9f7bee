"""Mamba and Mamba-2 in the format of their authors' own package, attention layers among them."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.mamba import time_step_rank
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import attention_work, kv_cache
from llmmem.parts.basic import COLUMN, ROW, conv, embedding, linear, norm
from llmmem.parts.mamba import mamba2_mixer, mamba_mixer
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import Cache, ModelSpec, Part, join


def _mixer(c: Config, hidden: int) -> Part:
    """The state-space layer that ``ssm_cfg`` describes, by the class's own arguments."""
    kind = c.str("layer", default="Mamba1")
    if kind not in ("Mamba1", "Mamba2") or c.get("d_ssm", "D_has_hdim"):
        raise UnsupportedArchitectureError(
            f"llmmem does not know this ssm_cfg: layer {kind[:40]}, d_ssm or D_has_hdim.", "Known: Mamba1 and Mamba2."
        )
    inner = c.int("expand", default=2) * hidden
    kernel = c.int("d_conv", default=4)
    bias, conv_bias = c.bool("bias"), c.bool("conv_bias", default=True)
    if kind == "Mamba1":
        state, rank = c.int("d_state", default=16), time_step_rank(c, "dt_rank", hidden)
        part = mamba_mixer("mixer", hidden, inner, state, rank, kernel, bias=bias, conv_bias=conv_bias)
    else:
        head_dim = c.int("headdim", default=64, least=1)
        part = mamba2_mixer(
            "mixer",
            hidden,
            divide(c, "expand * d_model over headdim", inner, head_dim),
            head_dim,
            c.int("d_state", default=128),
            c.int("ngroups", default=1),
            kernel,
            bias=bias,
            conv_bias=conv_bias,
            gated_norm=c.bool("rmsnorm", default=True),
            chunk=c.int("chunk_size", default=256),
        )
    # The package keeps the state in the dtype of the weights.
    return part._replace(caches=tuple(cache._replace(dtype=None) for cache in part.caches))


def _attention(c: Config, hidden: int) -> Part:
    """The attention layer that ``attn_cfg`` describes: a convolution over q, k and v, and an MLP beside it."""
    heads = c.int("num_heads", least=1)
    kv_heads = c.int("num_heads_kv", default=heads, least=1)
    head_dim = c.int("head_dim", default=hidden // heads, least=1)
    channels, kernel = (heads + 2 * kv_heads) * head_dim, c.int("d_conv", default=0)
    beside = -(-c.int("mlp_dim", default=0) // 256) * 256
    inputs = heads * head_dim + beside // 2
    tensors = (
        *linear("mixer.in_proj", hidden, channels + beside, bias=c.bool("qkv_proj_bias", default=True), cut=COLUMN),
        *(conv("mixer.conv1d", channels, 1, kernel, bias=True, shard=0) if kernel else ()),
        *linear("mixer.out_proj", inputs, hidden, bias=c.bool("out_proj_bias", default=True), cut=ROW),
    )
    memory = (Cache("conv", channels, size=kernel),) if kernel else ()
    return Part(tensors, (kv_cache("full", kv_heads, head_dim), *memory), (attention_work(heads, kv_heads, head_dim),))


def mamba_ssm(c: Config, head: str | None = None) -> ModelSpec:
    """MambaLMHeadModel (arXiv:2312.00752, arXiv:2405.21060; state-spaces/mamba, models/mixer_seq_simple.py).

    Reproduces mamba-130m (129,135,360) to mamba-2.8b (2,768,345,600) and mamba2-2.7b (2,702,599,680).
    """
    hidden = c.int("d_model", default=2560, least=1)
    inner = -(-c.int("d_intermediate", default=0) // 128) * 128
    shift = not c.bool("rms_norm", default=True)
    states = _mixer(c.sub("ssm_cfg"), hidden)
    places = set(c.ints("attn_layer_idx") or ())

    def layer(attends: bool) -> Part:
        return join(
            _attention(c.sub("attn_cfg"), hidden) if attends else states,
            norm("norm", hidden, bias=shift),
            norm("norm2", hidden, bias=shift) if inner else (),
            fused_gated_mlp("mlp", hidden, inner, names=("fc1", "fc2")) if inner else (),
        )

    multiple = c.int("pad_vocab_size_multiple", default=8, least=1)
    vocab = -(-c.int("vocab_size", default=50277, least=1) // multiple) * multiple
    kinds = [i in places for i in range(c.count("n_layer", default=64))]
    # The package spells the flag its own way.
    tied = Config({**c.raw, "tie_word_embeddings": c.bool("tie_embeddings", default=True)}, c.path, c.reads)
    return language_model(
        tied,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embedding", vocab, hidden),
        final=norm("norm_f", hidden, bias=shift),
        base="backbone.",
        heads=(),
    )
