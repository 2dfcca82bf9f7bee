"""Muse Glimmer's drafter: layers that read what chosen layers of the large model made, and no vocabulary of its own."""

from __future__ import annotations

from llmmem.architectures.base import head_of, layer_windows, model_spec, refuse_head
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.attention import qk_norm
from llmmem.parts.basic import linear, norm
from llmmem.tensors import Block, ModelSpec


def muse_glimmer_assistant(c: Config, head: str | None = None) -> ModelSpec:
    """MuseGlimmerAssistantModel (transformers 5.23, models/muse_glimmer_assistant)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    s = sizes(c, hidden=6656, heads=32, kv_heads=8, head_dim=128, intermediate=19968)
    n = c.count("num_hidden_layers", default=5)
    window = c.optional("sliding_window", default=2048)
    layers = llama_layers(s, layer_windows(c, n, window, pattern=["sliding_attention"] * n), extra=qk_norm(s.head_dim))
    # The vectors of the layers it reads come in side by side.
    read = c.list("target_layer_ids")
    context = (
        *linear("fc", (5 if read is None else len(read)) * s.hidden, s.hidden),
        *norm("output_norm_enc", s.hidden),
    )
    blocks = [*layers, Block("language", "", norm("norm", s.hidden)), Block("projector", "encoder.", context)]
    return model_spec(c, blocks, hidden=s.hidden, max_context=c.int("max_position_embeddings", default=131072))
