"""The decoders of MusicGen: one step per frame of sound, all codebooks at once."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, embedding, linear, norm
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join


def _decoder(c: Config, head: str | None, *, reads: bool) -> ModelSpec:
    """The decoder; whether it reads the text through attention of its own."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)

    def attend(name: str, cache: str | None) -> Part:
        return join(
            attention(name, hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, cache=cache),
            norm(f"{name}_layer_norm", hidden, bias=True),
        )

    layer = join(
        attend("self_attn", "full"),
        # Alone, it has nothing to read.
        attend("encoder_attn", "cross" if head else None) if reads else (),
        mlp(("fc1", "fc2"), hidden, c.int("ffn_dim", default=4096), bias=False),
        norm("final_layer_norm", hidden, bias=True),
    )
    vocab, books = c.int("vocab_size", default=2048), c.count("num_codebooks", default=4)
    base = "model.decoder." if kind == "lm" else "decoder."
    # One entry more than there is to say: what stands before the first frame.
    tables = tuple(t for i in range(books) for t in embedding(f"embed_tokens.{i}", vocab + 1, hidden))
    tops = tuple(t for i in range(books) for t in linear(f"lm_heads.{i}", hidden, vocab, cut=COLUMN, role="head"))
    blocks = [
        Block("decoder", base, tables),
        *uniform("decoder", base + "layers.{}.", c.count("num_hidden_layers", default=24), layer),
        Block("decoder", base, norm("layer_norm", hidden, bias=True)),
        Block("decoder", "", tops if kind == "lm" else ()),
    ]
    length = c.int("max_position_embeddings", default=2048)
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)


def musicgen_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """MusicgenForCausalLM (arXiv:2306.05284; transformers 5.23, models/musicgen)."""
    return _decoder(c, head, reads=True)


def musicgen_melody_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """MusicgenMelodyForCausalLM: text and melody stand before the sound (transformers 5.23, models/musicgen_melody)."""
    return _decoder(c, head, reads=False)
