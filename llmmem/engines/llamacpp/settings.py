"""What llama.cpp makes of its options: slots, cells, batches.

Sources: src/llama-context.cpp (the constructor: padding of n_ctx, n_batch, n_ubatch, n_outputs_max), common/common.h
and tools/server/server.cpp (defaults), src/llama-kv-cache-iswa.cpp (cells of sliding windows).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.deployment import Deployment

#: slots of llama-server when nobody says; they share one cache
SLOTS = 4
#: LLAMA_MAX_SEQ
MOST_SLOTS = 256
#: cells are counted in these
PADDING = 256


class Settings(NamedTuple):
    """One way of starting llama.cpp."""

    #: cells of all slots together, and of one stream of them
    cells: int
    stream: int
    streams: int
    slots: int
    ubatch: int
    #: tokens of the largest batch, and how many of them get logits
    tokens: int
    outputs: int
    flash: bool
    swa_full: bool

    def window(self, size: int) -> int:
        """Cells of one stream in layers with a window of ``size`` tokens."""
        if self.swa_full:
            return self.stream
        windows = size * (self.slots if self.streams == 1 else 1)
        return padded(min(self.stream, windows + self.ubatch))


def padded(count: int, to: int = PADDING) -> int:
    """Rounded up to whole steps."""
    return -(-count // to) * to


def settings(d: Deployment, batch: int, context: int) -> Settings:
    """The options for ``batch`` requests of ``context`` tokens.

    n_ctx is as large as all requests together. Without n_parallel there are llama-server's four slots, more if the
    batch is larger, which share one cache; with it, each slot has a stream of its own unless kv_unified says otherwise.
    """
    given = d.knob("n_parallel")
    slots = max(SLOTS, batch) if given is None else int(given)
    shared = d.knob("kv_unified")
    unified = (given is None) if shared is None else bool(shared)
    asked = batch * context
    stream = padded(asked) if unified else padded(max(padded(asked) // slots, 1))
    cells = stream if unified else stream * slots
    n_batch = min(asked, int(d.knob("n_batch") or 2048))
    ubatch = min(n_batch, int(d.knob("n_ubatch") or n_batch))
    most = d.knob("n_outputs_max")
    tokens = min(cells, ubatch)
    outputs = min(tokens, (slots if most is None else int(most)) or n_batch)
    return Settings(
        cells=cells,
        stream=stream,
        streams=1 if unified else slots,
        slots=slots,
        ubatch=ubatch,
        tokens=padded(tokens, slots),
        outputs=outputs,
        flash=d.knob("flash_attn") != "off",
        swa_full=bool(d.knob("swa_full")),
    )
