"""What speaks in Qwen-Omni: language models over codes of sound."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows, model_spec
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.architectures.text.qwen2 import qwen_windows
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import embedding, linear, norm
from llmmem.parts.mlp import gated_shared_moe, stacked_experts
from llmmem.tensors import Block, ModelSpec, Part, join


def qwen2_5_omni_talker(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniTalkerForConditionalGeneration (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    s = sizes(c, hidden=3584, heads=28, kv_heads=4, head_dim=128, intermediate=18944)
    told = Config({"sliding_window": 32768, **c.raw}, c.path, c.reads)
    windows = qwen_windows(told, c.count("num_hidden_layers", default=28), 28)
    vocab, width = c.int("vocab_size", default=8448, least=1), c.int("embedding_size", default=3584)
    spec = language_model(
        c,
        head,
        llama_layers(s, windows, bias=True),
        hidden=s.hidden,
        vocab=vocab,
        stem=embedding("embed_tokens", vocab, width),
        tied=None,
        head_name="codec_head",
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
    )
    before = Block("language", "", linear("thinker_to_talker_proj", width, s.hidden, bias=True))
    return spec._replace(blocks=(before, *spec.blocks))


def qwen3_omni_moe_talker_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3OmniMoeTalkerModel, whose experts are stacks where it stands alone (transformers 5.23, qwen3_omni_moe)."""
    return qwen3_talker(c, head, stacked=True)


def qwen3_talker(c: Config, head: str | None, *, stacked: bool = False) -> ModelSpec:
    """The talker of Qwen3-Omni: experts in every layer, whatever the step says."""
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    head_dim, bias = head_width(c, hidden, heads), c.bool("attention_bias")
    inner, top_k = c.int("moe_intermediate_size", default=384), c.int("num_experts_per_tok", default=8)
    count = c.int("num_experts", "num_local_experts", default=128, least=1)
    # The class has no default for the shared expert's width.
    moe = gated_shared_moe("mlp", hidden, inner, count, top_k, c.int("shared_expert_intermediate_size"))
    if stacked:
        one = tuple(t for t in moe.tensors if ".experts." not in t.name)
        moe = join(one, stacked_experts("mlp.experts", hidden, inner, count, top_k, layout="oi"))
    kv_heads = c.int("num_key_value_heads", default=2, least=1)

    def layer(cache: str, window: int | None) -> Part:
        extra = qk_norm(head_dim)
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn",
                hidden,
                heads,
                kv_heads,
                head_dim,
                bias=bias,
                out_bias=bias,
                extra=extra,
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", hidden),
            moe,
        )

    vocab = c.int("vocab_size", default=3072, least=1)
    windows = layer_windows(c, c.count("num_hidden_layers", default=20), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("codec_embedding", vocab, hidden),
        tied=None,
        head_name="codec_head",
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
        default_head="base",
    )


def qwen3_omni_moe_talker_code_predictor(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3OmniMoeTalkerCodePredictorModelForConditionalGeneration: one table and one head for every further code."""
    s = sizes(c, hidden=1024, heads=16, kv_heads=8, head_dim=128, intermediate=3072)
    n = c.count("num_hidden_layers", default=5)
    window, start = c.optional("sliding_window"), c.int("max_window_layers", default=28)
    late = [window is not None and i >= start for i in range(n)]
    pattern = ["sliding_attention" if slides else "full_attention" for slides in late]
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s, layer_windows(c, n, window, pattern=pattern), bias=bias, out_bias=bias, extra=qk_norm(s.head_dim)
    )
    vocab, codes = c.int("vocab_size", default=2048, least=1), max(c.count("num_code_groups", default=32) - 1, 0)
    blocks = [
        *(Block("language", f"model.{b.prefix}", b.tensors, b.layers, b.caches, b.work) for b in layers),
        Block("language", "model.", norm("norm", s.hidden)),
    ]
    for prefix, table in (
        ("model.codec_embedding.{}.", embedding("", vocab, s.hidden)),
        ("lm_head.{}.", linear("", s.hidden, vocab, cut="column", role="head")),
    ):
        if codes:
            blocks.append(Block("language", prefix, tuple(t._replace(name="weight") for t in table), range(codes)))
    context = c.int("max_position_embeddings", default=32768)
    return model_spec(c, blocks, hidden=s.hidden, vocab=vocab, max_context=context)
