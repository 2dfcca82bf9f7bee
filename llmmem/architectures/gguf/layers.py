"""What one layer of a GGUF file remembers and does: read off the tensors it has, with the widths its metadata give.

The sizes are those of llama.cpp (src/llama-hparams.cpp: n_embd_k_gqa, n_embd_v_gqa, n_embd_r, n_embd_s), in the words
of the parts, so that every engine reads them as it reads a config's.
"""

from __future__ import annotations

from llmmem.architectures.gguf.metadata import Metadata
from llmmem.architectures.gguf.recurrent import engram, recurrent
from llmmem.architectures.gguf.windows import reaches
from llmmem.parts.attention import attention_work, kv_cache, latent_attention
from llmmem.tensors import Cache, Part, Work, join

Own = dict[str, tuple[int, ...]]


class Layers:
    """The layers of one file: what is the same for all of them is read once."""

    def __init__(self, m: Metadata) -> None:
        self.m = m
        self.hidden = m.number("embedding_length")
        n = m.blocks
        self.heads = m.each("attention.head_count", n, 0)
        self.kv_heads = self.heads if m.get("attention.head_count_kv") is None else m.each("attention.head_count_kv", n)
        self.used = m.each("expert_used_count", n, 0)
        self.reaches = reaches(m)
        # llama.cpp divides by the first layer's heads.
        width = self.hidden // self.heads[0] if self.heads and self.heads[0] else 0
        self.key = m.number("attention.key_length", width)
        self.value = m.number("attention.value_length", width)
        self.window_key = m.number("attention.key_length_swa", self.key)
        self.window_value = m.number("attention.value_length_swa", self.value)
        # The last layers read the cache of an earlier one: llama.cpp fixes their first for Gemma 3n.
        shared = m.number("attention.shared_kv_layers", 0)
        # The layers run so often over every token, each time with a cache of its own (Nanbeige).
        self.loops = m.count("num_loops", 1, times=n) if m.architecture == "nanbeige" else 1
        self.cached = 20 if m.architecture == "gemma3n" else n - shared

    def part(self, index: int, own: Own) -> Part:
        """Caches and work of a layer of a decoder.

        Args:
            own: the layer's tensors by their names within it.
        """
        work = feed_forward(self.hidden, own, self.used[index])
        return join(self.mixer(index, own), Part((), (), work))

    def widths(self, index: int) -> tuple[int, int]:
        """Elements of one head's key and value."""
        return (self.key, self.value) if self.reaches[index][1] is None else (self.window_key, self.window_value)

    def mixer(self, index: int, own: Own) -> Part:
        """Attention, a state, or both."""
        out = join(recurrent(self.m, self.heads[0], own), engram(self.m, index))
        if "attn_kv_a_mqa.weight" in own:
            return join(out, self.latent(index, own))
        if "attn_q.weight" not in own and ("attn_qkv.weight" not in own or out.caches):
            return out
        if not any(self.heads):
            self.m.number("attention.head_count")
        kind, window = self.reaches[index]
        key, value = self.widths(index)
        heads, kv = self.heads[index], self.kv_heads[index]
        work = attention_work(heads, kv, key, value, window)
        kept = (kv_cache(kind, kv, key, value, window),) * self.loops if kv and index < self.cached else ()
        crossed = (kv_cache("cross", kv, key, value),) if "cross_attn_k.weight" in own else ()
        return join(out, Part((), (*kept, *crossed, *self.indexer(own)), (work,)))

    def indexer(self, own: Own) -> tuple[Cache, ...]:
        """The keys a layer of sparse attention picks its tokens by."""
        if not own.keys() & {"indexer.attn_k.weight", "indexer.k_proj.weight"}:
            return ()
        # The pooled key and its gate lie beside a key of GLM-5-Next; MiniMax-M3's cache has room for values too.
        pooled = self.m.architecture == "glm5-next" and self.m.number("attention.indexer.kpool", 0) > 0
        key = self.m.number("attention.indexer.key_length") * (3 if pooled else 1)
        return (Cache("index", 1, key, self.value if self.m.architecture == "minimax-m3" else 0),)

    def latent(self, index: int, own: Own) -> Part:
        """Multi-head latent attention; files older than the keys ``*_mla`` keep full keys and values instead."""
        m, heads, window = self.m, self.heads[index], self.reaches[index][1]
        near = "" if window is None else "_swa"
        rank, rope = m.number(f"attention.kv_lora_rank{near}"), m.number("rope.dimension_count", self.key)
        head = m.number(f"attention.key_length_mla{near}", 0)
        value = m.number(f"attention.value_length_mla{near}", 0) if head else self.value
        nope = max(0, (head or self.key) - rope)
        part = latent_attention("", self.hidden, heads, q_rank=None, kv_rank=rank, nope=nope, rope=rope, value=value)
        if not head:
            return Part((), (kv_cache("full", self.kv_heads[index], self.key, self.value),), part.work)
        cache = Cache("latent", 1, rank, self.widths(index)[0] - rank, window=window)
        return Part((), (cache, *self.indexer(own)), part.work)


def feed_forward(hidden: int, own: Own, used: int) -> tuple[Work, ...]:
    """Work of the feed-forward tensors, by their shapes: gated or not, one or many experts, a shared one beside."""
    out: list[Work] = []
    many = own.get("ffn_down_exps.weight")
    if many is not None and len(many) == 3:
        gated = "ffn_gate_exps.weight" in own or "ffn_gate_up_exps.weight" in own
        out.append(Work("moe", used * ((4 if gated else 2) * many[2] + hidden), top_k=used))
    elif "ffn_gate_inp.weight" in own and own.get("ffn_down.0.weight"):
        out.append(Work("moe", used * (4 * own["ffn_down.0.weight"][-1] + hidden), top_k=used))
    for ending in ("", "_shexp"):
        down, up = own.get(f"ffn_down{ending}.weight"), own.get(f"ffn_up{ending}.weight")
        if not down or not up:
            continue
        inner = down[-1]
        gates = f"ffn_gate{ending}.weight" in own
        out.append(Work("mlp", (3 if gates else 4 if up[0] > inner else 2) * inner))
    return tuple(out)
