"""Where the metadata of a GGUF file and its tensors disagree: llama.cpp would refuse it, so a reader has to know."""

from __future__ import annotations

from llmmem.architectures.gguf.layers import Layers
from llmmem.architectures.gguf.metadata import Metadata
from llmmem.tensors import FileTensor


def differences(m: Metadata, layers: Layers, own: dict[tuple[str, int], list[FileTensor]]) -> tuple[str, ...]:
    """One sentence for each kind of difference.

    Args:
        own: the tensors of each (prefix, layer).
    """
    out = []
    held = {index for prefix, index in own if prefix in ("", "dec.", "enc.")}
    # A converter may leave the layers for deep prediction out.
    if not set(range(m.layers)) <= held <= set(range(m.blocks)):
        out.append(f"the file's metadata count {m.blocks:,} layers, but its tensors make {len(held):,}")
    table = m.shapes.get("token_embd.weight", ())
    if len(table) == 2 and table[1] != layers.hidden:
        out.append(f"the file's metadata state a width of {layers.hidden:,}, but its embeddings have {table[1]:,}")
    stated = m.number("vocab_size", 0)
    if len(table) == 2 and stated and table[0] != stated:
        out.append(f"the file's metadata state {stated:,} tokens, but its embeddings have {table[0]:,}")
    keys = [i for (prefix, i), tensors in own.items() if prefix == "" and i < m.layers and _wrong(layers, i, tensors)]
    if keys:
        out.append(f"in {len(keys):,} layers the keys have other widths than the file's metadata state")
    return tuple(out)


def _wrong(layers: Layers, index: int, tensors: list[FileTensor]) -> bool:
    """Whether a layer's key projection makes other keys than the cache is sized for."""
    rows = next((t.shape[0] for t in tensors if t.name == "attn_k.weight" and len(t.shape) == 2), None)
    heads = layers.kv_heads[index]
    return rows is not None and heads > 0 and rows != heads * layers.widths(index)[0]
