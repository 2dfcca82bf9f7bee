"""Sesame's conversational speech model: a Llama over frames of codes, and a small one over the codes of a frame."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.text.decoder import Sizes, llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, embedding, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Tensor


def _layers(c: Config, s: Sizes, layers: int) -> tuple[Block, ...]:
    bias = c.bool("attention_bias")
    feed = gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias"))
    return llama_layers(s, [("full", None)] * layers, bias=bias, out_bias=bias, feed_forward=feed)


def _codebooks(c: Config) -> tuple[int, int]:
    """How many codebooks there are and the entries of each."""
    return c.int("num_codebooks", default=32, least=1), c.int("codebook_size", "vocab_size", default=2051)


def csm_depth_decoder_model(c: Config, head: str | None = None) -> ModelSpec:
    """CsmDepthDecoderForCausalLM and its base model (transformers 5.23, models/csm)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    s = sizes(c, hidden=1024, heads=8, kv_heads=2, intermediate=8192)
    count, entries = _codebooks(c)
    wide = c.int("backbone_hidden_size", default=2048)
    layers = _layers(c, s, c.count("num_hidden_layers", default=4))
    base = "model." if kind == "lm" else ""
    # A matrix (in, out) for each codebook but the first, which the backbone writes.
    top = Tensor("codebooks_head.weight", (s.hidden, entries), "head", 1, copies=count - 1, active=1, layout="io")
    blocks = [
        Block("decoder", base, embedding("embed_tokens", count * entries, wide)),
        Block("decoder", base, linear("inputs_embeds_projector", wide, s.hidden)),
        *(b._replace(prefix=base + b.prefix, component="decoder") for b in layers),
        Block("decoder", base, norm("norm", s.hidden)),
        Block("decoder", "", (top,) if kind == "lm" else ()),
    ]
    length = c.int("max_position_embeddings", default=33)
    return model_spec(c, blocks, hidden=s.hidden, vocab=entries, max_context=length)


def csm(c: Config, head: str | None = None) -> ModelSpec:
    """CsmForConditionalGeneration (transformers 5.23, models/csm)."""
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    s = sizes(c, hidden=2048, heads=32, kv_heads=8, intermediate=8192)
    count, entries = _codebooks(c)
    codec = build(c.sub("codec_config", model_type="mimi"), "base")
    depth = build(typed(c, "depth_decoder_config", "csm_depth_decoder_model"), "lm")
    texts = c.int("text_vocab_size", default=128256)
    shares = c.bool("tie_codebooks_embeddings", default=True, null=False)
    table = "embed_tokens.embed_audio_tokens"
    layers = _layers(c, s, c.count("num_hidden_layers", default=16))
    blocks = [
        Block("language", "", embedding("embed_text_tokens", texts, s.hidden)),
        Block("language", "backbone_model.", () if shares else embedding(table, count * entries, s.hidden)),
        *(b._replace(prefix=f"backbone_model.{b.prefix}") for b in layers),
        Block("language", "backbone_model.", norm("norm", s.hidden)),
        Block("language", "", linear("lm_head", s.hidden, entries, cut=COLUMN, role="head")),
        # Both live for one frame at a time, so that nothing of theirs is kept.
        *(b._replace(caches=(), work=()) for b in depth.placed("depth_decoder.")),
        *(b._replace(caches=()) for b in codec.placed("codec_model.", "audio")),
    ]
    return model_spec(
        c,
        blocks,
        hidden=s.hidden,
        vocab=entries,
        max_context=c.int("max_position_embeddings", default=2048),
        tied=((f"backbone_model.{table}.weight", "depth_decoder.model.embed_tokens.weight"),) if shares else (),
    )
