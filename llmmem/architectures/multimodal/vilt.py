"""ViLT: one stack of ViT's layers reads the words and the patches of a picture."""

from __future__ import annotations

from llmmem.architectures.base import head_of, labels, model_spec, refuse_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.architectures.vision.vit import QKVO
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, conv, embedding, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Tensor, join


def vilt(c: Config, head: str | None = None) -> ModelSpec:
    """ViltForQuestionAnswering and its kin (arXiv:2102.03334; transformers 5.23, models/vilt)."""
    kind = head_of(c, head, "qa")
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    vocab, length = c.int("vocab_size", default=30522), c.int("max_position_embeddings", default=40)
    bias = c.bool("qkv_bias", default=True)
    layer = join(
        norm("layernorm_before", hidden, bias=True),
        attention("attention", hidden, heads, heads, head_dim, names=QKVO, bias=bias, out_bias=True, cache=None),
        norm("layernorm_after", hidden, bias=True),
        mlp(("intermediate.dense", "output.dense"), hidden, c.int("intermediate_size", default=3072)),
    )
    tops: dict[str, Tensors] = {
        "base": (),
        "qa": _classifier(hidden, 2 * hidden, labels(c)),
        "token": linear("classifier", hidden, labels(c), bias=True, role="head"),
        "retrieval": linear("rank_output", hidden, 1, bias=True, role="head"),
        "mlm": (
            *linear("mlm_score.transform.dense", hidden, hidden, bias=True),
            *norm("mlm_score.transform.LayerNorm", hidden, bias=True),
            # The matrix is always that of the embeddings.
            Tensor("mlm_score.decoder.bias", (vocab,), "head", 0),
        ),
    }
    if kind == "images":
        width = hidden * c.int("num_images", least=1)
        tops[kind] = _classifier(width, width, labels(c))
    if kind not in tops:
        raise refuse_head(c, kind)
    prefix = "" if kind == "base" else "vilt."
    grid = fixed_grid(c, image=384, patch=32)
    words = (
        *embedding("word_embeddings", vocab, hidden),
        *positions("position_embeddings", length, hidden),
        *positions("token_type_embeddings", c.int("type_vocab_size", default=2), hidden),
        *norm("LayerNorm", hidden, bias=True),
    )
    patches = (
        Tensor("cls_token", (1, 1, hidden), "position"),
        Tensor("position_embeddings", (1, grid.patches + 1, hidden), "position"),
        *conv("patch_embeddings.projection", hidden, c.int("num_channels", default=3), *grid.patch, bias=True),
        *positions("token_type_embeddings", c.int("modality_type_vocab_size", default=2), hidden),
    )
    blocks = [
        Block("encoder", f"{prefix}embeddings.text_embeddings.", words),
        Block("encoder", f"{prefix}embeddings.", patches),
        *uniform("encoder", f"{prefix}encoder.layer.{{}}.", c.count("num_hidden_layers", default=12), layer),
        Block("encoder", prefix, norm("layernorm", hidden, bias=True)),
        Block("encoder", prefix, () if kind == "token" else linear("pooler.dense", hidden, hidden, bias=True)),
        Block("encoder", "", tops[kind]),
    ]
    table = f"{prefix}embeddings.text_embeddings.word_embeddings.weight"
    tied = (("mlm_score.decoder.weight", table),) if kind == "mlm" else ()
    spec = model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length, tied=tied)
    return spec._replace(images=Images(0, grid.patches + 1, hidden, grid.size))


def _classifier(inputs: int, inner: int, count: int) -> Tensors:
    return (
        *linear("classifier.0", inputs, inner, bias=True),
        *norm("classifier.1", inner, bias=True),
        *linear("classifier.3", inner, count, bias=True, role="head"),
    )
