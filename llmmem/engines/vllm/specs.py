"""What vLLM 0.33 asks of the KV cache for each layer: tokens and bytes of a block, and blocks of a request.

Source: v1/kv_cache_interface.py (FullAttentionSpec, MLAAttentionSpec, SlidingWindowSpec,
ChunkedLocalAttentionSpec, CrossAttentionSpec, MambaSpec: page_size_bytes and max_memory_usage_bytes).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

#: kinds that keep every token
WHOLE = ("full", "latent", "index")


class Spec(NamedTuple):
    """One layer's blocks."""

    #: full, latent, index, sliding, chunked, sliding_latent, cross or state
    kind: str
    #: tokens of a block
    block: int
    #: bytes of a block in this layer, padding included
    page: int
    #: bytes of a token; of a whole state
    token: int
    window: int | None = None
    #: blocks a request holds, of a state
    states: int = 0

    def blocks(self, load: "Load") -> int:
        """Blocks of one request."""
        if self.kind == "state":
            return self.states
        if self.kind == "cross":
            return -(-load.encoder_tokens // self.block)
        if self.kind == "chunked":
            return -(-min((self.window or 0) + load.in_flight, load.context) // self.block)
        if self.window is not None:
            # The window need not start where a block does, hence one more.
            held = min(self.window - 1 + load.in_flight, load.context)
            return -(-held // self.block) + 1
        own = -(-load.context // load.shards)
        return -(-own // self.block)

    def floor(self, context: int, encoder: int) -> int:
        """Bytes the layer must remember of one request, whatever the engine reserves."""
        if self.kind == "state":
            return self.token
        tokens = encoder if self.kind == "cross" else context
        if self.window is not None:
            tokens = min(tokens, max(self.window - 1, 0))
        return tokens * self.token

    def grows(self, load: "Load") -> bool:
        """Whether one more token of context takes more blocks sooner or later."""
        if self.kind in ("state", "cross"):
            return False
        return self.window is None or self.window - 1 + load.in_flight > load.context


class Load(NamedTuple):
    """A request as the planner sees it."""

    #: --max-model-len
    context: int
    #: tokens of steps that are scheduled but not settled; blocks outside a window are freed only after them
    in_flight: int
    #: tokens of encoder output that room is kept for
    encoder_tokens: int
    #: ranks that share the tokens (decode context parallelism)
    shards: int = 1
