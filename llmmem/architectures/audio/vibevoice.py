"""The tokenizers of VibeVoice: causal ConvNeXt stages between a waveform and a few vectors a second."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.base import head_of, model_spec, no_head, refuse_head
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, conv, norm, scalars
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec

RATIOS, DEPTHS = (2, 2, 4, 5, 5, 8), (3, 3, 3, 3, 3, 3, 8)


def tokenizer_ratios(c: Config) -> Sequence[int]:
    """How much each stage shortens what it gets."""
    ratios = c.ints("downsampling_ratios")
    return RATIOS if ratios is None else ratios


def _layer(c: Config, width: int) -> Tensors:
    """A ConvNeXt layer (arXiv:2201.03545): a convolution for each channel, then an MLP."""
    return (
        *norm("norm", width),
        *conv("mixer.conv", width, 1, c.int("kernel_size", default=7), bias=True),
        *scalars("gamma", width),
        *norm("ffn_norm", width),
        *mlp(("ffn.linear1", "ffn.linear2"), width, width * c.int("ffn_expansion", default=4)).tensors,
        *scalars("ffn_gamma", width),
    )


def _half(
    c: Config, depths: Sequence[int], widths: Sequence[int], between: Sequence[Tensors], ends: Tensors
) -> list[Block]:
    """Stages of layers, a convolution before each."""
    stem, head = ends[:2], ends[2:]
    blocks = [Block("audio", "", stem), Block("audio", "stem.stage.{}.", _layer(c, widths[0]), range(depths[0]))]
    for i, step in enumerate(between):
        blocks.append(Block("audio", f"conv_layers.{i}.", step))
        layers = range(depths[i + 1])
        blocks.append(Block("audio", f"conv_layers.{i}.stage.{{}}.", _layer(c, widths[i + 1]), layers))
    return [*blocks, Block("audio", "", head)]


def _depths(c: Config, ratios: Sequence[int]) -> Sequence[int]:
    stated = c.ints("depths")
    depths = DEPTHS if stated is None else stated
    if len(depths) <= len(ratios):
        raise ConfigError(
            f"depths names {len(depths)} stages, but {len(ratios)} ratios need {len(ratios) + 1}.",
            "Check the config.json.",
        )
    return depths


def _encoder(c: Config) -> list[Block]:
    ratios = tokenizer_ratios(c)
    filters, kernel = c.int("num_filters", default=32), c.int("kernel_size", default=7)
    widths = [filters << i for i in range(len(ratios) + 1)]
    steps = [conv("conv.conv", widths[i + 1], widths[i], 2 * r, bias=True) for i, r in enumerate(ratios)]
    ends = (
        *conv("stem.conv.conv", filters, c.int("channels", default=1), kernel, bias=True),
        *conv("head.conv", c.int("hidden_size", default=64), widths[-1], kernel, bias=True),
    )
    return _half(c, _depths(c, ratios), widths, steps, ends)


def _decoder(c: Config, depths: Sequence[int]) -> list[Block]:
    ratios = list(reversed(tokenizer_ratios(c)))
    filters, kernel = c.int("num_filters", default=32), c.int("kernel_size", default=7)
    # The widest stage is as many steps up as there are depths, used or not.
    widths = [filters << (len(depths) - 1 - i) for i in range(len(ratios) + 1)]
    steps = [conv_transpose("convtr.convtr", widths[i], widths[i + 1], 2 * r) for i, r in enumerate(ratios)]
    ends = (
        *conv("stem.conv.conv", widths[0], c.int("hidden_size", default=64), kernel, bias=True),
        *conv("head.conv", c.int("channels", default=1), filters, kernel, bias=True),
    )
    return _half(c, depths, widths, steps, ends)


def vibevoice_acoustic_tokenizer(c: Config, head: str | None = None) -> ModelSpec:
    """VibeVoiceAcousticTokenizerModel (arXiv:2508.19205; transformers 5.23, models/vibevoice_acoustic_tokenizer)."""
    no_head(c, head)
    depths = _depths(c, tokenizer_ratios(c))
    sides = (("encoder.", _encoder(c)), ("decoder.", _decoder(c, depths[::-1])))
    blocks = [b._replace(prefix=prefix + b.prefix) for prefix, side in sides for b in side]
    return model_spec(c, blocks, hidden=c.int("hidden_size", default=64))


def vibevoice_acoustic_tokenizer_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """VibeVoiceAcousticTokenizerEncoderModel (transformers 5.23, models/vibevoice_acoustic_tokenizer)."""
    kind = head_of(c, head, "base")
    if kind not in ("base", "encoder"):
        raise refuse_head(c, kind)
    return model_spec(c, _encoder(c), hidden=c.int("hidden_size", default=64))


def vibevoice_acoustic_tokenizer_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """VibeVoiceAcousticTokenizerDecoderModel: depths as the decoder goes through them (transformers 5.23)."""
    no_head(c, head)
    return model_spec(c, _decoder(c, _depths(c, tokenizer_ratios(c))), hidden=c.int("hidden_size", default=64))
