"""S4's language model (WikiText-103), as its repository configures it: sections ``model`` and ``task``."""

from __future__ import annotations

from itertools import pairwise

from llmmem.architectures.base import blocks_by_kind, model_spec, no_head
from llmmem.config import Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, ROW, Tensors, buffer, embedding, linear, norm, scalars
from llmmem.tensors import Block, Cache, ModelSpec, Part, Tensor, Work, join


def _s4(c: Config, hidden: int) -> Part:
    """A convolution whose kernel a state space makes, and a gated linear layer that mixes the channels."""
    if any(c.get(key) for key in ("gate", "bottleneck", "bidirectional", "weight_norm", "is_real")):
        raise UnsupportedArchitectureError(
            "llmmem does not know this S4 layer: it is gated, narrowed, bidirectional or real.", "Plain S4 is known."
        )
    # The state comes in conjugate pairs: half of it is stored, as real and imaginary parts.
    half = c.int("d_state", default=64) // 2
    # null, or nothing at all: every channel has a state space of its own.
    copies, channels = c.int("n_ssm", default=hidden, least=1), c.int("channels", default=1)
    low_rank = c.str("mode", default="dplr") in ("dplr", "nplr")
    kernel = (
        *scalars("layer.kernel.inv_dt", hidden, 1, shard=0),
        *scalars("layer.kernel.C", channels, hidden, half, 2, shard=1),
        *scalars("layer.kernel.B", 1, copies, half, 2),
        *scalars("layer.kernel.A_real", copies, half),
        *scalars("layer.kernel.A_imag", copies, half),
        *(scalars("layer.kernel.P", c.int("rank", default=1), copies, half, 2) if low_rank else ()),
        *(buffer("layer.kernel.l_kernel", dtype="int64") if low_rank else ()),
    )
    gated = c.str("postact", "final_act", default="glu") == "glu"
    mixing = linear("output_linear.0", channels * hidden, hidden * (2 if gated else 1), bias=True, cut=COLUMN)
    # The spectra of the padded input and of the output, complex and twice as long, in fp32.
    work = Work("ssm", 2 * hidden + 2 * 8 * channels * hidden)
    cache = Cache("state", hidden, size=2 * half, dtype="fp32")
    return Part((*scalars("layer.D", channels, hidden, shard=1), *kernel, *mixing), (cache,), (work,))


def _feed_forward(c: Config, hidden: int) -> Part:
    inner = int(c.number("expand", default=2) * hidden)
    up = linear("ff.0.0", hidden, inner, bias=True, cut=COLUMN)
    return Part((*up, *linear("ff.2", inner, hidden, bias=True, cut=ROW)), (), (Work("mlp", 2 * inner),))


def _adaptive(c: Config, hidden: int, vocab: int) -> tuple[Tensors, Tensors]:
    """Tables that get narrower with the rank of a word (arXiv:1809.10853), and the softmax that shares them."""
    cutoffs, shrink = c.ints("cutoffs") or [], c.int("div_val", default=1, least=1)
    ends = [0, *cutoffs, vocab]
    if ends != sorted(ends) or shrink == 1:
        raise UnsupportedArchitectureError(
            "llmmem knows S4 models with rising cutoffs and a div_val above 1 only.", "Published: div_val 4."
        )
    if not c.bool("tie_weights"):
        raise UnsupportedArchitectureError("llmmem knows S4 models with tie_weights only.", "Published ones have it.")
    widths = [hidden // shrink**i for i in range(len(ends) - 1)]
    rows = [end - start for start, end in pairwise(ends)]
    ties = c.list("tie_projs") or []
    own = [i for i in range(len(widths)) if i == 0 or not (i <= len(ties) and ties[i - 1])]
    tables = (t for i, (r, w) in enumerate(zip(rows, widths, strict=True)) for t in embedding(f"emb_layers.{i}", r, w))
    stem = (*tables, *(Tensor(f"emb_projs.{i}", (hidden, w), "linear") for i, w in enumerate(widths)))
    head = (
        Tensor("cluster_weight", (len(cutoffs), hidden), "head"),
        Tensor("cluster_bias", (len(cutoffs),), "head"),
        *(Tensor(f"out_layers_biases.{i}", (r,), "head", 0) for i, r in enumerate(rows)),
        *(Tensor(f"out_projs.{i}", (hidden, widths[i]), "linear") for i in own),
    )
    return stem, head


def s4(c: Config, head: str | None = None) -> ModelSpec:
    """The WikiText-103 model (arXiv:2111.00396; state-spaces/s4, configs/experiment/lm/s4-wt103.yaml).

    Its 48 layers and 267,735 words (``vocab_size``) make 249,661,306 parameters, published as 249 M.
    """
    no_head(c, head)
    model, task = c.sub("model"), c.sub("task")
    hidden, vocab = model.int("d_model", default=256, least=1), c.int("vocab_size", least=1)
    kinds = {"s4": _s4, "ff": _feed_forward}
    layers = [Config(raw, f"model.layer[{i}]", c.reads) for i, raw in enumerate(model.list("layer") or [{}])]
    names = [one.str("_name_", default="s4") for one in layers]
    if not set(names) <= kinds.keys() or model.str("norm", default="layer") != "layer" or model.get("bidirectional"):
        raise UnsupportedArchitectureError(
            "llmmem knows S4 models of s4 and ff layers with layer norm only.", "Published: s4, s4, ff."
        )
    parts = [kinds[name](one, hidden) for name, one in zip(names, layers, strict=True)]

    def layer(place: int) -> Part:
        inside = tuple(t._replace(name=f"layer.{t.name}") for t in parts[place].tensors)
        return join(norm("norm.norm", hidden, bias=True), parts[place]._replace(tensors=inside))

    n = model.count("n_layers", default=4)
    if n * len(layers) > 100_000:
        raise ConfigError("model.n_layers is too large.", "Check the config.")
    stem, top = _adaptive(task, hidden, vocab)
    blocks = [
        Block("language", "encoder.0.", stem),
        *blocks_by_kind("language", "model.layers.{}.", list(range(len(layers))) * n, layer),
        Block("language", "model.", norm("norm.norm", hidden, bias=True) if model.bool("prenorm") else ()),
        Block("language", "loss.", top),
    ]
    tied = [(f"loss.out_layers_weights.{i}", f"encoder.0.emb_layers.{i}.weight") for i in range(len(stem) // 2)]
    note = "the state is what generation token by token keeps; whole texts are convolved and leave nothing behind"
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, tied=tied, notes=(note,))
