"""I-BERT: RoBERTa that can compute with integers alone, and stores them beside its weights."""

from __future__ import annotations

from llmmem.architectures.encoder import encoder, stem
from llmmem.architectures.text.roberta import roberta_like
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer
from llmmem.tensors import ModelSpec, Tensor

#: where a layer and the embeddings rescale their activations
ACTIVATIONS = (
    "attention.self.query_activation",
    "attention.self.key_activation",
    "attention.self.value_activation",
    "attention.self.output_activation",
    "attention.self.softmax.act",
    "attention.output.ln_input_act",
    "attention.output.output_activation",
    "intermediate.output_activation",
    "output.ln_input_act",
    "output.output_activation",
    "pre_intermediate_act",
    "pre_output_act",
)
EMBEDDING_ACTIVATIONS = ("embeddings_act1", "embeddings_act2", "output_activation")


def _range(name: str) -> Tensors:
    """The range an activation was seen in, and its scale."""
    return tuple(t for n in ("x_min", "x_max", "act_scaling_factor") for t in buffer(f"{name}.{n}", 1))


def _integer(tensors: Tensors, activations: tuple[str, ...]) -> Tensors:
    """Tensors, and what stands beside them for integer arithmetic; it is kept in the checkpoint's own dtype."""
    out: list[Tensor] = []
    for t in tensors:
        out.append(t)
        name, _, own = t.name.rpartition(".")
        if t.role in ("linear", "bias"):
            out += buffer(f"{name}.{own}_integer", *t.shape)
        if t.role == "linear":
            out += buffer(f"{name}.fc_scaling_factor", t.shape[0])
        elif t.role in ("embedding", "position"):
            out += (*buffer(f"{name}.weight_integer", *t.shape), *buffer(f"{name}.weight_scaling_factor", 1))
        elif t.role == "norm" and own == "weight":
            out += (*buffer(f"{name}.shift", 1), *_range(f"{name}.activation"))
    return (*out, *(t for name in activations for t in _range(name)))


def ibert(c: Config, head: str | None = None) -> ModelSpec:
    """IBertForMaskedLM and its kin (arXiv:2101.01321; transformers 5.23, models/ibert)."""
    e = encoder(c, head)
    layer = e.layer()
    layer = layer._replace(tensors=_integer(layer.tensors, ACTIVATIONS))
    embeddings = _integer(stem(e), EMBEDDING_ACTIVATIONS)
    return roberta_like(c, e, "ibert.", layer, embeddings=embeddings, writes=False)
