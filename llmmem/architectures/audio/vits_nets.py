"""The networks VITS is put together from."""

from __future__ import annotations

from llmmem.config import Config
from llmmem.parts.basic import Tensors, conv, norm, scalars
from llmmem.tensors import Tensor


def _normed(name: str, outputs: int, inputs: int, kernel: int) -> Tensors:
    """A convolution whose weight is stored as lengths and directions."""
    return (
        Tensor(f"{name}.bias", (outputs,), "bias"),
        Tensor(f"{name}.parametrizations.weight.original0", (outputs, 1, 1), "norm"),
        Tensor(f"{name}.parametrizations.weight.original1", (outputs, inputs, kernel), "conv"),
    )


def wavenet(c: Config, name: str, hidden: int, layers: int, speaker: int) -> Tensors:
    """Gated convolutions (arXiv:1609.03499); the last one leaves nothing for a next."""
    kernel = c.int("wavenet_kernel_size", default=5)
    tensors = [*(_normed(f"{name}.cond_layer", 2 * hidden * layers, speaker, 1) if speaker else ())]
    for i in range(layers):
        tensors += _normed(f"{name}.in_layers.{i}", 2 * hidden, hidden, kernel)
        tensors += _normed(f"{name}.res_skip_layers.{i}", hidden if i == layers - 1 else 2 * hidden, hidden, 1)
    return tuple(tensors)


def _separable(c: Config, name: str, hidden: int) -> Tensors:
    kernel = c.int("duration_predictor_kernel_size", default=3)
    tensors: list[Tensor] = []
    for i in range(c.count("depth_separable_num_layers", default=3)):
        tensors += conv(f"{name}.convs_dilated.{i}", hidden, 1, kernel, bias=True)
        tensors += conv(f"{name}.convs_pointwise.{i}", hidden, hidden, 1, bias=True)
        tensors += (*norm(f"{name}.norms_1.{i}", hidden, bias=True), *norm(f"{name}.norms_2.{i}", hidden, bias=True))
    return tuple(tensors)


def durations(c: Config, hidden: int, speaker: int) -> Tensors:
    """How long each letter sounds: by flows, or by a plain network."""
    if not c.bool("use_stochastic_duration_prediction", default=True):
        width, kernel = (
            c.int("duration_predictor_filter_channels", default=256),
            c.int("duration_predictor_kernel_size", default=3),
        )
        return (
            *conv("conv_1", width, hidden, kernel, bias=True),
            *norm("norm_1", width, bias=True),
            *conv("conv_2", width, width, kernel, bias=True),
            *norm("norm_2", width, bias=True),
            *conv("proj", 1, width, 1, bias=True),
            *(conv("cond", hidden, speaker, 1, bias=True) if speaker else ()),
        )
    tensors = [*(conv("cond", hidden, speaker, 1, bias=True) if speaker else ())]
    channels, bins = c.int("depth_separable_channels", default=2), c.int("duration_predictor_flow_bins", default=10)
    half = channels // 2
    for prefix, flows, inputs in (("", "flows", hidden), ("post_", "post_flows", 1)):
        tensors += conv(f"{prefix}conv_pre", hidden, inputs, 1, bias=True)
        tensors += conv(f"{prefix}conv_proj", hidden, hidden, 1, bias=True)
        tensors += _separable(c, f"{prefix}conv_dds", hidden)
        tensors += (*scalars(f"{flows}.0.translate", channels, 1), *scalars(f"{flows}.0.log_scale", channels, 1))
        for i in range(1, c.count("duration_predictor_num_flows", default=4) + 1):
            tensors += conv(f"{flows}.{i}.conv_pre", hidden, half, 1, bias=True)
            tensors += _separable(c, f"{flows}.{i}.conv_dds", hidden)
            tensors += conv(f"{flows}.{i}.conv_proj", half * (3 * bins - 1), hidden, 1, bias=True)
    return tuple(tensors)
