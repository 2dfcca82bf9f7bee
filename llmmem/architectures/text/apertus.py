"""Apertus: norms over each head of q and k, an MLP without a gate whose activation is learned."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.attention import qk_norm
from llmmem.parts.basic import Tensors, buffer, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join


def apertus(c: Config, head: str | None = None) -> ModelSpec:
    """ApertusForCausalLM (arXiv:2509.14233; transformers 5.23, models/apertus)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=14336)
    bias = c.bool("attention_bias")
    xielu: Tensors = ()
    if c.str("hidden_act", default="xielu") == "xielu":
        # arXiv:2411.13010: two slopes are learned, two constants are stored beside them.
        learned = (*scalars("mlp.act_fn.alpha_p", 1), *scalars("mlp.act_fn.alpha_n", 1))
        xielu = (*learned, *buffer("mlp.act_fn.beta"), *buffer("mlp.act_fn.eps"))
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window")),
        norms=("attention_layernorm", "feedforward_layernorm"),
        bias=bias,
        out_bias=bias,
        extra=qk_norm(s.head_dim),
        feed_forward=join(mlp(("mlp.up_proj", "mlp.down_proj"), s.hidden, s.intermediate, bias=False), xielu),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=131072, least=1),
        heads=("token",),
        max_context=c.int("max_position_embeddings", default=65536),
    )
