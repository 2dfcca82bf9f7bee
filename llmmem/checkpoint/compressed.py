"""compressed-tensors: groups of layers, each with a format of its own.

Source: compressed-tensors 0.20 (utils/match.py for names). The output head is a linear layer like others: a list of
layers to ignore that leaves it out means that it is quantised. Where it is listed, under whatever name the model had
then, or where nothing is listed, it stays, as in llm-compressor's recipes.
"""

from __future__ import annotations

from collections.abc import Callable

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.compressed_groups import FORMATS, group_scheme
from llmmem.checkpoint.matrices import Scheme, Tensors, is_module, one, stem
from llmmem.checkpoint.names import Names
from llmmem.checkpoint.reading import known, unsupported, words
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import Block, ModelSpec, Tensor

#: roles -> the class a target names
_CLASSES = {"linear": "Linear", "head": "Linear", "embedding": "Embedding"}


def read_compressed(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """Every layer that a group targets and ``ignore`` does not list."""
    if c.get("quantization_config"):  # as transformers before 4.47 saved it
        c.get("sparsity_config")
        inner = {**c.sub("quantization_config").raw, "sparsity_config": c.raw.get("sparsity_config")}
        c = Config(inner, f"{c.path}.quantization_config", c.reads)
    listed = words(c, "ignore")
    ignored = listed or []
    head_stays = listed is None or any("lm_head" in entry for entry in ignored)
    ignore = Names(ignored, "exact", f"{c.path}.ignore")
    if c.sub("sparsity_config").str("format", default="dense") != "dense":
        raise unsupported("The checkpoint is sparse as well as quantised, which llmmem does not know.")
    if c.get("transform_config"):
        raise unsupported("The checkpoint stores transforms beside its weights, which llmmem does not know.")
    overall = known(c, "format", ("", "mixed-precision", *FORMATS))
    found = c.sub("config_groups").raw
    if not found:
        raise ConfigError(f"{c.path} has no config_groups.", "Check the quantization_config.")
    targets: list[tuple[Names, set[str], Scheme]] = []
    labels: list[str] = []
    said: list[str] = []
    for key, raw in found.items():
        own = Config(raw, f"{c.path}.config_groups.{key[:30]}", c.reads)
        wanted = words(own, "targets") or []
        scheme, label, what = group_scheme(own, overall, compute)
        # Class names have no dots and start with a capital.
        names = [n for n in wanted if not n[0].isupper()]
        targets.append((Names(names, "exact", own.path + ".targets"), {*wanted} - {*names}, scheme))
        labels.append(label)
        said.append(what)

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        kind = _CLASSES.get(t.role)
        if kind is None or len(t.shape) != 2 or not is_module(t) or kind in ignored or name in ignore:
            return None
        # A name says more than a class.
        for names, _, scheme in targets:
            if name in names:
                return scheme
        if t.role == "head" and head_stays:
            return None
        return next((scheme for _, classes, scheme in targets if kind in classes), None)

    why = f"quantization_config: compressed-tensors, {'; '.join(dict.fromkeys(said))}; the rest stays {compute}"
    lists = (ignore, *(names for names, _, _ in targets))
    label = labels[0] if len({*labels}) == 1 else "mixed"
    scheme = c.get("kv_cache_scheme")
    cached = isinstance(scheme, dict) and scheme.get("dynamic") is not True
    beside = cache_scales(lambda parent, side: f"{parent}.{side}_scale", compute, (1,)) if cached else None
    return Plan(label, why, pick, lists, unstack=("oi", "io"), beside=beside)


def cache_scales(
    naming: Callable[[str, str], str], dtype: str, shape: tuple[int, ...] = ()
) -> Callable[[Tensor], Tensors]:
    """Fixed scales of a quantised KV cache: one for keys and one for values of every attention layer.

    Args:
        naming: (attention module, "k" or "v") -> name.
    """

    def beside(t: Tensor) -> Tensors:
        parent, _, last = stem(t).rpartition(".")
        if t.role != "linear" or last not in ("k_proj", "v_proj") or not t.name.endswith(".weight"):
            return ()
        return (one(t, naming(parent, last[0]), dtype, shape),)

    return beside
