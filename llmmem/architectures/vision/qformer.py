"""Q-Formers: a few learned queries that read a tower, as many as the language model gets tokens."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, model_spec, no_head
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import embedding, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join

NAMES = ("attention.query", "attention.key", "attention.value", "output.dense")


def blip_2_qformer(c: Config, head: str | None = None) -> ModelSpec:
    """Blip2QFormerModel (arXiv:2301.12597; transformers 5.23, models/blip_2)."""
    stem = Block("vision", "", norm("layernorm", c.int("hidden_size", default=768), bias=True))
    return _queries(c, head, stem, c.bool("use_qformer_text_input"))


def instructblip_qformer(c: Config, head: str | None = None) -> ModelSpec:
    """InstructBlipQFormerModel, which reads the question too (arXiv:2305.06500; transformers 5.23)."""
    hidden = c.int("hidden_size", default=768)
    stem = (
        *embedding("word_embeddings", c.int("vocab_size", default=30522), hidden),
        *positions("position_embeddings", c.int("max_position_embeddings", default=512), hidden),
        *norm("layernorm", hidden, bias=True),
    )
    return _queries(c, head, Block("vision", "embeddings.", stem), True)


def _queries(c: Config, head: str | None, stem: Block, reads_text: bool) -> ModelSpec:
    """The layers, every few of which read the tower."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=768)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=3072)
    source = c.int("encoder_hidden_size", default=1408)

    def attend(name: str, source: int | None) -> Part:
        return join(
            attention(
                name,
                hidden,
                heads,
                heads,
                head_dim,
                names=NAMES,
                bias=True,
                out_bias=True,
                cache=None,
                source=source,
            ),
            norm(f"{name}.output.LayerNorm", hidden, bias=True),
        )

    def feed_forward(suffix: str) -> Part:
        return join(
            mlp((f"intermediate{suffix}.dense", f"output{suffix}.dense"), hidden, intermediate),
            norm(f"output{suffix}.LayerNorm", hidden, bias=True),
        )

    # Where it reads text beside the queries, that has a feed-forward of its own.
    texts = feed_forward("") if reads_text else ()

    def layer(reads: bool) -> Part:
        return join(
            attend("attention", None), attend("crossattention", source) if reads else (), texts, feed_forward("_query")
        )

    step = c.int("cross_attention_frequency", default=2, least=1)
    kinds = [i % step == 0 for i in range(c.count("num_hidden_layers", default=12))]
    blocks = [
        stem,
        *blocks_by_kind("vision", "encoder.layer.{}.", kinds, layer),
    ]
    return model_spec(c, blocks, hidden=hidden)
