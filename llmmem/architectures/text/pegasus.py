"""Pegasus and Pegasus-X, which summarise, and BigBird-Pegasus, whose encoder attends to blocks of a long text."""

from __future__ import annotations

from llmmem.architectures.encdec import DECODERS, encoder_decoder, kind_of
from llmmem.architectures.text.bart import fairseq_model, fairseq_stack, judges, shared_tables
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention, blockwise
from llmmem.parts.basic import norm, positions
from llmmem.tensors import ModelSpec, Part, join

BIGBIRD_QKVO = ("self.query", "self.key", "self.value", "output")


def pegasus(c: Config, head: str | None = None) -> ModelSpec:
    """PegasusForConditionalGeneration (arXiv:1912.08777; transformers 5.23): sinusoidal positions, though stored."""
    hidden = c.int("hidden_size", "d_model", default=1024)
    length = c.int("max_position_embeddings", default=1024)
    return fairseq_model(
        c,
        head,
        hidden=hidden,
        vocab=c.int("vocab_size", default=50265),
        length=length,
        stem=positions("embed_positions", length, hidden),
        final=norm("layer_norm", hidden, bias=True),
    )


def pegasus_x(c: Config, head: str | None = None) -> ModelSpec:
    """PegasusXForConditionalGeneration (arXiv:2208.04347; transformers 5.23): blocks and global tokens."""
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=96103)
    tokens = c.int("num_global_tokens", default=32)
    reach = tokens + c.int("block_size", default=512)

    def own(heads: int, head_dim: int) -> Part:
        names = ("q_proj", "k_proj", "v_proj", "out_proj")
        plain = attention("self_attn", hidden, heads, heads, head_dim, names=names, cache=None)
        both = join(plain, norm("global_self_attn_layer_norm", hidden, bias=True))
        return both._replace(work=blockwise(both.work, reach))

    final = norm("layer_norm", hidden, bias=True)
    table = positions("embed_global", tokens, hidden)
    return encoder_decoder(
        c,
        kind_of(c, head),
        fairseq_stack(c, "encoder", hidden, layers=16, stem=table, final=final, own=own),
        fairseq_stack(c, "decoder", hidden, layers=16, stem=(), final=final, bias=False, out_bias=False),
        shared_tables(vocab),
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings", default=True),
        kinds=("base", "lm"),
        max_context=c.int("max_position_embeddings", default=16384),
    )


def bigbird_pegasus(c: Config, head: str | None = None) -> ModelSpec:
    """BigBirdPegasusForConditionalGeneration (arXiv:2007.14062; transformers 5.23, models/bigbird_pegasus).

    Raises:
        ConfigError: an attention_type that is neither sparse nor full.
    """
    kind = kind_of(c, head)
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=96103)
    length = c.int("max_position_embeddings", default=4096)
    bias = c.bool("use_bias")
    sort = c.str("attention_type", default="block_sparse")
    if sort not in ("block_sparse", "original_full"):
        raise ConfigError(f"attention_type is {sort[:40]!r}.", "It is block_sparse or original_full.")
    # Its own block and its neighbours, the first and the last, and some at random.
    reach = c.int("block_size", default=64) * (5 + c.int("num_random_blocks", default=3))

    def own(heads: int, head_dim: int) -> Part:
        plain = attention(
            "self_attn", hidden, heads, heads, head_dim, names=BIGBIRD_QKVO, bias=bias, out_bias=bias, cache=None
        )
        return plain if sort == "original_full" else plain._replace(work=blockwise(plain.work, reach))

    stem = (*positions("embed_positions", length, hidden), *norm("layernorm_embedding", hidden, bias=True))
    return encoder_decoder(
        c,
        kind,
        fairseq_stack(c, "encoder", hidden, layers=16, stem=stem, own=own),
        fairseq_stack(c, "decoder", hidden, layers=16, stem=stem, bias=bias, out_bias=bias),
        shared_tables(vocab),
        hidden=hidden,
        vocab=vocab,
        # The class of the decoder alone has a head of its own whatever the config says.
        tied=c.bool("tie_word_embeddings", default=True) and kind not in DECODERS,
        logits_bias=True,
        tops=judges(c, hidden),
        max_context=length,
    )
