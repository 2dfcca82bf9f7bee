"""How the components are stored: one precision for all, or their own for encoders, denoisers and decoders."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable, Iterable, Mapping

from llmmem.checkpoint import Stored, store
from llmmem.deployment import Deployment
from llmmem.dtypes import GGUF_RECIPES
from llmmem.tensors import Block, Diffusion, ModelSpec, Tensor

_FLOATS = ("auto", "fp32", "fp16", "bf16")
#: a matrix of T5 that transformers neither quantises nor casts to fp16 (modeling_t5.py, _keep_in_fp32_modules;
#: quantizers/base.py, get_modules_to_not_convert)
_KEPT = "DenseReluDense.wo.weight"
#: precisions that bitsandbytes makes
_BITSANDBYTES = ("int8", "nf4", "fp4")
#: knob -> the components it is about
OWN: dict[str, Callable[[Diffusion], bool]] = {
    "text_encoder_precision": lambda work: work.stage == "encode",
    "transformer_precision": lambda work: work.stage == "denoise",
    "vae_precision": lambda work: work.stage == "decode",
}


def stored(spec: ModelSpec, deployment: Deployment) -> tuple[Stored, dict[str, str]]:
    """Every component as asked, and the element type in which each one with a precision of its own computes.

    Raises:
        LlmmemError: as ``store``.
    """
    whole = _store(spec, deployment.precision)
    own: dict[str, str] = {}
    for knob, about in OWN.items():
        name = deployment.knob(knob)
        if name is not None:
            own |= {work.component: str(name) for work in spec.diffusion or () if about(work)}
    blocks = [b for b in whole.spec.blocks if b.component not in own]
    said, computes = [whole.why], dict[str, str]()
    stated = spec.dtype or (deployment.precision if deployment.precision in _FLOATS[1:] else None)
    for precision in dict.fromkeys(own.values()):
        names = [n for n in own if own[n] == precision]
        part = spec._replace(blocks=tuple(b for b in spec.blocks if b.component in names), dtype=stated)
        made = _store(part, precision)
        blocks += made.spec.blocks
        computes |= dict.fromkeys(names, made.compute)
        said.append(f"{', '.join(names)}: {made.why}")
    order = list(dict.fromkeys(b.component for b in spec.blocks))
    blocks.sort(key=lambda b: order.index(b.component) if b.component in order else len(order))
    label = ", ".join([whole.precision, *(f"{name} {precision}" for name, precision in own.items())])
    return (
        whole._replace(spec=whole.spec._replace(blocks=tuple(blocks)), precision=label, why="; ".join(said)),
        computes,
    )


def _store(spec: ModelSpec, precision: str) -> Stored:
    """As ``store``, but for what transformers keeps of T5; what a quantised component keeps is bf16 in the examples of
    diffusers, whose configs state no dtype.
    """
    if precision in _FLOATS or precision in GGUF_RECIPES:
        made = store(spec, precision)
        return made._replace(spec=made.spec._replace(blocks=tuple(_wide(b) for b in made.spec.blocks)))
    kept = [b._replace(tensors=tuple(t for t in b.tensors if _is_kept(t))) for b in spec.blocks]
    rest = tuple(b._replace(tensors=tuple(t for t in b.tensors if not _is_kept(t))) for b in spec.blocks)
    made = store(spec._replace(blocks=rest, dtype=spec.dtype or "bf16"), precision)
    cast = [_in(b, "fp32" if made.compute == "fp16" else made.compute) for b in kept if b.tensors]
    why = f"{made.why}; {_KEPT} of T5 is left as it is" if cast else made.why
    return made._replace(spec=made.spec._replace(blocks=(*made.spec.blocks, *cast)), why=why)


def _is_kept(t: Tensor) -> bool:
    return t.name.endswith(_KEPT)


def _in(block: Block, dtype: str) -> Block:
    return block._replace(tensors=tuple(t._replace(dtype=dtype) for t in block.tensors))


def _wide(block: Block) -> Block:
    """T5's matrix in fp32 where the rest is fp16."""
    if not any(_is_kept(t) and t.dtype == "fp16" for t in block.tensors):
        return block
    return block._replace(
        tensors=tuple(t._replace(dtype="fp32") if _is_kept(t) and t.dtype == "fp16" else t for t in block.tensors)
    )


def older(blocks: Iterable[Block], deployment: Deployment, works: Mapping[str, Diffusion]) -> dict[str, int]:
    """Bytes more, by component, where a release keeps that matrix in fp32 beside quantised ones."""
    grown: dict[str, int] = {}
    for block in blocks:
        work = works.get(block.component)
        own = next((deployment.knob(knob) for knob, about in OWN.items() if work and about(work)), None)
        if (own or deployment.precision) in _BITSANDBYTES:
            more = sum(2 * t.elements for t in block.tensors if _is_kept(t) and t.dtype == "bf16")
            grown[block.component] = grown.get(block.component, 0) + more * len(block.layers)
    return grown
