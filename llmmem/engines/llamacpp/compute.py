"""The compute buffer of a model: its blocks as layers, and the graph they make for a given start of llama.cpp."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Iterable, Sequence
from functools import cached_property

from llmmem.engines.llamacpp.bricks import Batch, Heads
from llmmem.engines.llamacpp.cells import WINDOWED
from llmmem.engines.llamacpp.graph import buffer_size
from llmmem.engines.llamacpp.layers import Layer
from llmmem.engines.llamacpp.model import Model, Room, build
from llmmem.engines.llamacpp.names import weights
from llmmem.engines.llamacpp.settings import Settings
from llmmem.tensors import Block, Cache, ModelSpec, Tensor, Work

#: architectures that hand the last layer's output, before or after the last norm, to a draft model: all rows of it are
#: kept, and those whose logits are asked for are picked afterwards
LATE = {
    "gpt_oss": "before norm", "qwen3_next": "after norm", "qwen3_5": "after norm", "qwen3_5_text": "after norm",
    "qwen3_5_moe": "after norm", "qwen3_5_moe_text": "after norm", "gemma4": "after norm", "gemma4_text": "after norm",
    "nemotron_h": "after norm", "cohere2_moe": "after norm", "bailing_moe_v3": "after norm", "step3p5": "after norm",
}  # fmt: skip
#: architectures whose layers are built as others say them, in every operation that matters to the size
EXACT = frozenset({"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma3", "gemma3_text"})
#: cache types whose keys and values are turned before they are stored
QUANTISED = ("q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "iq4_nl")


class Compute:
    """Sizes of the compute buffer; worked out once for every start that differs."""

    def __init__(self, spec: ModelSpec, blocks: Iterable[Block], types: tuple[str, str]) -> None:
        self.spec = spec
        self.types = types
        self.caches: list[Cache] = []
        self.layers = self._layers(list(blocks))
        self._known: dict[tuple[object, ...], int] = {}

    def _layers(self, blocks: list[Block]) -> list[Layer]:
        """The layers in order; of each kind only the first two and the last two, since more change no peak."""
        merged: dict[int, list[int]] = {}
        for number, block in enumerate(blocks):
            if "{}" in block.prefix:
                for index in block.layers:
                    merged.setdefault(index, []).append(number)
        kinds = [tuple(merged[index]) for index in sorted(merged)]
        places: dict[tuple[int, ...], list[int]] = {}
        for place, kind in enumerate(kinds):
            places.setdefault(kind, []).append(place)
        kept = sorted({p for all_of in places.values() for p in (*all_of[:2], *all_of[-2:])})
        made = {kind: self._layer([blocks[n] for n in kind]) for kind in places}
        return [made[kinds[p]] for p in kept]

    def _layer(self, blocks: list[Block]) -> Layer:
        own: dict[str, Tensor] = {}
        caches: list[Cache] = []
        works: list[Work] = []
        for block in blocks:
            own |= weights(block)
            caches += block.caches
            works += block.work
        self.caches += caches
        work = next((w for w in works if w.heads), None)
        cache = next((c for c in caches if c.key), None)
        heads = None
        if work and cache:
            latent = Heads(work.heads, 1, cache.key + cache.value, cache.key)
            heads = latent if cache.kind == "latent" else Heads(work.heads, cache.heads, cache.key, cache.value)
        taps = own["ssm_conv1d.weight"].shape[-1] if "ssm_conv1d.weight" in own else 0
        conv = sum(c.heads * (c.size - 1 if c.size == taps else c.size) for c in caches if c.kind == "conv")
        state = sum(c.fixed for c in caches if c.kind == "state")
        return Layer(own, heads, cache.kind if cache else "", conv, state, self.spec.model_type.startswith("llama4"))

    @cached_property
    def model(self) -> Model:
        """What the graph is made of."""
        return Model(self.spec.hidden_size, self.spec.vocab_size, self.layers, LATE.get(self.spec.model_type, ""))

    def bytes(self, s: Settings, alignment: int, on_gpu: bool) -> int:
        """Bytes of the buffer.

        Raises:
            KeyError: a layer is made of something else than the operations known here.
        """
        windows = sorted({c.window or 0 for c in self.caches if c.kind in WINDOWED})
        key = (
            s.stream,
            s.streams,
            s.slots,
            s.tokens,
            s.outputs,
            s.flash,
            tuple(map(s.window, windows)),
            alignment,
            on_gpu,
        )
        if key not in self._known:
            batch = Batch(s.tokens, s.slots, s.outputs, s.streams, s.flash, on_gpu)
            attention = [c for c in self.caches if c.key and c.kind != "index"]
            full = self._room(attention, s.stream) if attention else None
            window = self._room(attention, s.window(windows[-1])) if windows else None
            self._known[key] = buffer_size(build(self.model, batch, full, window), alignment)
        return self._known[key]

    def _room(self, caches: Sequence[Cache], cells: int) -> Room:
        latent = any(c.kind == "latent" for c in caches)
        keys, values = {c.key for c in caches}, {c.value for c in caches}
        side = 0
        if not latent and self.types[0] in QUANTISED and len(keys) == 1 and min(keys) % 64 == 0:
            side = 64
            while min(keys) % (2 * side) == 0:
                side *= 2
        turned = not latent and self.types[1] in QUANTISED and len(values) == 1 and min(values) % 64 == 0
        widest = max(c.heads * c.value for c in caches)
        return Room(cells, latent, widest, side, 64 if turned else 0, self.types)
