"""What stands on wav2vec 2.0 and its kin."""

from __future__ import annotations

from llmmem.architectures.base import labels
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, conv, linear, norm, scalars


def shortening(c: Config, hidden: int, output: int) -> Tensors:
    """Convolutions that halve the frames, where there is an adapter."""
    kernel, layers = c.int("adapter_kernel_size", default=3), c.count("num_adapter_layers", default=3)
    own: Tensors = ()
    if output != hidden:
        own = (*linear("proj", hidden, output, bias=True), *norm("proj_layer_norm", output, bias=True))
    halves = (conv(f"layers.{i}.conv", 2 * output, output, kernel, bias=True) for i in range(layers))
    return (*own, *(t for half in halves for t in half))


def quantizer(c: Config, hidden: int, width: int) -> Tensors:
    """The codebook that pretraining guesses, and both sides' way into one space.

    Args:
        width: of a frame before the transformer.
    """
    groups = c.int("num_codevector_groups", default=2, least=1)
    size, shared = c.int("codevector_dim", default=256), c.int("proj_codevector_dim", default=256)
    entries = groups * c.int("num_codevectors_per_group", default=320)
    return (
        *scalars("quantizer.codevectors", 1, entries, divide(c, "codevector_dim over its groups", size, groups)),
        *linear("quantizer.weight_proj", width, entries, bias=True),
        *linear("project_hid", hidden, shared, bias=True),
        *linear("project_q", size, shared, bias=True),
    )


def time_delay(c: Config, hidden: int) -> Tensors:
    """Layers over time that tell speakers apart, and the loss's own matrix (in, out)."""
    dims = c.ints("tdnn_dim") or [512, 512, 512, 512, 1500]
    kernels = c.ints("tdnn_kernel") or [5, 3, 3, 1, 1]
    size = c.int("xvector_output_dim", default=512)
    layers = zip([dims[0], *dims], dims, kernels, strict=False)
    steps = (linear(f"tdnn.{i}.kernel", n * k, m, bias=True) for i, (n, m, k) in enumerate(layers))
    return (
        *linear("projector", hidden, dims[0], bias=True),
        *(t for step in steps for t in step),
        *linear("feature_extractor", 2 * dims[-1], size, bias=True),
        *linear("classifier", size, size, bias=True, role="head"),
        *scalars("objective.weight", size, labels(c)),
    )


def speech_top(
    c: Config, kind: str, hidden: int, *, output: int, width: int, layers: int, classifier: int = 256
) -> Tensors | None:
    """The tensors of a class, or None where the kind is unknown.

    Args:
        output: width of what the tower gives, after an adapter if there is one.
        width: of a frame before the transformer.
        layers: of the transformer.
        classifier: class default of classifier_proj_size.
    """
    weights = scalars("layer_weights", layers + 1) if c.bool("use_weighted_layer_sum") else ()
    if kind == "base":
        return ()
    if kind == "pretraining":
        return quantizer(c, hidden, width)
    if kind == "ctc":
        return linear("lm_head", output, c.int("vocab_size", default=32), bias=True, role="head")
    if kind == "sequence":
        size = c.int("classifier_proj_size", default=classifier)
        top = linear("classifier", size, labels(c), bias=True, role="head")
        return (*weights, *linear("projector", hidden, size, bias=True), *top)
    if kind == "frame":
        return (*weights, *linear("classifier", hidden, labels(c), bias=True, role="head"))
    return (*weights, *time_delay(c, hidden)) if kind == "xvector" else None
