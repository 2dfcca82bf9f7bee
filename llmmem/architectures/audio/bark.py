"""Bark: three GPTs after one another, from text to the codes of a codec."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, buffer, embedding, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Tensor, join


def _stack(c: Config, *, causal: bool) -> tuple[int, list[Block]]:
    """Width, and positions, layers and norm of one of the three; the last sees all frames at once."""
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", "num_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    bias, length = c.bool("bias", default=True), c.int("window_size", "block_size", default=1024)
    own = bias or not causal
    layer = join(
        norm("layernorm_1", hidden, bias=own),
        fused_attention(
            ("attn.att_proj", "attn.out_proj"),
            hidden,
            heads,
            heads,
            head_dim,
            bias=bias,
            cache="full" if causal else None,
            biased=True,
        ),
        buffer("attn.bias", 1, 1, length, length, dtype="bool") if causal else (),
        norm("layernorm_2", hidden, bias=own),
        mlp(("mlp.in_proj", "mlp.out_proj"), hidden, 4 * hidden, bias=bias),
    )
    blocks = [
        Block("language", "", positions("position_embeds_layer", length, hidden)),
        *uniform("language", "layers.{}.", c.count("num_hidden_layers", "num_layers", default=12), layer),
        Block("language", "", norm("layernorm_final", hidden, bias=own)),
    ]
    return hidden, blocks


def _vocabularies(c: Config) -> tuple[int, int]:
    """What it reads and what it writes."""
    return c.int("vocab_size", "input_vocab_size", default=10048), c.int("output_vocab_size", default=10048)


def _writer(c: Config) -> list[Block]:
    """From text to meaning, or from meaning to coarse sound."""
    hidden, blocks = _stack(c, causal=True)
    reads, writes = _vocabularies(c)
    table = embedding("input_embeds_layer", reads, hidden)
    top = linear("lm_head", hidden, writes, cut=COLUMN, role="head")
    return [Block("language", "", table), *blocks, Block("language", "", top)]


def _refiner(c: Config) -> tuple[list[Block], list[tuple[str, str]]]:
    """From coarse to fine sound: a table for every codebook, a head for those not given; and what is tied."""
    hidden, blocks = _stack(c, causal=False)
    reads, writes = _vocabularies(c)
    total, given = c.count("n_codes_total", default=8), c.count("n_codes_given", default=1)
    table, top = embedding("weight", reads, hidden)[0], linear("weight", hidden, writes, cut=COLUMN, role="head")[0]
    heads = range(max(total - given, 0))
    shares = c.bool("tie_word_embeddings", default=True)
    blocks = [Block("language", "input_embeds_layers.{}.", _bare(table), range(total)), *blocks]
    if not shares:
        blocks.append(Block("language", "lm_heads.{}.", _bare(top), heads))
    ties = [(f"lm_heads.{i}.weight", f"input_embeds_layers.{i + 1}.weight") for i in heads] if shares else []
    return blocks, ties


def _bare(tensor: Tensor) -> tuple[Tensor, ...]:
    return (tensor._replace(name="weight"),)


def bark(c: Config, head: str | None = None) -> ModelSpec:
    """BarkModel (transformers 5.23, models/bark)."""
    no_head(c, head)
    semantic, coarse, fine = (c.sub(f"{name}_config") for name in ("semantic", "coarse_acoustics", "fine_acoustics"))
    refiner, ties = _refiner(fine)
    codec = build(c.sub("codec_config", model_type="encodec"), "base")
    stages = (("semantic.", _writer(semantic)), ("coarse_acoustics.", _writer(coarse)), ("fine_acoustics.", refiner))
    blocks = [b._replace(prefix=prefix + b.prefix) for prefix, stage in stages for b in stage]
    return model_spec(
        c,
        [*blocks, *codec.placed("codec_model.", "audio")],
        hidden=semantic.int("hidden_size", default=768),
        vocab=_vocabularies(semantic)[0],
        max_context=semantic.int("window_size", "block_size", default=1024),
        tied=[(f"fine_acoustics.{alias}", f"fine_acoustics.{name}") for alias, name in ties],
    )
