"""LongT5: T5 whose encoder attends to a neighbourhood, and to summaries of blocks where it is told to."""

from __future__ import annotations

from llmmem.architectures.encdec import kind_of
from llmmem.architectures.text.t5 import t5_frame
from llmmem.architectures.text.t5_stack import dense, t5_depths, t5_stack
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import blockwise
from llmmem.parts.basic import Tensors, norm
from llmmem.tensors import ModelSpec, Tensor

OWN = {"local": "LocalSelfAttention", "transient-global": "TransientGlobalSelfAttention"}


def longt5(c: Config, head: str | None = None) -> ModelSpec:
    """LongT5ForConditionalGeneration (arXiv:2112.07916; transformers 5.23, models/longt5).

    Raises:
        ConfigError: an encoder_attention_type there is none of.
    """
    hidden = c.int("hidden_size", "d_model", default=512)
    heads = c.int("num_attention_heads", "num_heads", default=8, least=1)
    buckets = c.int("relative_attention_num_buckets", default=32)
    sort = c.str("encoder_attention_type", default="local")
    if sort not in OWN:
        raise ConfigError(f"encoder_attention_type is {sort[:40]!r}.", f"It is {' or '.join(OWN)}.")

    def summaries(table: bool) -> Tensors:
        if sort == "local":
            return ()
        places = (Tensor("global_relative_attention_bias.weight", (buckets, heads), "position", 1),) if table else ()
        return (*places, *norm("global_input_layer_norm", hidden))

    feed = dense(c, hidden, 2048, "relu")
    first, second = t5_depths(c, 6)
    encoder = t5_stack(c, "encoder", hidden, 8, feed, [False] * first, own=OWN[sort], extra=summaries)
    # Blocks see themselves and their neighbours.
    reach = 3 * (c.int("local_radius", default=127) + 1)
    return t5_frame(
        c,
        kind_of(c, head),
        [b._replace(work=blockwise(b.work, reach)) for b in encoder],
        t5_stack(c, "decoder", hidden, 8, feed, [False] * second),
        hidden,
        c.int("vocab_size", default=32128),
    )
