"""Molmo with its own code: OLMo or Qwen2 under OLMo's names, CLIP, and attention that pools squares of patches."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.architectures.multimodal.frame import NOT_SIZED
from llmmem.architectures.vision.molmo import molmo_tower
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import attention_work, kv_cache
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import ModelSpec, Part, Tensor, join

#: tokens of pictures, in a table of their own
_ADDED = 128


def _norms(c: Config, hidden: int, keys: int) -> Tensors:
    """Norms over all heads of q and of k, where the config asks for them."""
    return (*norm("q_norm", hidden), *norm("k_norm", keys)) if c.bool("attention_layer_norm") else ()


def molmo(c: Config, head: str | None = None) -> ModelSpec:
    """MolmoForCausalLM (arXiv:2409.17146; code that comes with allenai/Molmo-7B-D-0924).

    Reproduces its published 8,021,025,280 parameters.

    Raises:
        UnsupportedArchitectureError: norms with more than a weight, or experts (MolmoE).
    """
    if c.str("layer_norm_type", default="rms") != "rms" or c.get("moe_num_experts", "num_experts"):
        raise UnsupportedArchitectureError(
            "llmmem knows Molmo with RMSNorm and without experts only.", "Known: Molmo-7B-D, Molmo-7B-O, Molmo-72B."
        )
    hidden = c.int("hidden_size", default=3584, least=1)
    heads = c.int("num_attention_heads", default=28, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, null=heads, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    # The configuration counts gate and up together.
    inner = divide(c, "intermediate_size", c.int("intermediate_size", default=37888), 2)
    keys = kv_heads * head_dim
    bias = c.bool("qkv_bias", default=True)
    attends = Part(
        (
            *linear("att_proj", hidden, hidden + 2 * keys, bias=bias, cut=COLUMN, unit=head_dim),
            *linear("attn_out", hidden, hidden, cut=ROW, unit=head_dim),
            *_norms(c, hidden, keys),
        ),
        (kv_cache("full", kv_heads, head_dim),),
        (attention_work(heads, kv_heads, head_dim),),
    )
    feed = fused_gated_mlp("", hidden, inner, names=("ff_proj", "ff_out"))
    feed = feed._replace(tensors=tuple(t._replace(name=t.name.removeprefix(".")) for t in feed.tensors))
    layer = join(norm("attn_norm", hidden), attends, norm("ff_norm", hidden), feed)
    rows = c.int("embedding_size", default=0) or c.int("vocab_size", default=152064)
    stem = (
        Tensor("wte.embedding", (rows, hidden), "embedding", 0),
        Tensor("wte.new_embedding", (_ADDED, hidden), "embedding", 0),
    )
    spec = language_model(
        c,
        head,
        uniform("language", "blocks.{}.", c.count("num_hidden_layers", default=28), layer),
        hidden=hidden,
        vocab=rows,
        stem=stem,
        final=norm("ln_f", hidden),
        base="model.transformer.",
        head_name="model.transformer.ff_out",
        heads=(),
        max_context=c.int("max_position_embeddings", default=4096),
        notes=(NOT_SIZED,),
    )
    return spec._replace(blocks=(*spec.blocks, *molmo_tower(hidden, inner)))
