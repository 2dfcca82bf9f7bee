"""Any encoder in front of any decoder: texts, pictures or speech in, text out."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import linear
from llmmem.tensors import Block, ModelSpec


def _composed(c: Config, head: str | None, encoder: str, *, speech: bool = False) -> ModelSpec:
    """Encoder, decoder, and a matrix between them where their widths differ.

    Args:
        encoder: the class default of the encoder's type; the decoder's is BERT's.
        speech: encoders whose output may have a width of its own, output_hidden_size.

    Raises:
        ConfigError: the decoder expects another width than the encoder has, or has no vocabulary.
    """
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    first, second = c.sub("encoder", model_type=encoder), c.sub("decoder", model_type="bert")
    if c.get("decoder") is None:
        second = Config({"model_type": "bert", "is_decoder": True, "add_cross_attention": True}, "decoder", c.reads)
    source, writer = build(first, "base"), build(second, "decoder")
    if not writer.vocab_size:
        raise ConfigError(f"A {writer.model_type} has no vocabulary.", "Give a language model in decoder.")
    expected = second.optional("cross_attention_hidden_size")
    if expected is not None and expected != source.hidden_size:
        raise ConfigError(
            f"decoder.cross_attention_hidden_size is {expected:,}, the encoder's width {source.hidden_size:,}.",
            "Check the config.json.",
        )
    width = (speech and first.int("output_hidden_size", default=0)) or source.hidden_size
    blocks = [*source.placed("encoder.", "encoder"), *writer.placed("decoder.", "decoder")]
    if width != writer.hidden_size and expected is None:
        between = linear("enc_to_dec_proj", source.hidden_size, writer.hidden_size, bias=True)
        blocks.append(Block("encoder", "", between))
    ties = [(f"{side}.{a}", f"{side}.{b}") for side, s in (("encoder", source), ("decoder", writer)) for a, b in s.tied]
    spec = model_spec(
        c,
        blocks,
        hidden=writer.hidden_size,
        vocab=writer.vocab_size,
        max_context=writer.max_context,
        # A picture of one size is read whole.
        encoder_length=source.images.tokens if source.images else source.encoder_length,
        tied=ties,
        notes=(*source.notes, *writer.notes),
    )
    return spec._replace(dtype=spec.dtype or writer.dtype, quantization=spec.quantization or writer.quantization)


def encoder_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """EncoderDecoderModel (arXiv:1907.12461; transformers 5.23, models/encoder_decoder)."""
    return _composed(c, head, "bert")


def vision_encoder_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """VisionEncoderDecoderModel: Donut, TrOCR, captions (transformers 5.23, models/vision_encoder_decoder)."""
    return _composed(c, head, "vit")


def speech_encoder_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """SpeechEncoderDecoderModel (arXiv:2104.06678; transformers 5.23, models/speech_encoder_decoder)."""
    return _composed(c, head, "wav2vec2", speech=True)
