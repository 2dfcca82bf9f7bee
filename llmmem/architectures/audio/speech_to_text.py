"""Speech to text of fairseq (S2T)."""

from __future__ import annotations

from llmmem.architectures.audio.canary import FRAMES, NOTE
from llmmem.architectures.encdec import encoder_decoder, kind_of
from llmmem.architectures.text.bart import fairseq_stack
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, conv, norm
from llmmem.tensors import ModelSpec, Sound


def speech_to_text(c: Config, head: str | None = None) -> ModelSpec:
    """Speech2TextForConditionalGeneration and its base model (arXiv:2010.05171; transformers 5.23).

    Raises:
        ConfigError: not one kernel for every convolution.
    """
    kind = kind_of(c, head)
    hidden, vocab = c.int("hidden_size", "d_model", default=256), c.int("vocab_size", default=10000)
    kernels = c.ints("conv_kernel_sizes", least=1) or [5, 5]
    if len(kernels) != c.count("num_conv_layers", default=2):
        raise ConfigError("conv_kernel_sizes and num_conv_layers differ.", "Give one kernel for each convolution.")
    inputs = c.int("input_feat_per_channel", default=80) * c.int("input_channels", default=1)
    middle = c.int("conv_channels", default=1024)
    stem: Tensors = ()
    frames = FRAMES
    for i, kernel in enumerate(kernels):  # half of what a convolution gives gates the other half
        outputs = middle if i < len(kernels) - 1 else 2 * hidden
        stem += conv(f"conv.conv_layers.{i}", outputs, middle // 2 if i else inputs, kernel, bias=True)
        frames = (frames + 2 * (kernel // 2) - kernel) // 2 + 1
    # Windows of 25 milliseconds, each 10 after the last one.
    sound = Sound(hidden, padding=160 - 400, convs=tuple((k, 2, k // 2) for k in kernels), tokens=0)
    final = norm("layer_norm", hidden, bias=True)
    return encoder_decoder(
        c,
        kind,
        fairseq_stack(c, "encoder", hidden, layers=12, heads=4, intermediate=2048, stem=stem, final=final),
        fairseq_stack(c, "decoder", hidden, layers=6, heads=4, intermediate=2048, stem=(), final=final),
        {"decoder.embed_tokens": vocab},
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings", default=True),
        kinds=("base", "lm"),
        max_context=c.int("max_target_positions", default=1024),
        encoder_length=frames,
        notes=(NOTE,),
    )._replace(sound=sound)
