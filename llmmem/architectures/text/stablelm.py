"""StableLM: LayerNorm, in the 12B a norm of its own for each head of q and k, and attention beside the MLP."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Tensor, runs


def stablelm(c: Config, head: str | None = None) -> ModelSpec:
    """StableLmForCausalLM (transformers 5.23, models/stablelm)."""
    s = sizes(c, hidden=2560, heads=32, intermediate=6912, kv_heads=32)
    # The class knows no head_dim.
    s = s._replace(head_dim=divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads))
    qk_norms: Tensors = ()
    if c.bool("qk_layernorm"):
        qk_norms = (
            Tensor("q_layernorm.norms.{}.weight", (s.head_dim,), "norm", copies=s.heads),
            Tensor("k_layernorm.norms.{}.weight", (s.head_dim,), "norm", copies=s.kv_heads),
        )
    norms = ("input_layernorm", "post_attention_layernorm")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window")),
        norms=norms[:1] if c.bool("use_parallel_residual") else norms,
        norm_bias=True,
        bias=c.bool("use_qkv_bias"),
        extra=qk_norms,
        # q and k before and after a part of them is turned
        run={"beside": (s.heads + s.kv_heads) * s.head_dim * 5 // 4},
        # What attention read and gave stays alive beside the residual.
        feed_forward=runs(gated_mlp("mlp", s.hidden, s.intermediate), held=6),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=50304, least=1),
        final=norm("norm", s.hidden, bias=True),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=4096),
    )
