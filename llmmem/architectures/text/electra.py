"""ELECTRA, and ConvBERT, which shares its small generator's head."""

from __future__ import annotations

from llmmem.architectures.encoder import Encoder, Tied, encoder, encoder_model, frame, stem
from llmmem.architectures.heads import classifiers, summary
from llmmem.config import Config, divide
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, conv, linear, norm
from llmmem.parts.encoder import BERT_QKVO
from llmmem.tensors import ModelSpec, Part, Tensor, Work, join


def _generator(e: Encoder, width: int) -> Tensors:
    """The head that fills in words: back to the embeddings' width, and one bias of its own."""
    return (
        *norm("generator_predictions.LayerNorm", width, bias=True),
        *linear("generator_predictions.dense", e.hidden, width, bias=True),
        *linear("generator_lm_head", width, e.vocab, bias=True, cut="column", role="head")[1 if e.tied else 0 :],
    )


def _shared(base: str) -> Tied:
    return (("generator_lm_head.weight", f"{base}embeddings.word_embeddings.weight"),)


def electra(c: Config, head: str | None = None) -> ModelSpec:
    """ElectraForPreTraining, ElectraForMaskedLM and their kin (arXiv:2003.10555; transformers 5.23, models/electra)."""
    e = encoder(c, head, decoder=True, hidden=256, heads=4, intermediate=1024)
    width = c.int("embedding_size", default=128)
    tops = {
        **dict.fromkeys(("mlm", "lm"), _generator(e, width)),
        **classifiers(c, e.hidden, dense=True),
        "pretraining": (
            *linear("discriminator_predictions.dense", e.hidden, e.hidden, bias=True),
            *linear("discriminator_predictions.dense_prediction", e.hidden, 1, bias=True, role="head"),
        ),
    }
    tops["choice"] = (*summary(c, e.hidden, projected=True)[0], *tops["choice"])
    wider = linear("embeddings_project", width, e.hidden, bias=True) if width != e.hidden else ()
    tied = _shared("electra.") if e.kind != "pretraining" else ()
    return encoder_model(c, e, "electra.", frame(e, stem(e, width=width), e.layer(), before=wider), tops, tied)


def _grouped(name: str, inputs: int, outputs: int, groups: int, cut: str) -> Tensors:
    """A linear layer, or one matrix per group (in, out) and a bias."""
    if groups == 1:
        return linear(name, inputs, outputs, bias=True, cut=cut)
    return (
        Tensor(f"{name}.weight", (inputs // groups, outputs // groups), copies=groups, layout="io"),
        Tensor(f"{name}.bias", (outputs,), "bias"),
    )


def _mixed_attention(name: str, hidden: int, heads: int, kernel: int) -> Part:
    """Half of the width attends, the other half is a convolution whose kernels each token makes itself."""
    head_dim = hidden // heads // 2
    wide = heads * head_dim
    query, key, value, output = (f"{name}.{n}" for n in BERT_QKVO)
    own = f"{name}.self"
    tensors = (
        *(t for n in (query, key, value) for t in linear(n, hidden, wide, bias=True, cut=COLUMN, unit=head_dim)),
        Tensor(f"{own}.key_conv_attn_layer.bias", (wide, 1), "bias"),
        *conv(f"{own}.key_conv_attn_layer.depthwise", hidden, 1, kernel),
        *conv(f"{own}.key_conv_attn_layer.pointwise", wide, hidden, 1),
        *linear(f"{own}.conv_kernel_layer", wide, heads * kernel, bias=True),
        *linear(f"{own}.conv_out_layer", hidden, wide, bias=True),
        *linear(output, hidden, hidden, bias=True, cut=ROW, unit=head_dim),
        *norm(f"{name}.output.LayerNorm", hidden, bias=True),
    )
    # Every token's neighbours are laid out side by side for its kernel.
    return Part(tensors, (), (attention_work(heads, heads, head_dim), Work("conv", wide * (kernel + 3))))


def convbert(c: Config, head: str | None = None) -> ModelSpec:
    """ConvBertForMaskedLM and its kin (arXiv:2008.02496; transformers 5.23, models/convbert)."""
    e = encoder(c, head, decoder=True)._replace(cache=None)
    width = c.int("embedding_size", default=768)
    groups = c.int("num_groups", default=1, least=1)
    kernel = c.int("conv_kernel_size", default=9)
    heads = max(1, e.heads // c.int("head_ratio", default=2, least=1))
    divide(c, "hidden_size over num_attention_heads", e.hidden, heads)
    layer = join(
        _mixed_attention("attention", e.hidden, heads, kernel),
        _mixed_attention("crossattention", e.hidden, heads, kernel) if e.cross else (),
        _grouped("intermediate.dense", e.hidden, e.intermediate, groups, COLUMN),
        _grouped("output.dense", e.intermediate, e.hidden, groups, ROW),
        Part((), (), (Work("mlp", 2 * e.intermediate),)),
        norm("output.LayerNorm", e.hidden, bias=True),
    )
    tops = {"mlm": _generator(e, width), **classifiers(c, e.hidden, dense=True)}
    tops["choice"] = (*summary(c, e.hidden)[0], *tops["choice"])
    wider = linear("embeddings_project", width, e.hidden, bias=True) if width != e.hidden else ()
    blocks = frame(e, stem(e, width=width), layer, before=wider)
    return encoder_model(c, e, "convbert.", blocks, tops, _shared("convbert."))
