"""Chameleon: one language model whose words are also the codes of pictures."""

from __future__ import annotations

from llmmem.architectures.base import head_of, language_model, layer_windows
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.text.decoder import llama_layers
from llmmem.architectures.text.decoder import sizes as layer_sizes
from llmmem.architectures.vision.vqgan import chameleon_vqgan
from llmmem.config import Config, divide
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Tensor


def chameleon(c: Config, head: str | None = None) -> ModelSpec:
    """ChameleonForConditionalGeneration (arXiv:2405.09818; transformers 5.23, models/chameleon)."""
    kind = head_of(c, head)
    s = layer_sizes(c, hidden=4096, heads=32, intermediate=11008, kv_heads=32)
    s = s._replace(head_dim=divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads))
    # A norm of its own for every head.
    extra = tuple(
        Tensor(f"{name}.{part}", (heads, s.head_dim), "norm")
        for name, heads in (("q_norm", s.heads), ("k_norm", s.kv_heads))
        for part in ("weight", "bias")
    )
    bias = c.bool("attention_bias")
    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    spec = language_model(
        c,
        kind,
        llama_layers(
            s,
            windows,
            bias=bias,
            out_bias=bias,
            extra=extra,
            feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
        ),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=65536, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=4096),
    )
    tokenizer = chameleon_vqgan(typed(c, "vq_config", "chameleon_vqgan"), "base")
    blocks = (*spec.blocks, *tokenizer.placed("vqmodel." if kind == "base" else "model.vqmodel."))
    return spec._replace(blocks=blocks, images=tokenizer.images and tokenizer.images._replace(around=2))
