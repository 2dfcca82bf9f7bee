"""GLM-5.3 Flash's language model: delta nets, latent attention behind an indexer in between, several streams."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.deepseek import routed
from llmmem.architectures.text.deepseek_dsa import indexed
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.architectures.text.routed import layer_of, sparse_layers
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import indexer, latent_attention
from llmmem.parts.basic import in_fp32, scalars
from llmmem.parts.compressed import hyper_connection
from llmmem.parts.delta import channel_delta_net
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Cache, ModelSpec, Part, join


def glm5_next_text(c: Config, head: str | None = None) -> ModelSpec:
    """Glm5NextTextModel, without a head (transformers 5.23, models/glm5_next)."""
    hidden, streams = c.int("hidden_size", default=4096, least=1), c.int("hc_mult", default=4, least=1)
    attends, indexes, delta = _attention(c, hidden), _indexer(c, hidden), _delta(c, hidden)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=12288))
    moe = routed(c, hidden, inner=2048, count=288, top_k=8)

    def mix(name: str) -> Part:
        part = hyper_connection(name, hidden, streams)
        # Only the scores' scales and offsets stay fp32.
        weights = (t._replace(dtype=None) if t.name == f"{name}_fn" else t for t in part.tensors)
        return part._replace(tensors=tuple(weights))

    def layer(kind: str, own: bool, sparse: bool) -> Part:
        mixer = delta if kind == "linear_attention" else join(attends, indexes) if own else attends
        return join(mix("hc_attn"), mix("hc_ffn"), layer_of(hidden, mixer, moe if sparse else dense))

    n = c.count("num_hidden_layers", default=45)
    default = ["indexed_attention" if i % 4 == 3 else "linear_attention" for i in range(n)]
    known = ("linear_attention", "indexed_attention", "full_attention")
    kinds = layer_kinds(c, "layer_types", known=known, default=default, layers=n)
    return language_model(
        c,
        head,
        blocks_by_kind(
            "language",
            "layers.{}.",
            list(zip(kinds, indexed(c, n), sparse_layers(c, [i >= 3 for i in range(n)]), strict=True)),
            layer,
        ),
        hidden=hidden,
        vocab=c.int("vocab_size", default=154880, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=1048576),
        default_head="base",
    )


def _attention(c: Config, hidden: int) -> Part:
    """Latent attention without rotary positions.

    Raises:
        ConfigError: what the class does not build.
    """
    heads = c.int("num_attention_heads", default=64, least=1)
    if c.int("num_key_value_heads", default=64, null=heads) != heads or c.int("qk_rope_head_dim", default=0):
        raise ConfigError(
            "This model has as many key/value heads as heads, and no rotary positions.", "Check the config.json."
        )
    return latent_attention(
        "self_attn",
        hidden,
        heads,
        q_rank=c.int("q_lora_rank", default=1536, least=1),
        kv_rank=c.int("kv_lora_rank", default=512, least=1),
        nope=c.int("qk_nope_head_dim", default=256),
        rope=0,
        value=c.int("v_head_dim", default=256, least=1),
        bias=c.bool("attention_bias"),
    )


def _indexer(c: Config, hidden: int) -> Part:
    """It scores pools of keys, which learned gates weigh: of every token it keeps key, gate and a mark."""
    width = c.int("index_head_dim", default=128)
    rank, heads = c.int("q_lora_rank", default=1536, least=1), c.int("index_n_heads", default=32)
    name = "self_attn.indexer"
    part = join(
        indexer(name, hidden, rank, heads, width),
        scalars(f"{name}.index_kpool_compress_ape", c.int("index_kpool", default=16, least=1), width),
        scalars(f"{name}.index_kpool_compress_gate", width, hidden),
    )
    return part._replace(caches=(Cache("index", 1, 2 * width + 1),))


def _delta(c: Config, hidden: int) -> Part:
    """Kimi's delta net; a linear_attn_config wins over the keys of its own."""
    given = c.sub("linear_attn_config")
    heads = given.int("num_heads", default=c.int("linear_num_heads", default=64, least=1), least=1)
    head_dim = given.int("head_dim", default=c.int("linear_head_dim", default=128, least=1), least=1)
    kernel = given.int("short_conv_kernel_size", default=c.int("linear_conv_kernel_dim", default=4, least=1), least=1)
    part = channel_delta_net("self_attn", hidden, heads, head_dim, kernel)
    kept = tuple(t for t in part.tensors if "A_log" not in t.name)
    fp32 = tuple(t._replace(dtype="fp32") if t.role in ("conv", "scalar") else t for t in kept)
    return part._replace(tensors=(*fp32, *in_fp32(scalars("self_attn.A_log", heads, shard=0))))
