"""XLNet: relative positions, and memories of earlier text in place of keys and values."""

from __future__ import annotations

from llmmem.architectures.base import head_of, labels, uniform
from llmmem.architectures.encoder import WRITERS, Encoder, encoder_model
from llmmem.architectures.heads import span_head, summary
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, embedding, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Cache, ModelSpec, Part, Tensor, join


def _memory(c: Config, e: Encoder) -> tuple[Cache, ...]:
    """Each layer's input, of the last ``mem_len`` tokens."""
    if e.kind not in WRITERS or not c.bool("use_mems_eval", default=True):
        return ()
    bounds = [n for n in (c.optional("mem_len", default=512), c.optional("reuse_len")) if n]
    # A window of w keeps w - 1 tokens.
    return (Cache("sliding" if bounds else "full", key=e.hidden, window=min(bounds) + 1 if bounds else None),)


def xlnet(c: Config, head: str | None = None) -> ModelSpec:
    """XLNetLMHeadModel and its kin (arXiv:1906.08237; transformers 5.23, models/xlnet).

    Raises:
        ConfigError: d_head that is not d_model over n_head, which the class refuses.
    """
    hidden = c.int("hidden_size", "d_model", default=1024, least=1)
    heads = c.int("num_attention_heads", "n_head", default=16, least=1)
    head_dim = divide(c, "d_model over n_head", hidden, heads)
    if (c.optional("d_head") or head_dim) != head_dim:
        raise ConfigError(f"d_head has to be d_model over n_head, {head_dim}.", "Check the config.json.")
    e = Encoder(
        kind=head_of(c, head),
        hidden=hidden,
        heads=heads,
        head_dim=head_dim,
        layers=c.count("num_hidden_layers", "n_layer", default=24),
        intermediate=c.int("d_inner", default=4096),
        vocab=c.int("n_token", "vocab_size", default=32000),
        length=0,
        types=0,
        tied=c.bool("tie_word_embeddings", default=True),
        component="language",
    )
    layer = join(
        # Bare parameters, not torch.nn.Linear: conversions pass them by.
        *(scalars(f"rel_attn.{n}", hidden, heads, head_dim, shard=1) for n in "qkvor"),
        *(scalars(f"rel_attn.{n}", heads, head_dim, shard=0) for n in ("r_r_bias", "r_s_bias", "r_w_bias")),
        scalars("rel_attn.seg_embed", 2, heads, head_dim, shard=1),
        Part((), _memory(c, e), (attention_work(heads, heads, head_dim)._replace(kind="biased_attention"),)),
        norm("rel_attn.layer_norm", hidden, bias=True),
        mlp(("ff.layer_1", "ff.layer_2"), hidden, e.intermediate),
        norm("ff.layer_norm", hidden, bias=True),
    )
    blocks = [
        Block(e.component, "", (Tensor("mask_emb", (1, 1, hidden), "position"),)),
        Block(e.component, "", embedding("word_embedding", e.vocab, hidden)),
        *uniform(e.component, "layer.{}.", e.layers, layer),
    ]
    summed, _ = summary(c, hidden, projected=True)
    count = labels(c)
    tops = {
        "lm": linear("lm_loss", hidden, e.vocab, bias=True, cut=COLUMN, role="head")[1 if e.tied else 0 :],
        "sequence": (*summed, *linear("logits_proj", hidden, count, bias=True, role="head")),
        "token": linear("classifier", hidden, count, bias=True, role="head"),
        "choice": (*summed, *linear("logits_proj", hidden, 1, bias=True, role="head")),
        "qa": span_head("", hidden),
        "qa_simple": linear("qa_outputs", hidden, count, bias=True, role="head"),
    }
    return encoder_model(c, e, "transformer.", blocks, tops, (("lm_loss.weight", "transformer.word_embedding.weight"),))
