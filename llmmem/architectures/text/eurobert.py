"""Encoders with Llama's layers: EuroBERT, ESM C for proteins, and UltraBERT."""

from __future__ import annotations

from llmmem.architectures.base import head_width, labels, uniform
from llmmem.architectures.encoder import Encoder, encoder, encoder_model
from llmmem.architectures.heads import dense_classifier
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, embedding, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, join


def _blocks(c: Config, e: Encoder, *, qk_norms: Tensors = (), norm_bias: bool = False) -> tuple[Block, ...]:
    """Embeddings, layers that read in both directions, and the final norm.

    Args:
        qk_norms: over q and k.
        norm_bias: of the norms in the layers.
    """
    kv_heads = c.int("num_key_value_heads", default=e.heads, least=1)
    head_dim = head_width(c, e.hidden, e.heads)
    bias = c.bool("attention_bias")
    layer = join(
        norm("input_layernorm", e.hidden, bias=norm_bias),
        attention(
            "self_attn",
            e.hidden,
            e.heads,
            kv_heads,
            head_dim,
            bias=bias,
            out_bias=bias,
            extra=qk_norms,
            cache=None,
        ),
        norm("post_attention_layernorm", e.hidden, bias=norm_bias),
        gated_mlp("mlp", e.hidden, e.intermediate, bias=c.bool("mlp_bias")),
    )
    return (
        Block(e.component, "", embedding("embed_tokens", e.vocab, e.hidden)),
        *uniform(e.component, "layers.{}.", e.layers, layer),
        Block(e.component, "", norm("norm", e.hidden)),
    )


def eurobert(c: Config, head: str | None = None) -> ModelSpec:
    """EuroBertForMaskedLM and its kin (arXiv:2503.05500; transformers 5.23, models/eurobert)."""
    e = encoder(c, head, vocab=128256, length=8192, types=None, tied=False)
    classes = linear("classifier", e.hidden, labels(c), bias=True, role="head")
    words = linear("lm_head", e.hidden, e.vocab, bias=c.bool("mlp_bias"), cut=COLUMN, role="head")
    tops = {
        "mlm": words[1 if e.tied else 0 :],
        "sequence": (*linear("dense", e.hidden, e.hidden, bias=True), *classes),
        "token": classes,
    }
    return encoder_model(c, e, "model.", _blocks(c, e), tops, (("lm_head.weight", "model.embed_tokens.weight"),))


def esmc(c: Config, head: str | None = None) -> ModelSpec:
    """EsmcForMaskedLM and its kin: proteins, with norms over the whole of q and k (transformers 5.23, models/esmc).

    Raises:
        ConfigError: grouped queries, which the class refuses.
    """
    e = encoder(
        c, head, vocab=64, hidden=2560, layers=80, heads=40, intermediate=6912, length=2048, types=None
    )._replace(tied=False)  # whatever tie_word_embeddings says
    if c.int("num_key_value_heads", default=e.heads) != e.heads:
        raise ConfigError("num_key_value_heads has to equal num_attention_heads.", "Check the config.json.")
    tops = {
        "mlm": (
            *linear("lm_head.dense", e.hidden, e.hidden, bias=True),
            *norm("lm_head.layer_norm", e.hidden, bias=True),
            *linear("lm_head.decoder", e.hidden, e.vocab, bias=True, cut=COLUMN, role="head"),
        ),
        "sequence": dense_classifier("classifier", e.hidden, labels(c)),
        "token": linear("score", e.hidden, labels(c), bias=True, role="head"),
    }
    qk_norms = (*norm("q_norm", e.hidden), *norm("k_norm", e.hidden))
    return encoder_model(c, e, "esmc.", _blocks(c, e, qk_norms=qk_norms, norm_bias=True), tops)


def ultrabert(c: Config, head: str | None = None) -> ModelSpec:
    """UltrabertForMaskedLM and its kin (transformers 5.23, models/ultrabert, under the checkpoint's names)."""
    e = encoder(
        c, head, vocab=32000, hidden=4096, layers=32, heads=32, intermediate=11008, length=32768, types=None, tied=False
    )
    narrow = c.int("prediction_head_size", default=768)
    classes = linear("classifier", e.hidden, labels(c), bias=True, role="head")
    tops = {
        "mlm": (
            *linear("head.linear1", e.hidden, narrow, cut=COLUMN),
            *linear("head.linear2", narrow, e.hidden, cut="row"),
            *(() if e.tied else linear("cls", e.hidden, e.vocab, cut=COLUMN, role="head")),
        ),
        "sequence": classes,
        "token": classes,
        "qa": linear("qa_outputs", e.hidden, 2, bias=True, role="head"),
    }
    return encoder_model(c, e, "ultrabert.", _blocks(c, e), tops, (("cls.weight", "ultrabert.embed_tokens.weight"),))
