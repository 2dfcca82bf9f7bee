"""ModernBERT: fused matrices, windows in two layers of three, no norm before the first attention."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, labels
from llmmem.architectures.encoder import encoder, encoder_model
from llmmem.config import Config
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, Tensors, embedding, linear, norm
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, join, runs


def prediction_head(c: Config, name: str, hidden: int) -> Tensors:
    """The layer and the norm that every class has before its outputs."""
    return (
        *linear(f"{name}.dense", hidden, hidden, bias=c.bool("classifier_bias")),
        *norm(f"{name}.norm", hidden, bias=c.bool("norm_bias")),
    )


def modernbert(c: Config, head: str | None = None) -> ModelSpec:
    """ModernBertForMaskedLM and its kin (arXiv:2412.13663; transformers 5.23, models/modernbert)."""
    e = encoder(c, head, vocab=50368, layers=22, intermediate=1152, length=8192, types=None)
    bias, mlp_bias, norm_bias = c.bool("attention_bias"), c.bool("mlp_bias"), c.bool("norm_bias")

    attends = fused_attention(("attn.Wqkv", "attn.Wo"), e.hidden, e.heads, e.heads, e.head_dim, bias=bias, cache=None)
    # q and k are turned in fp32.
    attends = runs(attends, early=(3 * e.hidden, 9 * e.hidden // 2))

    def layer(first: bool) -> Part:
        return join(
            () if first else norm("attn_norm", e.hidden, bias=norm_bias),
            attends,
            norm("mlp_norm", e.hidden, bias=norm_bias),
            fused_gated_mlp("mlp", e.hidden, e.intermediate, names=("Wi", "Wo"), bias=mlp_bias),
        )

    words = linear("decoder", e.hidden, e.vocab, bias=c.bool("decoder_bias", default=True), cut=COLUMN, role="head")
    classes = linear("classifier", e.hidden, labels(c), bias=True, role="head")
    tops = {
        "mlm": words[1 if e.tied else 0 :],
        **dict.fromkeys(("sequence", "token", "qa"), classes),
        "choice": linear("classifier", e.hidden, 1, bias=True, role="head"),
    }
    first = prediction_head(c, "head", e.hidden)
    blocks = [
        Block(
            e.component,
            "embeddings.",
            (*embedding("tok_embeddings", e.vocab, e.hidden), *norm("norm", e.hidden, bias=norm_bias)),
        ),
        *blocks_by_kind(e.component, "layers.{}.", [i == 0 for i in range(e.layers)], layer),
        Block(e.component, "", norm("final_norm", e.hidden, bias=norm_bias)),
    ]
    return encoder_model(
        c,
        e,
        "model.",
        blocks,
        {kind: (*first, *top) for kind, top in tops.items()},
        (("decoder.weight", "model.embeddings.tok_embeddings.weight"),),
    )
