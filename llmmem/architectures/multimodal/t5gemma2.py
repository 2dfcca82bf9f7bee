"""T5Gemma 2: an encoder that also reads pictures, and a decoder that attends to itself and the encoder at once."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of, labels, model_spec, refuse_head
from llmmem.architectures.text.t5gemma import t5gemma_stack
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, embedding, linear, norm, scalars
from llmmem.tensors import Block, ModelSpec, Tensor


def _bare(c: Config, head: str | None, name: str) -> None:
    """Refuse all but the one class of a sub-model."""
    classes = c.list("architectures")
    if head not in (None, "base") or (head is None and classes and architecture_of(c) != name):
        raise refuse_head(c, head or architecture_of(c)[:60])


def _stack(c: Config, side: str, prefix: str = "", *, table: bool = True) -> tuple[list[Block], int, int]:
    """One stack, its width and vocabulary; the token after a picture has an embedding of its own."""
    hidden = c.int("hidden_size", default=2304, least=1)
    vocab = c.int("vocab_size", default=262208)
    every = c.int("sliding_window_pattern", default=6, least=1)
    rows: Tensors = (*embedding("embed_tokens", vocab, hidden), *scalars("embed_tokens.eoi_embedding", hidden))
    return t5gemma_stack(c, side, prefix, every=every, table=rows if table else (), merged=True), hidden, vocab


def t5gemma2_text(c: Config, head: str | None = None) -> ModelSpec:
    """T5Gemma2TextEncoder (transformers 5.23, models/t5gemma2)."""
    _bare(c, head, "T5Gemma2TextEncoder")
    blocks, hidden, vocab = _stack(c, "encoder")
    length = c.int("max_position_embeddings", default=131072)
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)


def t5gemma2_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """T5Gemma2Decoder (transformers 5.23, models/t5gemma2)."""
    _bare(c, head, "T5Gemma2Decoder")
    blocks, hidden, vocab = _stack(c, "decoder")
    length = c.int("max_position_embeddings", default=131072)
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)


def t5gemma2_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """T5Gemma2Encoder: text, pictures and what joins them (transformers 5.23, models/t5gemma2)."""
    _bare(c, head, "T5Gemma2Encoder")
    text = t5gemma2_text(c.sub("text_config"), "base")
    tower = build(c.sub("vision_config", model_type="siglip_vision_model"), "base")
    projector = (
        # A bare parameter (in, out), not a torch.nn.Linear: conversions pass it by.
        Tensor("mm_input_projection_weight", (tower.hidden_size, text.hidden_size), "scalar"),
        *norm("mm_soft_emb_norm", tower.hidden_size),
    )
    blocks = (*text.blocks, *tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector))
    spec = model_spec(c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context)
    tokens = c.int("mm_tokens_per_image", default=256)
    return spec._replace(images=tower.images._replace(tokens=tokens) if tower.images else None)


def t5gemma2(c: Config, head: str | None = None) -> ModelSpec:
    """T5Gemma2ForConditionalGeneration and its kin (arXiv:2512.14856; transformers 5.23, models/t5gemma2).

    Raises:
        ConfigError: an encoder and a decoder of different widths or vocabularies.
    """
    kind = head_of(c, head)
    tops: dict[str, Tensors] = {"lm": (), "base": ()}
    source, target = t5gemma2_encoder(c.sub("encoder"), "base"), c.sub("decoder")
    tied = c.bool("tie_word_embeddings", default=True)
    prefix = "" if kind == "base" else "model."
    writer, hidden, vocab = _stack(target, "decoder", f"{prefix}decoder.", table=not tied)
    if (hidden, vocab) != (source.hidden_size, source.vocab_size):
        raise ConfigError("Encoder and decoder differ in hidden_size or vocab_size.", "Check the config.json.")
    tops["sequence"] = tops["token"] = linear("score.out_proj", hidden, labels(c), bias=True, role="head")
    if kind not in tops:
        raise refuse_head(c, kind)
    head_weight = linear("lm_head.out_proj", hidden, vocab, cut="column", role="head")
    ties = [
        (f"{prefix}decoder.{n}", f"{prefix}encoder.{n}") for n in ("embed_tokens.weight", "embed_tokens.eoi_embedding")
    ]
    if kind == "lm":
        tops["lm"] = () if tied else head_weight
        ties.append((head_weight[0].name, f"{prefix}encoder.embed_tokens.weight"))
    spec = model_spec(
        c,
        [
            *source.placed(f"{prefix}encoder."),
            *writer,
            Block("decoder", "", tops[kind]),
        ],
        hidden=hidden,
        vocab=vocab,
        max_context=target.int("max_position_embeddings", default=131072),
        tied=ties if tied else (),
    )
    return spec._replace(images=source.images)
