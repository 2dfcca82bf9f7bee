"""Mixers of a GGUF layer that keep a state of fixed size: state spaces, linear attention, RWKV, short convolutions."""

from __future__ import annotations

from llmmem.architectures.gguf.metadata import Metadata
from llmmem.parts.delta import channel_delta_net, gated_delta_net
from llmmem.parts.lightning import lightning_attention
from llmmem.parts.mamba import mamba2_mixer, mamba_mixer
from llmmem.parts.shortconv import short_conv
from llmmem.tensors import Cache, Part, Work

NONE = Part(())


def recurrent(m: Metadata, heads: int, own: dict[str, tuple[int, ...]]) -> Part:
    """Caches and work of what a layer has of these, by its tensors; nothing if it has none.

    Args:
        heads: of the first layer's attention; llama.cpp gives every delta net as many.
    """
    if "ssm_conv1d.weight" in own:
        return _state_space(m, own)
    if "ssm_conv1d_q.weight" in own:
        return _caches(
            channel_delta_net(
                "", m.number("embedding_length"), heads, m.number("kda.head_dim"), m.number("ssm.conv_kernel")
            )
        )
    if "shortconv.conv.weight" in own:
        return _caches(short_conv("", m.number("embedding_length"), m.number("shortconv.l_cache")))
    if any(name.startswith("time_mix_") for name in own):
        return _rwkv(m)
    if m.architecture == "minimax-01" and "attn_qkv.weight" in own:
        hidden, heads = m.number("embedding_length"), m.some("attention.head_count")
        return _caches(lightning_attention("", hidden, heads, m.number("attention.key_length", hidden // heads), 0))
    return NONE


def _state_space(m: Metadata, own: dict[str, tuple[int, ...]]) -> Part:
    hidden, inner, state = m.number("embedding_length"), m.number("ssm.inner_size"), m.number("ssm.state_size")
    kernel, rank = m.some("ssm.conv_kernel"), m.some("ssm.time_step_rank")
    groups = m.number("ssm.group_count", 0)
    if {"ssm_ba.weight", "ssm_beta.weight", "ssm_alpha.weight"} & own.keys():
        return _caches(
            gated_delta_net(
                "",
                hidden,
                key_heads=m.some("ssm.group_count"),
                value_heads=rank,
                key_dim=state,
                value_dim=inner // rank,
                kernel=kernel,
            )
        )
    if "ssm_x.weight" in own:
        return _caches(mamba_mixer("", hidden, inner, state, rank, kernel))
    return _caches(mamba2_mixer("", hidden, rank, inner // rank, state, groups, kernel))


def _rwkv(m: Metadata) -> Part:
    """Inputs of the last token, for one or two mixers of a layer, and a matrix per head, all in fp32."""
    hidden, head = m.number("embedding_length"), m.some("wkv.head_size")
    shifts = m.number("token_shift_count", 2)
    matrix = Cache("state", hidden // head, size=head * head, dtype="fp32")
    return Part(
        (), (Cache("state", size=shifts * hidden, dtype="fp32"), matrix), (Work("linear_attention", 11 * hidden),)
    )


def engram(m: Metadata, index: int) -> Part:
    """The last tokens that a layer's n-gram embeddings are mixed over (Qwen4-Exp: ple_conv_state of llama-hparams.cpp).

    It is kept for every stream of the residual.
    """
    layers = m.get("ple.layers")
    if m.architecture != "qwen4exp" or not isinstance(layers, list) or index not in layers:
        return NONE
    streams = m.number("hyper_connection.count", 1) * m.number("embedding_length")
    held = (m.number("ple.conv_kernel", 1) - 1) * m.number("ple.ngram_size", 0)
    return Part((), (Cache("state", size=max(0, held) * streams, dtype="fp32"),))


def _caches(part: Part) -> Part:
    return part._replace(tensors=())
