"""Layers that share a block table: how vLLM 0.33 sorts them, pads them and counts the bytes of a block.

Source: v1/core/kv_cache_planning.py (get_kv_cache_groups, unify_kv_cache_spec_page_size,
_get_kv_cache_groups_uniform_page_size, _project_kv_cache_groups_to_worker).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Sequence
from typing import NamedTuple

from llmmem.engines.vllm.specs import WHOLE, Load, Spec
from llmmem.errors import UnsupportedArchitectureError


class Layer(NamedTuple):
    """One layer's cache and the pipeline stage that holds it."""

    pp: int
    spec: Spec


class Group(NamedTuple):
    """Layers with one block table: a request holds the same block ids in all of them."""

    layers: tuple[Layer, ...]

    def blocks(self, load: Load) -> int:
        """Block ids one request holds in this group."""
        return max(layer.spec.blocks(load) for layer in self.layers)

    def block_bytes(self, pp: int) -> int:
        """Bytes of one block in the layers of a stage."""
        return sum(layer.spec.page for layer in self.layers if layer.pp == pp)

    @property
    def kind(self) -> str:
        """Kind of the layers, for people and report groups."""
        return self.layers[0].spec.kind


def grouped(layers: Sequence[Layer]) -> tuple[Group, ...]:
    """The groups of all layers of the model.

    Raises:
        UnsupportedArchitectureError: pages that cannot be brought to one size.
    """
    if not layers:
        return ()
    specs = {layer.spec for layer in layers}
    if len(specs) == 1 or _one_type(specs):
        return (Group(tuple(layers)),)
    if len({spec.page for spec in specs}) > 1:
        latent = {s.kind for s in specs} & {"latent", "index"}
        if latent and any(s.kind == "sliding" for s in specs) and not _divisible(specs):
            # Falls back to keeping every token in the layers with windows, too.
            kept = [layer._replace(spec=promoted(layer.spec)) for layer in layers]
            if _one_type({layer.spec for layer in kept}):
                return (Group(tuple(kept)),)
        layers = _one_page(layers)
    buckets: dict[Spec, list[Layer]] = {}
    for layer in layers:
        buckets.setdefault(layer.spec, []).append(layer)
    sizes = [len(bucket) for bucket in buckets.values()]
    # Near the same number of layers: the smaller bucket is padded; otherwise the larger is cut.
    size = max(sizes) if max(sizes) < 1.5 * min(sizes) else min(sizes)
    out = []
    for bucket in buckets.values():
        count = -(-len(bucket) // size)
        out += [Group(tuple(bucket[i::count])) for i in range(count)]
    return tuple(out)


def promoted(spec: Spec) -> Spec:
    """The layer as one that keeps every token."""
    return spec._replace(kind="full", window=None) if spec.window is not None else spec


def _one_type(specs: set[Spec]) -> bool:
    """Whether all need the same blocks at the same time, whatever the bytes of each."""
    if len({spec.block for spec in specs}) > 1:
        return False
    if all(spec.kind in WHOLE for spec in specs):
        return True
    kinds = {spec.kind for spec in specs}
    if kinds in ({"sliding"}, {"chunked"}, {"sliding_latent"}):
        return len({spec.window for spec in specs}) == 1
    return kinds == {"state"} and len({(spec.page, spec.states) for spec in specs}) == 1


def _divisible(specs: set[Spec]) -> bool:
    largest = max(spec.page for spec in specs)
    return all(largest % spec.page == 0 for spec in specs)


def _one_page(layers: Sequence[Layer]) -> list[Layer]:
    """All pages as large as the largest: by more tokens in a block where that divides, by padding elsewhere."""
    largest = max(layer.spec.page for layer in layers)
    out = []
    for layer in layers:
        spec = layer.spec
        if spec.kind != "state" and largest % spec.page == 0:
            spec = spec._replace(block=spec.block * (largest // spec.page))
        elif spec.kind in ("latent", "index", "sliding_latent"):
            raise UnsupportedArchitectureError(
                f"vLLM cannot bring this model's caches to pages of one size ({spec.page:,} and {largest:,} bytes).",
                "Try another --kv-precision.",
            )
        out.append(layer._replace(spec=spec._replace(page=largest)))
    return out
