"""M2M-100, and NLLB, whose larger model has experts: translation between many languages."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind
from llmmem.architectures.encdec import encoder_decoder, kind_of, stack
from llmmem.architectures.text.bart import fairseq_model, shared_tables
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp, plain_experts, router
from llmmem.tensors import Block, ModelSpec, Part, join


def m2m_100(c: Config, head: str | None = None) -> ModelSpec:
    """M2M100ForConditionalGeneration (arXiv:2010.11125; transformers 5.23): sinusoidal positions, not stored."""
    hidden = c.int("hidden_size", "d_model", default=1024)
    return fairseq_model(
        c,
        head,
        hidden=hidden,
        vocab=c.int("vocab_size", default=128112),
        length=c.int("max_position_embeddings", default=1024),
        stem=(),
        final=norm("layer_norm", hidden, bias=True),
        kinds=("base", "lm"),
        logits_bias=False,
    )


def nllb_moe_stack(c: Config, side: str, hidden: int) -> list[Block]:
    """The "encoder" or the "decoder" of NLLB: every so many layers, the feed-forward layer has experts."""
    decoder = side == "decoder"
    general = () if decoder else ("num_hidden_layers", "num_attention_heads")
    n = c.count(*general[:1], f"{side}_layers", default=12)
    heads = c.int(*general[1:], f"{side}_attention_heads", default=16, least=1)
    head_dim = divide(c, f"width over {side}_attention_heads", hidden, heads)
    intermediate = c.int(f"{side}_ffn_dim", default=4096)
    count = c.int("num_experts", default=128)
    step = c.int(f"{side}_sparse_step", default=4)

    def attend(name: str, cache: str | None) -> Part:
        return join(
            attention(name, hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, bias=True, out_bias=True, cache=cache),
            norm(f"{name}_layer_norm", hidden, bias=True),
        )

    def layer(sparse: bool) -> Part:
        expert = ("ffn.experts.expert_{}.fc1", "ffn.experts.expert_{}.fc2")
        return join(
            attend("self_attn", "full" if decoder else None),
            attend("cross_attention", "cross") if decoder else (),
            router("ffn.router.classifier", hidden, count, bias=c.bool("router_bias")) if sparse else (),
            plain_experts(expert, hidden, intermediate, count, 2)
            if sparse
            else mlp(("ffn.fc1", "ffn.fc2"), hidden, intermediate),
            norm("ff_layer_norm", hidden, bias=True),
        )

    kinds = [step > 0 and (i + 1) % step == 0 for i in range(n)]
    blocks = blocks_by_kind(side, "layers.{}.", kinds, layer)
    return stack(side, f"{side}.", (), blocks, norm("layer_norm", hidden, bias=True))


def nllb_moe(c: Config, head: str | None = None) -> ModelSpec:
    """NllbMoeForConditionalGeneration: two experts a token (arXiv:2207.04672; transformers 5.23, models/nllb_moe)."""
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=128112)
    return encoder_decoder(
        c,
        kind_of(c, head),
        nllb_moe_stack(c, "encoder", hidden),
        nllb_moe_stack(c, "decoder", hidden),
        shared_tables(vocab),
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings", default=True),
        kinds=("base", "lm"),
        max_context=c.int("max_position_embeddings", default=1024),
    )
