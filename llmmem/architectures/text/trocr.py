"""TrOCR's decoder, which writes down what an encoder of pictures saw."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.architectures.encdec import stack
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, embedding, linear, norm, positions
from llmmem.parts.encoder import fairseq_layer
from llmmem.tensors import Block, ModelSpec


def trocr(c: Config, head: str | None = None) -> ModelSpec:
    """TrOCRForCausalLM (arXiv:2109.10282; transformers 5.23, models/trocr), by itself or behind an encoder."""
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=50265)
    length = c.int("max_position_embeddings", default=512)
    heads = c.int("num_attention_heads", "decoder_attention_heads", default=16, least=1)
    layer = fairseq_layer(
        hidden,
        heads,
        divide(c, "d_model over decoder_attention_heads", hidden, heads),
        c.int("decoder_ffn_dim", default=4096),
        decoder=True,
        biased=True,
        source=c.optional("cross_attention_hidden_size"),
    )
    if head != "decoder":
        # Nothing is encoded, so the keys and values of an encoder are never kept.
        layer = layer._replace(caches=tuple(x for x in layer.caches if x.kind != "cross"))
    # Sinusoidal positions are not stored.
    learned = c.bool("use_learned_position_embeddings", default=True)
    stem = (
        *embedding("embed_tokens", vocab, hidden),
        *(positions("embed_positions", length + 2, hidden) if learned else ()),
        *(norm("layernorm_embedding", hidden, bias=True) if c.bool("layernorm_embedding", default=True) else ()),
    )
    n = c.count("num_hidden_layers", "decoder_layers", default=12)
    tied = c.bool("tie_word_embeddings", default=True)
    top: Tensors = () if tied else linear("output_projection", hidden, vocab, cut="column", role="head")
    return model_spec(
        c,
        [
            *stack("decoder", "model.decoder.", stem, uniform("decoder", "layers.{}.", n, layer)),
            Block("decoder", "", top),
        ],
        hidden=hidden,
        vocab=vocab,
        max_context=length,
        tied=(("output_projection.weight", "model.decoder.embed_tokens.weight"),) if tied else (),
    )
