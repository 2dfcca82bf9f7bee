"""Llama under other names: models that bring their own code and differ from it in a bias, in tying or in a head."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import Sizes, llama_layers, sizes
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import buffer
from llmmem.tensors import Block, ModelSpec


def _sizes(
    c: Config, *, hidden: int = 4096, heads: int = 32, intermediate: int = 11008, kv_heads: int | None = None
) -> Sizes:
    """The usual keys; none of these classes knows a head_dim."""
    s = sizes(c, hidden=hidden, heads=heads, intermediate=intermediate, kv_heads=kv_heads)
    return s._replace(head_dim=divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads))


def _layers(c: Config, s: Sizes, *, layers: int = 32, bias: bool = False, norm_bias: bool = False) -> tuple[Block, ...]:
    windows = layer_windows(c, c.count("num_hidden_layers", default=layers), None)
    return llama_layers(s, windows, bias=bias, out_bias=bias, norm_bias=norm_bias)


def internlm(c: Config, head: str | None = None) -> ModelSpec:
    """InternLMForCausalLM: biases on q, k, v and the output (code that comes with internlm/internlm-7b)."""
    s = _sizes(c)
    return language_model(
        c,
        head,
        _layers(c, s, bias=c.bool("bias", default=True)),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=103168, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )


def xverse(c: Config, head: str | None = None) -> ModelSpec:
    """XverseForCausalLM (code that comes with xverse/XVERSE-7B and 13B).

    Raises:
        UnsupportedArchitectureError: XVERSE-MoE, which has the same model_type and is not described.
    """
    if c.get("num_experts"):
        raise UnsupportedArchitectureError(
            "llmmem does not know XVERSE models with experts (num_experts).", "Dense XVERSE models are known."
        )
    s = _sizes(c, hidden=5120, heads=40, intermediate=13824)
    return language_model(
        c,
        head,
        _layers(c, s, layers=40),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=100278, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
    )


def pangu_embedded(c: Config, head: str | None = None) -> ModelSpec:
    """PanguEmbeddedForCausalLM (arXiv:2505.22375; code that comes with openPangu-Embedded-7B).

    Reproduces the 16,061,784,576 stored bytes of the 7B, rotary frequencies among them.
    """
    s = _sizes(c, intermediate=12800, kv_heads=8)
    frequencies = buffer("self_attn.rotary_emb.inv_freq", s.head_dim // 2, dtype="fp32")
    layers = _layers(c, s, layers=34, bias=c.bool("bias", default=True))
    return language_model(
        c,
        head,
        tuple(block._replace(tensors=(*block.tensors, *frequencies)) for block in layers),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=153376, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
    )


def minicpm(c: Config, head: str | None = None) -> ModelSpec:
    """MiniCPMForCausalLM, generations 1, 2 and 4: scaled, and tied by default (arXiv:2404.06395).

    Raises:
        UnsupportedArchitectureError: MiniCPM-MoE, which is not described.
    """
    if c.get("num_experts"):
        raise UnsupportedArchitectureError(
            "llmmem does not know MiniCPM models with experts (num_experts).", "Dense MiniCPM models are known."
        )
    s = _sizes(c)
    bias = c.bool("attention_bias")
    sparse = "sparse_config attends to chosen blocks only; the cache keeps every token, compressed keys are not counted"
    return language_model(
        c,
        head,
        _layers(c, s, bias=bias),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        tied=True,
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
        notes=(sparse,) if c.get("sparse_config") else (),
    )
