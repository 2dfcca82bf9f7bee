"""TIPSv2's text tower."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, embedding, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join


def tipsv2_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """Tipsv2TextModel, whose positions are computed (transformers 5.23, models/tipsv2, checkpoint's names)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    vocab = c.int("vocab_size", default=32000)
    weight, bias = linear("attn.in_proj", hidden, 3 * hidden, bias=True, cut=COLUMN, unit=head_dim)
    layer = join(
        norm("ln_1", hidden, bias=True),
        Part(
            (
                weight._replace(name="attn.in_proj_weight"),
                bias._replace(name="attn.in_proj_bias"),
                *linear("attn.out_proj", hidden, hidden, bias=True, cut=ROW, unit=head_dim),
            ),
            (),
            (attention_work(heads, heads, head_dim),),
        ),
        norm("ln_2", hidden, bias=True),
        mlp(("mlp.c_fc", "mlp.c_proj"), hidden, c.int("intermediate_size", default=3072)),
    )
    blocks = [
        Block("encoder", "", embedding("token_embedding", vocab, hidden)),
        *uniform("encoder", "transformer.resblocks.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("encoder", "", norm("ln_final", hidden, bias=True)),
    ]
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=c.int("max_position_embeddings", default=64))
