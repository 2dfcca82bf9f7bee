"""Switch Transformers: T5 with experts, one a token, in some of its layers."""

from __future__ import annotations

from llmmem.architectures.encdec import encoder_decoder, kind_of
from llmmem.architectures.text.bart import shared_tables
from llmmem.architectures.text.t5_stack import t5_depths, t5_stack
from llmmem.config import Config
from llmmem.parts.mlp import mlp, plain_experts, router
from llmmem.tensors import ModelSpec, Part, join


def sparse_layers(c: Config, side: str, layers: int, depth: int) -> list[bool]:
    """Which layers have experts: from the second on, every so many.

    Args:
        layers: of the stack.
        depth: what the class divides into steps.
    """
    some = c.int(f"num_sparse_{side}_layers", default=3)
    step = c.int(f"{side}_sparse_step", default=depth // some if some > 0 else depth)
    return [step == 1 or (step > 0 and i % step == 1) for i in range(layers)]


def switch_transformers(c: Config, head: str | None = None) -> ModelSpec:
    """SwitchTransformersForConditionalGeneration (arXiv:2101.03961; transformers 5.23)."""
    hidden = c.int("hidden_size", "d_model", default=768)
    vocab = c.int("vocab_size", default=32128)
    width = c.int("d_ff", default=2048)
    count = c.int("num_experts", default=8)

    def feed(name: str, sparse: bool) -> Part:
        inner = f"{name}.mlp"
        if not sparse:
            return mlp((f"{inner}.wi", f"{inner}.wo"), hidden, width, bias=False)
        names = (f"{inner}.experts.expert_{{}}.wi", f"{inner}.experts.expert_{{}}.wo")
        return join(
            router(f"{inner}.router.classifier", hidden, count, bias=c.bool("router_bias")),
            plain_experts(names, hidden, width, count, 1, bias=False),
        )

    first, second = t5_depths(c, 12, 12)
    depth = c.count("num_layers", default=12)
    return encoder_decoder(
        c,
        kind_of(c, head),
        t5_stack(c, "encoder", hidden, 12, feed, sparse_layers(c, "encoder", first, depth)),
        t5_stack(c, "decoder", hidden, 12, feed, sparse_layers(c, "decoder", second, second)),
        shared_tables(vocab),
        hidden=hidden,
        vocab=vocab,
        base="",
        tied=c.bool("tie_word_embeddings", default=True),
        kinds=("base", "lm", "encoder"),
    )
