"""DALL-E mini and mega: a BART without biases that reads a text and writes the codes of a picture."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.encdec import stack
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.dalle import dalle_layer, flax_norm
from llmmem.tensors import Block, ModelSpec, Tensor

#: what the published models leave off
_OFF = (
    "use_bias",
    "force_ln_scale",
    "use_head_scale",
    "use_cosine_attention",
    "use_alibi",
    "use_swin_position_embeddings",
    "tie_word_embeddings",
)


def _stack(c: Config, side: str, hidden: int, rows: int, length: int) -> list[Block]:
    heads = c.int(f"{side}_attention_heads", default=16, least=1)
    head_dim = divide(c, f"d_model over {side}_attention_heads", hidden, heads)
    layer = dalle_layer(side, hidden, heads, head_dim, c.int(f"{side}_ffn_dim", default=4096))
    n = c.count(f"{side}_layers", default=12, least=1)
    stem = (
        Tensor("embed_tokens.embedding", (rows, hidden), "embedding", 0),
        Tensor("embed_positions.embedding", (length, hidden), "position"),
        *flax_norm("layernorm_embedding", hidden, scale=True),
    )
    place = f"layers.FlaxBart{side.capitalize()}Layer_"
    blocks = stack(side, f"model.{side}.", stem, uniform(side, f"{place}{{}}.", n, layer))
    if c.bool(f"use_final_ln_{side}", default=True):
        # The last layer has one norm more.
        last = f"{place}{n - 1}.LayerNorm_{2 if side == 'encoder' else 4}"
        blocks.append(Block(side, f"model.{side}.", flax_norm(last, hidden, scale=False)))
    return blocks


def dallebart(c: Config, head: str | None = None) -> ModelSpec:
    """DalleBart (code of borisdayma/dalle-mini); the VQGAN that paints from the codes is a model of its own.

    Reproduces the 2,587,521,024 parameters of DALL-E mega (published as 2.6 B).

    Raises:
        UnsupportedArchitectureError: another form than the published models have.
    """
    no_head(c, head)
    usual = c.str("ln_positions", default="normformer") == "normformer" and c.bool("use_glu", default=True)
    usual = usual and c.bool("use_absolute_position_embeddings", default=True)
    if not usual or c.str("ln_type", default="layernorm") != "layernorm" or any(c.bool(key) for key in _OFF):
        raise UnsupportedArchitectureError(
            "llmmem knows DalleBart with NormFormer's LayerNorms, GLU, learned positions and no biases only.",
            "Check ln_positions, ln_type, use_glu and the other flags of the config.",
        )
    hidden = c.int("d_model", default=1024, least=1)
    texts, length = c.int("max_text_length", default=64), c.int("image_length", default=256)
    # One more code starts a picture.
    codes = c.int("image_vocab_size", default=16384) + 1
    blocks = [
        *_stack(c, "encoder", hidden, c.int("encoder_vocab_size", default=50264), texts),
        *_stack(c, "decoder", hidden, codes, length),
        Block("decoder", "", (Tensor("lm_head.kernel", (hidden, codes), "head", 1, layout="io"),)),
    ]
    return model_spec(
        c,
        blocks,
        hidden=hidden,
        vocab=codes,
        max_context=length,
        encoder_length=texts,
        notes=("the VQGAN that makes a picture of the codes is a model of its own and not counted",),
    )
