"""SaProt, which reads the proteins of Evolla."""

from __future__ import annotations

from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, embedding, norm, positions
from llmmem.parts.encoder import bert_layer
from llmmem.tensors import Block


def saprot(c: Config) -> list[Block]:
    """EvollaSaProtProteinEncoder, an ESM-2 (arXiv:2402.18084).

    Raises:
        ConfigError: cross attention in an encoder.
    """
    hidden, heads = c.int("hidden_size", default=1280, least=1), c.int("num_attention_heads", default=20, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    cross = c.bool("add_cross_attention")
    if cross and not c.bool("is_decoder"):
        raise ConfigError("protein_encoder_config.add_cross_attention needs is_decoder.", "Check the config.json.")
    stem: Tensors = embedding("word_embeddings", c.int("vocab_size", default=446), hidden)
    if c.bool("emb_layer_norm_before"):
        stem += norm("layer_norm", hidden, bias=True)
    if c.str("position_embedding_type", default="rotary") == "absolute":
        stem += positions("position_embeddings", c.int("max_position_embeddings", default=1026), hidden)
    inner = c.int("intermediate_size", default=5120)
    layer = bert_layer(hidden, heads, head_dim, inner, cross=cross, norms=("LayerNorm", "LayerNorm"))
    layers = c.count("num_hidden_layers", default=33)
    return [
        Block("protein", "model.embeddings.", stem),
        Block("protein", "model.rotary_embeddings.", buffer("inv_freq", (head_dim + 1) // 2)),
        *([Block("protein", "model.encoder.layer.{}.", layer.tensors, range(layers))] if layers else []),
        Block("protein", "model.encoder.", norm("emb_layer_norm_after", hidden, bias=True)),
    ]
