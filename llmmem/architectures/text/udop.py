"""UDOP: T5 that reads the words of a page, where they stand, and its picture."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, refuse_head
from llmmem.architectures.encdec import kind_of
from llmmem.architectures.text.t5_stack import dense, t5_stack
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, conv, embedding, positions
from llmmem.tensors import Block, Images, ModelSpec, Tensor

_FIRST = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"


def udop(c: Config, head: str | None = None) -> ModelSpec:
    """UdopForConditionalGeneration and its kin (arXiv:2212.02623; transformers 5.23, models/udop)."""
    kind = kind_of(c, head)
    if kind not in ("lm", "base", "encoder"):
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", "d_model", default=1024, least=1)
    heads = c.int("num_attention_heads", "num_heads", default=16, least=1)
    vocab = c.int("vocab_size", default=33201, least=1)
    depth = c.count("num_layers", default=24)
    feed = dense(c, hidden, 4096, "relu")
    grid = fixed_grid(c, image=224, patch=16)
    patches = conv("proj", hidden, c.int("num_channels", default=3), *grid.patch, bias=True)
    biases = c.list("relative_bias_args")
    if biases is None:
        biases = [{}, {}, {}]  # places in the text, rows and columns of the page
    if not depth or not biases or not all(isinstance(b, dict) for b in biases):
        raise ConfigError("relative_bias_args has no tables, or there are no layers.", "Check the config.json.")
    # Where there is a head or the encoder stands alone, the first table is that of the first layer.
    first = 0 if kind == "base" else 1
    tables: Tensors = tuple(
        Tensor(f"{i}.relative_attention_bias.weight", (_buckets(c, b), heads), "position", 1)
        for i, b in enumerate(biases)
    )[first:]
    places = c.int("max_2d_position_embeddings", default=1024)
    cells = (
        *positions("x_position_embeddings", places, hidden),
        *positions("y_position_embeddings", places, hidden),
    )
    stacks = [*t5_stack(c, "encoder", hidden, 16, feed, [False] * c.count("num_hidden_layers", default=depth))]
    sides = ["encoder"]
    if kind != "encoder":
        stacks += t5_stack(c, "decoder", hidden, 16, feed, [False] * c.count("num_decoder_layers", default=depth))
        stacks.append(Block("decoder", "decoder.embed_patches.", patches))
        sides.append("decoder")
    blocks = [
        Block("encoder", "", embedding("shared", vocab, hidden)),
        Block("encoder", "patch_embed.", patches),
        Block("encoder", "encoder.cell_2d_embedding.", cells),
        *stacks,
        *(Block(side, f"{side}.relative_bias.biases.", tables) for side in sides),
    ]
    ties = [(f"{side}.embed_tokens.weight", "shared.weight") for side in sides]
    ties += [(f"encoder.embed_patches.proj.{part}", f"patch_embed.proj.{part}") for part in ("weight", "bias")]
    if first:
        ties += [(f"{side}.relative_bias.biases.0.relative_attention_bias.weight", _FIRST) for side in sides]
    if kind == "lm":
        ties.append(("lm_head.weight", "shared.weight"))
    spec = model_spec(c, blocks, hidden=hidden, vocab=vocab, tied=ties)
    # The patches stand behind the words in the encoder.
    return spec._replace(images=Images(grid.patches, 0, hidden, grid.size))


def _buckets(c: Config, bias: dict[str, object]) -> int:
    """Rows of a table: its own, whatever the layers' tables have."""
    own = Config(bias, "relative_bias_args", c.reads)
    more = 2 if own.bool("prefix_bucket") and not own.bool("expand") else 0
    return own.int("relative_attention_num_buckets", default=32) + more
