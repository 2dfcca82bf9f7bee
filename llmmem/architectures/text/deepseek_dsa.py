"""DeepSeek-V3.2 and GLM-5: DeepSeek-V3 with an indexer that picks the tokens attention reads."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.deepseek import latent, routed
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.architectures.text.routed import layer_of, predictors, sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import indexer
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def index_part(c: Config, hidden: int, q_rank: int, *, heads: int, dtype: str | None = None) -> Part:
    """The indexer under its usual keys; ``heads`` is the default of the configuration class."""
    count, width = c.int("index_n_heads", default=heads), c.int("index_head_dim", default=128)
    return indexer(
        "self_attn.indexer", hidden, c.int("q_lora_rank", default=q_rank, least=1), count, width, dtype=dtype
    )


def _experts(c: Config, hidden: int) -> Part:
    names = ("num_local_experts", "num_experts", "n_routed_experts")
    return routed(c, hidden, inner=2048, count=256, top_k=8, names=names)


def deepseek_v32(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekV32ForCausalLM (arXiv:2512.02556; transformers 5.23, models/deepseek_v32)."""
    hidden = c.int("hidden_size", default=7168, least=1)
    heads = c.int("num_attention_heads", default=128, least=1)
    vocab = c.int("vocab_size", default=129280, least=1)
    attends = join(latent(c, hidden, heads), index_part(c, hidden, 1536, heads=64))
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=18432))
    moe = _experts(c, hidden)

    def layer(sparse: bool) -> Part:
        return layer_of(hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=61)
    first = c.int("first_k_dense_replace", default=3)
    kinds = sparse_layers(c, [i >= first for i in range(n)])
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        heads=(),
        max_context=c.int("max_position_embeddings", default=163840),
        mtp=predictors(c, n, layer(True), hidden=hidden, vocab=vocab),
    )


def indexed(c: Config, layers: int) -> list[bool]:
    """Which layers have an indexer of their own; the others read the choice of the one before (IndexShare)."""
    every = max(c.int("index_topk_freq", default=1), 1)
    offset = c.int("index_skip_topk_offset", default=2)
    default = ["shared" if max(i - offset + 1, 0) % every else "full" for i in range(layers)]
    known = ("full", "shared")
    pattern = c.get("index_topk_pattern")
    if isinstance(pattern, str):
        letters = [{"F": "full", "S": "shared"}.get(letter, letter) for letter in pattern]
        c = Config({**c.raw, "index_topk_pattern": letters}, c.path, c.reads)
    kinds = layer_kinds(c, "indexer_types", "index_topk_pattern", known=known, default=default, layers=layers)
    return [kind == "full" for kind in kinds]


def glm_moe_dsa(c: Config, head: str | None = None) -> ModelSpec:
    """GlmMoeDsaForCausalLM, GLM-5 (transformers 5.23, models/glm_moe_dsa)."""
    hidden = c.int("hidden_size", default=6144, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    vocab = c.int("vocab_size", default=154880, least=1)
    attends = latent(c, hidden, heads, q_rank=2048, nope=192, value=256)
    indexes = index_part(c, hidden, 2048, heads=32)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=12288))
    moe = _experts(c, hidden)

    def layer(sparse: bool, own: bool) -> Part:
        return layer_of(hidden, join(attends, indexes) if own else attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=78)
    first = c.int("first_k_dense_replace", default=3)
    sparse = sparse_layers(c, [i >= first for i in range(n)])
    kinds = list(zip(sparse, indexed(c, n), strict=True))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        heads=(),
        max_context=c.int("max_position_embeddings", default=202752),
        mtp=predictors(c, n, layer(True, True), hidden=hidden, vocab=vocab),
    )
