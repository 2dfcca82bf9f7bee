"""DeepSeek-V4: windows and compressed keys, four residual streams, experts in every layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import buffer, linear, norm
from llmmem.parts.compressed import compressed_attention, compressor, hyper_connection, hyper_head
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import Block, ModelSpec, Part, join

SLIDING, SPARSE, HEAVY = "sliding_attention", "compressed_sparse_attention", "heavily_compressed_attention"
_RATIOS = {0: SLIDING, 4: SPARSE, 128: HEAVY}


def _mixers(c: Config, layers: int) -> list[str]:
    """Kind of every layer's attention; published files give a ratio each instead, one more for the deep layer."""
    pattern = [HEAVY if i < 2 or i % 2 == 0 else SPARSE for i in range(layers)]
    ratios = c.each_layer("compress_ratios", layers=layers)
    if ratios is not None:
        try:
            pattern = [_RATIOS[r] for r in ratios]
        except (KeyError, TypeError):
            raise ConfigError("compress_ratios should be 0, 4 or 128.", "Check the config.json.") from None
    return layer_kinds(c, "layer_types", known=(SLIDING, SPARSE, HEAVY), default=pattern, layers=layers)


def deepseek_v4(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekV4ForCausalLM (transformers 5.23, models/deepseek_v4).

    Names are those transformers writes; DeepSeek's own files leave out "model." and call a layer's attn.norm kv_norm.
    """
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    head_dim = c.int("head_dim", default=512, least=1)
    q_rank = c.int("q_lora_rank", default=1024, least=1)
    groups, out_rank = c.int("o_groups", default=8, least=1), c.int("o_lora_rank", default=1024, least=1)
    window = c.int("sliding_window", default=128, least=1)
    streams = c.int("hc_mult", default=4, least=1)
    vocab = c.int("vocab_size", default=129280, least=1)
    inner = c.int("intermediate_size", "moe_intermediate_size", default=2048)
    count = c.int("num_local_experts", "n_routed_experts", default=256, least=1)
    top_k = c.int("num_experts_per_tok", default=6)
    rates = c.sub("compress_rates")
    sparse_rate = c.int("compress_rate_csa", default=rates.int(SPARSE, default=4, least=1), least=1)
    heavy_rate = c.int("compress_rate_hca", default=rates.int(HEAVY, default=128, least=1), least=1)
    index_heads, index_dim = c.int("index_n_heads", default=64), c.int("index_head_dim", default=128, least=1)
    compressors = {
        SLIDING: Part(()),
        HEAVY: compressor("attn.compressor", hidden, head_dim, heavy_rate),
        SPARSE: join(
            compressor("attn.compressor", hidden, head_dim, sparse_rate, overlap=True),
            # The indexer averages keys of its own.
            compressor("attn.indexer.compressor", hidden, index_dim, sparse_rate, kind="index", overlap=True),
            linear("attn.indexer.wq_b", q_rank, index_heads * index_dim),
            linear("attn.indexer.weights_proj", hidden, index_heads, role="router"),
        ),
    }
    names = ("w1", "w3", "w2")
    ffn = join(
        router("ffn.gate", hidden, count),
        experts("ffn.experts", hidden, inner, count, top_k, names=names),
        gated_mlp("ffn.shared_experts", hidden, inner, bias=c.bool("mlp_bias"), names=names),
    )
    # The first layers choose experts by the token itself.
    table = buffer("ffn.gate.tid2eid", vocab, top_k, dtype="int64")
    correction = buffer("ffn.gate.bias", count, dtype="fp32")

    def layer(mixer: str, feed_forward: str) -> Part:
        return join(
            hyper_connection("hc_attn", hidden, streams),
            norm("attn_norm", hidden),
            compressed_attention(
                "attn",
                hidden,
                heads,
                head_dim,
                q_rank=q_rank,
                groups=groups,
                out_rank=out_rank,
                window=window,
                compressors=compressors[mixer],
            ),
            hyper_connection("hc_ffn", hidden, streams),
            norm("ffn_norm", hidden),
            ffn,
            table if feed_forward == "hash_moe" else correction,
        )

    n = c.count("num_hidden_layers", default=43)
    hashed = c.int("num_hash_layers", default=3)
    default = ["hash_moe" if i < hashed else "moe" for i in range(n)]
    feed_forwards = layer_kinds(c, "mlp_layer_types", known=("hash_moe", "moe"), default=default, layers=n)
    deep = join(
        norm("enorm", hidden),
        norm("hnorm", hidden),
        linear("e_proj", hidden, hidden),
        linear("h_proj", hidden, hidden),
        layer(SLIDING, "moe"),
        norm("norm", hidden),
        hyper_head("hc_head", hidden, streams),
    )
    predict = range(c.count("num_nextn_predict_layers", default=1))
    spec = language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", list(zip(_mixers(c, n), feed_forwards, strict=True)), layer),
        hidden=hidden,
        vocab=vocab,
        final=join(hyper_head("hc_head.hc", hidden, streams), norm("norm", hidden)).tensors,
        head_name="head",
        heads=(),
        max_context=c.int("max_position_embeddings", default=1048576),
        mtp=(Block("mtp", "mtp.{}.", deep.tensors, predict, loaded=False),),
    )
    moved = {"expert_dtype": c.str("expert_dtype") or None}  # as DeepseekV4Config does
    return spec._replace(quantization={**moved, **spec.quantization}) if spec.quantization else spec
