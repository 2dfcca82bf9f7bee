"""Funnel Transformer: every block of layers halves the text, and a decoder draws it out again."""

from __future__ import annotations

from llmmem.architectures.base import head_of, labels, uniform
from llmmem.architectures.encoder import Encoder, encoder_model
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, embedding, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join

#: classes that read the first token, for which the text need not be drawn out
WITHOUT_DECODER = ("encoder", "sequence", "choice")


def _layer(e: Encoder) -> Part:
    """Attention with relative positions: each head has biases, and a kernel over the positions."""
    wide = e.heads * e.head_dim
    return join(
        *(scalars(f"attention.{n}", e.heads, e.head_dim, shard=0) for n in ("r_w_bias", "r_r_bias", "r_s_bias")),
        scalars("attention.r_kernel", e.hidden, e.heads, e.head_dim, shard=1),
        scalars("attention.seg_embed", 2, e.heads, e.head_dim, shard=1),
        *(
            linear(f"attention.{n}", e.hidden, wide, bias=n != "q_head", cut=COLUMN, unit=e.head_dim)
            for n in ("q_head", "k_head", "v_head")
        ),
        Part((), (), (attention_work(e.heads, e.heads, e.head_dim)._replace(kind="biased_attention"),)),
        linear("attention.post_proj", wide, e.hidden, bias=True, cut=ROW, unit=e.head_dim),
        norm("attention.layer_norm", e.hidden, bias=True),
        mlp(("ffn.linear_1", "ffn.linear_2"), e.hidden, e.intermediate),
        norm("ffn.layer_norm", e.hidden, bias=True),
    )


def _classifier(hidden: int, count: int) -> Tensors:
    return (
        *linear("classifier.linear_hidden", hidden, hidden, bias=True),
        *linear("classifier.linear_out", hidden, count, bias=True, role="head"),
    )


def funnel(c: Config, head: str | None = None) -> ModelSpec:
    """FunnelForPreTraining, FunnelForMaskedLM and their kin (arXiv:2006.03236; transformers 5.23, models/funnel).

    Raises:
        ConfigError: block_repeats for another number of blocks.
    """
    e = Encoder(
        kind=head_of(c, head, "mlm"),
        hidden=c.int("hidden_size", "d_model", default=768, least=1),
        heads=c.int("num_attention_heads", "n_head", default=12, least=1),
        head_dim=c.int("d_head", default=64),
        layers=c.count("num_decoder_layers", default=2),
        intermediate=c.int("d_inner", default=3072),
        vocab=c.int("vocab_size", default=30522),
        length=0,
        types=0,
        tied=c.bool("tie_word_embeddings", default=True),
    )
    sizes = c.ints("block_sizes")
    sizes = [4, 4, 4] if sizes is None else sizes
    repeats = c.list("block_repeats")
    if repeats is not None and len(repeats) != len(sizes):
        raise ConfigError("block_repeats has to have an entry for each of block_sizes.", "Check the config.json.")
    layer = _layer(e)
    count = labels(c)
    tops = {
        "encoder": (),
        "mlm": linear("lm_head", e.hidden, e.vocab, bias=True, cut=COLUMN, role="head")[1 if e.tied else 0 :],
        "pretraining": (
            *linear("discriminator_predictions.dense", e.hidden, e.hidden, bias=True),
            *linear("discriminator_predictions.dense_prediction", e.hidden, 1, bias=True, role="head"),
        ),
        "sequence": _classifier(e.hidden, count),
        "choice": _classifier(e.hidden, 1),
        "token": linear("classifier", e.hidden, count, bias=True, role="head"),
        "qa": linear("qa_outputs", e.hidden, count, bias=True, role="head"),
    }
    words = (*embedding("word_embeddings", e.vocab, e.hidden), *norm("layer_norm", e.hidden, bias=True))
    blocks = [Block(e.component, "embeddings.", words)]
    for i, size in enumerate(sizes):
        blocks += uniform(e.component, f"encoder.blocks.{i}.{{}}.", size, layer)
    if e.kind not in WITHOUT_DECODER:
        blocks += uniform(e.component, "decoder.layers.{}.", e.layers, layer)
    tied = (("lm_head.weight", "funnel.embeddings.word_embeddings.weight"),) if e.kind == "mlm" else ()
    base = "" if e.kind == "encoder" else "funnel."
    return encoder_model(c, e, base, blocks, tops, tied)
