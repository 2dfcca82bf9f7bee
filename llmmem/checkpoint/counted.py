"""A known model against the elements of each dtype that a Hub counts in its files."""

from __future__ import annotations

from llmmem.dtypes import canonical
from llmmem.tensors import UNTIED, ModelSpec

#: a rounding of tied and left out tensors, and of buffers that old files hold
_NEAR = 0.02


def compared(spec: ModelSpec, counted: dict[str, int]) -> ModelSpec:
    """The spec with the files' dtype where its config states none, and a note where they do not agree."""
    own = max(counted, key=lambda name: counted[name])
    listed = ", ".join(f"{n:,} {name}" for name, n in counted.items())
    notes = []
    if spec.dtype is None and own in ("fp64", "fp32", "fp16", "bf16"):
        spec = spec._replace(dtype=own)
        notes.append(f"config.json states no dtype; taken from the files, where the Hub counts {listed} elements")
    expected = sum(b.elements() for b in spec.blocks if b.component != UNTIED)
    loaded = spec.checkpoint_elements
    total = sum(counted.values())
    if canonical(spec.dtype or own) != own or not (1 - _NEAR) * loaded <= total <= (1 + _NEAR) * expected:
        notes.append(
            f"the Hub counts {listed} elements in the files, and config.json makes {loaded:,} of {spec.dtype or own}:"
            " --headers counts what is there, tensor by tensor"
        )
    return spec._replace(notes=(*spec.notes, *notes))
