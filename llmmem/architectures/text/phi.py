"""Phi-1 and Phi-2: attention and MLP side by side behind one norm, biases everywhere, even on the head."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec


def phi(c: Config, head: str | None = None) -> ModelSpec:
    """PhiForCausalLM (arXiv:2306.11644; transformers 5.23, models/phi)."""
    s = sizes(c, hidden=2048, heads=32, intermediate=8192)
    qk_norms: Tensors = ()
    if c.bool("qk_layernorm"):
        width = s.hidden // s.heads  # whatever head_dim says
        qk_norms = (*norm("q_layernorm", width, bias=True), *norm("k_layernorm", width, bias=True))
    act = c.str("hidden_act", default="gelu_new")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=24), c.optional("sliding_window")),
        norms=("input_layernorm",),
        norm_bias=True,
        names=("q_proj", "k_proj", "v_proj", "dense"),
        bias=True,
        out_bias=True,
        extra=qk_norms,
        # q and k before and after a part of them is turned
        run={"beside": (s.heads * s.head_dim + s.kv_heads * s.head_dim) * 3 // 2},
        feed_forward=mlp(("mlp.fc1", "mlp.fc2"), s.hidden, s.intermediate, act=act),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=51200, least=1),
        final=norm("final_layernorm", s.hidden, bias=True),
        head_bias=True,
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=2048),
    )
