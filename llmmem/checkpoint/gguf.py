"""--precision q4_k_m and so on: the tensors of the GGUF file that llama.cpp makes of a model.

Sources: llama.cpp of 2026 (conversion/base.py, prepare_tensors: what is always fp32; src/llama-quant.cpp: what is
never quantised, and which layers get more bits).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable
from typing import NamedTuple

from llmmem.checkpoint.gguf_names import ONE_TO_ONE, kind_of, rearranged
from llmmem.checkpoint.gguf_recipes import RECIPES, Matrix, Model, mixes, tensor_type
from llmmem.checkpoint.matrices import TEXT, sides
from llmmem.tensors import UNTIED, Block, ModelSpec, Tensor

#: precision -> type of the matrices of a file that is not quantised
PLAIN = {"gguf_f16": "fp16", "gguf_bf16": "bf16"}

#: kinds whose types depend on the layer
COUNTED = ("value", "down", "gate", "up")

#: model types that llama.cpp calls a 70B model when they have 80 layers and fewer key/value heads than heads
SEVENTY = ("llama", "mistral", "qwen2", "olmo", "nemotron-nas")

#: kind -> (layer, tensor) -> its number
Numbers = dict[str, dict[tuple[int, str], int]]


class Converted(NamedTuple):
    """A spec as the file holds it, and what to say about it."""

    spec: ModelSpec
    basis: str
    why: str


def convert(spec: ModelSpec, precision: str) -> Converted:
    """Every tensor with its ggml type: text by the recipe, towers as the file beside it (mmproj) holds them."""
    spec = rearranged(spec)
    model, numbers = _model(spec), _numbers(spec)
    blocks: list[Block] = []
    for block in spec.blocks:
        same = [_uncounted(precision, model, block, t) for t in block.tensors]
        places = [
            known or _counted(precision, model, numbers, block, t) for known, t in zip(same, block.tensors, strict=True)
        ]
        groups: dict[tuple[str, ...], list[int]] = {}
        for layer in block.layers if None in same else block.layers[:1]:
            groups.setdefault(tuple(p if isinstance(p, str) else p(layer) for p in places), []).append(layer)
        for types, layers in groups.items():
            tensors = tuple(t._replace(dtype=dtype) for t, dtype in zip(block.tensors, types, strict=True))
            blocks.append(block._replace(tensors=tensors, layers=block.layers if len(groups) == 1 else tuple(layers)))
    return Converted(spec._replace(blocks=tuple(blocks)), *_said(spec, precision))


def _said(spec: ModelSpec, precision: str) -> tuple[str, str]:
    """(basis, why)."""
    towers = any(not _is_text(b) for b in spec.blocks)
    if precision in PLAIN:
        how = f"GGUF in {PLAIN[precision]} as llama.cpp's converter writes it"
    else:
        matrix = "with an" if RECIPES[precision].importance else "without an"
        how = f"GGUF {precision.upper()} as llama-quantize of 2026 mixes it, {matrix} importance matrix"
    beside = "; towers in a file of their own (mmproj) in fp16" if towers else ""
    why = f"{how}; norms, biases and routers in fp32; tables for scaled RoPE (under 1 KB) left out{beside}"
    if spec.model_type in ONE_TO_ONE and not towers and all(b.component != "mtp" for b in spec.blocks):
        return "exact", why
    return "estimated", f"{why}; whether the converter rearranges tensors of a {spec.model_type} model is not known"


def _is_text(block: Block) -> bool:
    return block.component in (*TEXT, "mtp", UNTIED)


def _model(spec: ModelSpec) -> Model:
    text = [b for b in spec.blocks if b.component in TEXT]
    works = [(min(b.layers), w) for b in text for w in b.work if len(b.layers) and w.heads and w.kv_heads]
    first = min(works, key=lambda found: found[0])[1] if works else None
    gqa = first.heads // first.kv_heads if first else 1
    experts = max((t.copies for b in text for t in b.tensors if t.role == "linear" and len(t.shape) == 2), default=1)
    return Model(
        gqa=gqa,
        experts=experts,
        layers=spec.layers,
        falcon=spec.model_type in ("falcon", "RefinedWeb", "RefinedWebModel"),
        seventy=spec.layers == 80 and experts == 1 and gqa > 1 and spec.model_type in SEVENTY,
        tied=all(t.role != "head" or t.shape[:1] != (spec.vocab_size,) for b in spec.blocks for t in b.tensors),
    )


def _quantised(t: Tensor) -> bool:
    """Whether llama-quantize may change it."""
    if len(t.shape) != 2 or 1 in t.shape or t.role not in ("linear", "head", "embedding"):
        return False
    return "token_type" not in t.name and (t.name.endswith(".weight") or t.copies > 1)


def _numbers(spec: ModelSpec) -> Numbers:
    """The mixtures count values and ways down as they meet them: by layer, then by name."""
    met: dict[str, list[tuple[int, str]]] = {kind: [] for kind in COUNTED}
    for block in spec.blocks:
        for t in block.tensors if _is_text(block) else ():
            kind = kind_of(block, t)
            if kind in COUNTED and _quantised(t):
                met[kind] += [(layer, block.prefix + t.name) for layer in block.layers]
    return {kind: {place: i for i, place in enumerate(sorted(places))} for kind, places in met.items()}


def _uncounted(precision: str, model: Model, block: Block, t: Tensor) -> str | None:
    """The type of a tensor that has the same in every layer, None for others."""
    if t.dtype is not None and ("int" in t.dtype or t.dtype == "bool"):
        return t.dtype
    if not _quantised(t):
        return "fp32"
    if not _is_text(block):
        return PLAIN.get(precision, "fp16")
    if precision in PLAIN:
        return PLAIN[precision]
    kind = kind_of(block, t)
    if kind in COUNTED and mixes(precision, kind):
        return None
    return tensor_type(precision, Matrix(kind, sides(t)[1], stacked=t.copies > 1), model)


def _counted(precision: str, model: Model, numbers: Numbers, block: Block, t: Tensor) -> Callable[[int], str]:
    """The type of a tensor by its layer; asked once for all layers that no mixture tells apart."""
    kind = kind_of(block, t)
    found, name, inputs = numbers[kind], block.prefix + t.name, sides(t)[1]
    of_values = kind == "value"
    count = len(found) if of_values else model.layers
    by_layer = model.experts > 1 and not of_values
    known: dict[tuple[object, ...], str] = {}

    def of(layer: int) -> str:
        order = found[layer, name]
        index = layer if by_layer else order
        place = (min(index, 4), index < count // 16, index < count // 8, order < count // 8, index < 7 * count // 8)
        key = (*place, (index - count // 8) % 3)
        if key not in known:
            matrix = Matrix(kind, inputs, index, count, order, t.copies > 1)
            known[key] = tensor_type(precision, matrix, model)
        return known[key]

    return of
