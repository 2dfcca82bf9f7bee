"""What mixtures of experts share: which layers have experts, and the layers that predict deeper."""

from __future__ import annotations

from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.basic import embedding, linear, norm
from llmmem.tensors import Block, Part, join


def sparse_layers(c: Config, default: list[bool]) -> list[bool]:
    """Which layers have experts: as ``mlp_layer_types`` says, else as the family has them by default."""
    names = ["sparse" if sparse else "dense" for sparse in default]
    kinds = layer_kinds(c, "mlp_layer_types", known=("dense", "sparse"), default=names, layers=len(default))
    return [kind == "sparse" for kind in kinds]


def layer_of(hidden: int, attends: Part, feed_forward: Part) -> Part:
    """Attention and a feed-forward, each behind a norm."""
    return join(norm("input_layernorm", hidden), attends, norm("post_attention_layernorm", hidden), feed_forward)


def predictors(
    c: Config, layers: int, layer: Part, *, hidden: int, vocab: int, default: int = 0, final: str = "shared_head.norm"
) -> tuple[Block, ...]:
    """Deep prediction layers after the last of the model's ``layers``, as DeepSeek-V3 stores them (arXiv:2412.19437).

    Args:
        vocab: rows of the table and the head each carries of its own; 0 where it shares the model's.
        default: how many there are by class default.
        final: the norm after the layer.
    """
    part = join(
        embedding("embed_tokens", vocab, hidden) if vocab else (),
        norm("enorm", hidden),
        norm("hnorm", hidden),
        # The joining matrix stays unquantised like a router.
        linear("eh_proj", 2 * hidden, hidden, role="router"),
        layer,
        norm(final, hidden),
        linear("shared_head.head", hidden, vocab, cut="column", role="head") if vocab else (),
    )
    deep = range(layers, layers + c.count("num_nextn_predict_layers", "num_mtp_layers", default=default))
    return (Block("mtp", "layers.{}.", part.tensors, deep, loaded=False),)
