"""Which ggml type llama-quantize gives a tensor: the mixtures behind names such as Q4_K_M.

Source: llama.cpp (src/llama-quant.cpp of 2026, llama_tensor_get_type_impl). A recipe is a type for most matrices and
better ones for those that lose most: values, the way down, the output. "No importance matrix" is assumed except for
the recipes that cannot be made without one (all of 1 and 2 bits, IQ3_XXS, IQ3_XS).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable
from typing import NamedTuple

from llmmem.dtypes import BLOCKS


class Model(NamedTuple):
    """What the mixtures look at besides the tensor."""

    #: query heads that share a key and value head
    gqa: int
    experts: int
    #: layers of the stack
    layers: int
    falcon: bool = False
    #: llama.cpp takes it for a 70B model: 80 layers, fewer key/value heads than heads
    seventy: bool = False
    #: no matrix of its own for the output
    tied: bool = False


class Matrix(NamedTuple):
    """What the mixtures look at in a tensor."""

    #: value, key, query, out, down, gate, up, embedding, output or "" for others
    kind: str
    #: length of a row
    inputs: int
    #: its number among those of its kind, or its layer in a mixture of experts
    number: int = 0
    #: of how many
    total: int = 1
    #: its number among those of its kind in any case
    order: int = 0
    #: one matrix of many, of experts
    stacked: bool = False


Rule = Callable[[Matrix, Model], str | None]


class Recipe(NamedTuple):
    """The type of most matrices, and the rules for kinds that have another; None: as most."""

    default: str
    output: str = "q6_k"
    #: of embeddings that are not the output as well
    embedding: str | None = None
    value: Rule | None = None
    key: Rule | None = None
    query: Rule | None = None
    out: Rule | None = None
    down: Rule | None = None
    gate: Rule | None = None
    #: mixtures of 8 experts have few values and keys: these get 8 bits, or in the smallest recipes 4
    eight: tuple[str, str] = ("q8_0", "q8_0")
    #: the attention's output in mixtures of 8 experts
    eight_out: str | None = None
    #: an importance matrix is needed
    importance: bool = False


def _more_bits(t: Matrix) -> bool:
    """The first and last eighth of the layers and every third between them."""
    first = t.total // 8
    return t.number < first or t.number >= 7 * t.total // 8 or (t.number - first) % 3 == 2


def _always(kind: str) -> Rule:
    return lambda t, m: kind


def _more(kind: str) -> Rule:
    return lambda t, m: kind if _more_bits(t) else None


def _grouped(kind: str, otherwise: str | None = None) -> Rule:
    """Better where at least four heads share it, as it is small then."""
    return lambda t, m: kind if m.gqa >= 4 else otherwise


def _first(kind: str) -> Rule:
    """The first eighth of the layers."""
    return lambda t, m: kind if t.number < t.total // 8 else None


def _out(kind: str) -> Rule:
    return lambda t, m: None if m.falcon else kind


def _few_bits_value(otherwise: str) -> Rule:
    return lambda t, m: "q4_k" if m.gqa >= 4 or m.experts >= 4 else otherwise


def _inner(kind: str) -> Rule:
    """All but the first and last eighth."""
    return lambda t, m: kind if t.total // 8 <= t.number < 7 * t.total // 8 else None


def _q3_k_m_down(t: Matrix, m: Model) -> str | None:
    if t.number < t.total // 16:
        return "q5_k"
    return "q4_k" if not m.falcon or _more_bits(t) else None


def _q4_k_m_down(t: Matrix, m: Model) -> str | None:
    if not m.falcon:
        return "q6_k" if _more_bits(t) else None
    return "q6_k" if t.number < t.total // 16 else "q5_k" if _more_bits(t) else None


def _iq3_m_down(t: Matrix, m: Model) -> str | None:
    return "q4_k" if t.number < t.total // 8 or (m.experts == 8 and _more_bits(t)) else None


def _one_or_two_bits(default: str, low: str, out: str | None = None, embedding: str = "q2_k") -> Recipe:
    return Recipe(
        default,
        output="q5_k",
        embedding=embedding,
        value=_few_bits_value(low),
        out=_always(out) if out else None,
        down=lambda t, m: low if t.order < t.total // 8 else None,
        eight=("", "q4_k"),
        eight_out="q5_k",
        importance=True,
    )


def _iq4(default: str) -> Recipe:
    return Recipe(default, value=_grouped("q5_k"), down=_first("q5_k"), eight_out="q5_k")


RECIPES = {
    "q2_k": Recipe("q2_k", value=_grouped("q4_k", "q3_k"), out=_out("q3_k"), down=_always("q3_k"), eight_out="q5_k"),
    "q2_k_s": Recipe("q2_k", value=_grouped("q4_k"), down=_first("q4_k"), importance=True),
    "q3_k_s": Recipe("q3_k", eight_out="q5_k"),
    "q3_k_m": Recipe(
        "q3_k",
        value=lambda t, m: "q5_k" if t.number < 2 else "q4_k",
        out=_out("q4_k"),
        down=_q3_k_m_down,
        eight_out="q5_k",
    ),
    "q3_k_l": Recipe(
        "q3_k",
        value=_always("q5_k"),
        out=lambda t, m: "q4_k" if m.falcon else None if m.experts == 8 else "q5_k",
        down=lambda t, m: "q4_k" if m.falcon else "q5_k",
    ),
    "q4_0": Recipe("q4_0"),
    "q4_1": Recipe("q4_1"),
    "q4_k_s": Recipe(
        "q4_k",
        value=lambda t, m: "q5_k" if t.number < 4 else None,
        down=lambda t, m: "q5_k" if not m.falcon and t.number < t.total // 8 else None,
        eight_out="q5_k",
    ),
    "q4_k_m": Recipe("q4_k", value=_more("q6_k"), down=_q4_k_m_down, eight_out="q5_k"),
    "q5_0": Recipe("q5_0"),
    "q5_1": Recipe("q5_1"),
    "q5_k_s": Recipe("q5_k"),
    "q5_k_m": Recipe("q5_k", value=_more("q6_k"), down=_more("q6_k")),
    "q6_k": Recipe("q6_k"),
    "q8_0": Recipe("q8_0", output="q8_0"),
    "iq1_s": _one_or_two_bits("iq1_s", "q2_k", "iq2_xxs"),
    "iq1_m": _one_or_two_bits("iq1_m", "q2_k", "iq2_xxs"),
    "iq2_xxs": _one_or_two_bits("iq2_xxs", "q2_k"),
    "iq2_xs": _one_or_two_bits("iq2_xs", "q2_k"),
    "iq2_s": _one_or_two_bits("iq2_xs", "iq3_s", "iq3_s", "iq3_s"),
    "iq2_m": _one_or_two_bits("iq2_s", "iq3_s", "iq3_s", "iq3_s"),
    "iq3_xxs": Recipe(
        "iq3_xxs",
        output="q5_k",
        embedding="iq3_s",
        value=_grouped("q4_k"),
        key=_always("iq2_s"),
        query=_always("iq2_s"),
        out=_out("iq3_s"),
        eight_out="q5_k",
        importance=True,
    ),
    "iq3_xs": Recipe(
        "iq3_s",
        value=_grouped("q4_k"),
        key=_always("iq3_xxs"),
        query=_always("iq3_xxs"),
        gate=_inner("iq3_xxs"),
        eight_out="q5_k",
        importance=True,
    ),
    "iq3_s": Recipe("iq3_s", value=_grouped("q4_k"), eight_out="q5_k"),
    "iq3_m": Recipe("iq3_s", value=_always("q4_k"), out=_out("q4_k"), down=_iq3_m_down, eight_out="q5_k"),
    "iq4_nl": _iq4("iq4_nl"),
    "iq4_xs": _iq4("iq4_xs"),
    "tq1_0": Recipe("tq1_0", embedding="q4_k"),
    "tq2_0": Recipe("tq2_0", embedding="q4_k"),
    "mxfp4_moe": Recipe("mxfp4", output="q8_0"),
}

#: what stands in where a row is not whole blocks, by the type it was to have (tensor_type_fallback)
_FALLBACK = {
    "q2_k": "q4_0", "q3_k": "q4_0", "q4_k": "q5_0", "q5_k": "q5_1", "q6_k": "q8_0", "tq1_0": "q4_0", "tq2_0": "q4_0",
}  # fmt: skip


def tensor_type(name: str, t: Matrix, m: Model) -> str:
    """The type of one matrix in the recipe of that name; fp16 where its rows fit no block."""
    kind = _mixed(name, RECIPES[name], t, m)
    if t.inputs % BLOCKS[kind][0] == 0:
        return kind
    kind = _FALLBACK.get(kind, "iq4_nl")
    return kind if t.inputs % BLOCKS[kind][0] == 0 else "fp16"


def mixes(name: str, kind: str) -> bool:
    """Whether matrices of a kind may differ from layer to layer."""
    recipe = RECIPES[name]
    return {"value": recipe.value, "down": recipe.down}.get(kind, recipe.gate) is not None


def _mixed(name: str, recipe: Recipe, t: Matrix, m: Model) -> str:
    if t.kind == "output" or (m.tied and t.kind == "embedding"):
        whole = not m.falcon and t.inputs % BLOCKS[recipe.default][0] == 0
        return recipe.output if whole else "q8_0"
    if name == "mxfp4_moe":
        return "mxfp4" if t.stacked else "q8_0"
    if t.kind == "embedding":
        return recipe.embedding or recipe.default
    if m.experts == 8 and t.kind in ("value", "key") and recipe.eight[t.kind == "key"]:
        return recipe.eight[t.kind == "key"]
    if m.experts == 8 and t.kind == "out" and recipe.eight_out:
        return recipe.eight_out
    rules: dict[str, Rule | None] = {
        "value": recipe.value, "key": recipe.key, "query": recipe.query, "down": recipe.down, "gate": recipe.gate,
        "up": recipe.gate, "out": recipe.out,
    }  # fmt: skip
    rule = rules.get(t.kind)
    kind = (rule(t, m) if rule else None) or recipe.default
    if t.kind == "value" and m.seventy and kind in ("q3_k", "q4_k") and recipe.eight[0]:
        return "q5_k"
    return kind
