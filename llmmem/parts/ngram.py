"""Tables of n-grams: a token and those before it are hashed, looked up, and added in the middle of a model."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, Tensors, buffer, conv, linear, norm
from llmmem.tensors import Cache, Part, Tensor, Work


def table_sizes(smallest: int, tables: int, layers: int) -> list[list[int]]:
    """Rows of every table of every layer: consecutive primes from ``smallest`` on, so that no two hashes agree."""
    sizes: list[list[int]] = []
    number = max(smallest, 2) - 1
    for _ in range(layers):
        rows: list[int] = []
        while len(rows) < tables:
            number += 1
            if _prime(number):
                rows.append(number)
        sizes.append(rows)
    return sizes


def _prime(n: int) -> bool:
    """Miller-Rabin with bases that leave no doubt below 3.4e14 (OEIS A014233)."""
    bases = (2, 3, 5, 7, 11, 13, 17)
    for p in bases:
        if n % p == 0:
            return n == p
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd //= 2
        twos += 1
    for base in bases:
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def ngram_injection(
    name: str,
    hidden: int,
    streams: int,
    width: int,
    head_dim: int,
    rows: int,
    tables: int,
    longest: int,
    kernel: int,
    *,
    shards: int,
) -> Part:
    """Looks up all tables, weighs what they say by the residual streams, and mixes it over a few tokens.

    Args:
        width: of all lookups together; ``head_dim`` of one.
        rows: of all tables together.
        longest: tokens of the longest n-gram, and the step between the tokens the convolution sees.
        shards: pieces the checkpoint stores the tables in.
    """
    wide = streams * hidden
    tensors = (
        *_sharded(f"{name}.ple_embedding.ngram_embedding.shard_{{}}.weight", rows, head_dim, shards),
        *buffer(f"{name}.ple_embedding.layer_multipliers", longest, dtype="int64"),
        *buffer(f"{name}.ple_embedding.ngram_heads_vocab_sizes", tables, dtype="int64"),
        *buffer(f"{name}.ple_embedding.ngram_heads_offsets", tables, dtype="int64"),
        *linear(f"{name}.key_proj", width, wide, cut=COLUMN),
        *linear(f"{name}.value_proj", width, hidden, cut=COLUMN),
        *norm(f"{name}.norm_key", wide),
        *norm(f"{name}.norm_query", wide),
        *norm(f"{name}.norm_conv", wide),
        *conv(f"{name}.conv1d", wide, 1, kernel),
    )
    # The convolution's inputs, and the tokens an n-gram may still need.
    caches = (
        Cache("conv", size=wide * (kernel - 1) * longest),
        Cache("conv", size=longest - 1, dtype="int64"),
    )
    return Part(tensors, caches, (Work("conv", 6 * wide + width),))


def _sharded(name: str, rows: int, size: int, shards: int) -> Tensors:
    """One table in pieces of equal length, the last one shorter (torch.chunk)."""
    each = -(-rows // shards)
    whole, rest = divmod(rows, each)
    pieces = (Tensor(name, (each, size), "embedding", 1, copies=whole),)
    return (*pieces, Tensor(name.format(whole), (rest, size), "embedding", 1)) if rest else pieces
