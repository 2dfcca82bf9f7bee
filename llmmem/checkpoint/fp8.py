"""Checkpoints in 8-bit floats, and gpt-oss's MXFP4 experts.

Sources: transformers 5.23 (FineGrainedFP8Config and integrations/finegrained_fp8.py, FbgemmFp8Config and
integrations/fbgemm_fp8.py, Mxfp4Config), vLLM 0.33 (quantization/fp8.py: without weight_block_size one scale per
matrix, as AutoFP8 writes). The head and routers stay as they are in all of them; other layers unless they are listed.
"""

from __future__ import annotations

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.floats import MX_GROUP, fp8_blocks, fp8_rows, fp8_tensor, mxfp4_blocks
from llmmem.checkpoint.matrices import Scheme, is_matrix
from llmmem.checkpoint.names import Names
from llmmem.checkpoint.reading import known, words
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import Block, ModelSpec, Tensor


def _skipped(c: Config) -> Names:
    # MiniMax and vLLM spell the list ignored_layers.
    listed = words(c, "modules_to_not_convert", "ignored_layers")
    return Names(listed or (), "module", f"{c.path}.modules_to_not_convert")


def _block(c: Config) -> tuple[int, int] | None:
    size = c.ints("weight_block_size", least=1)
    if size is None:
        return None
    if len(size) != 2:
        raise ConfigError(
            f"{c.path}.weight_block_size should have two entries: outputs and inputs.",
            "Check the quantization_config.",
        )
    return size[0], size[1]


def read_fp8(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """One scale per block or, without weight_block_size, per matrix; with static activations a scale for those."""
    static = known(c, "activation_scheme", ("dynamic", "static"), "dynamic") == "static"
    known(c, "fmt", ("", "e4m3", "e5m2", "float8_e4m3fn", "float8_e5m2"))
    known(c, "scale_fmt", ("", "float", "ue8m0"))
    four = known(c, "expert_dtype", ("fp8", "fp4"), "fp8") == "fp4"
    block, skipped = _block(c), _skipped(c)
    tables = tuple(words(c, "modules_to_convert") or ())
    experts: Scheme | None = None
    if block:
        # DeepSeek-V4, whose experts have 4 bits, stores its powers of two in a byte; V3.1 and V3.2 keep them in fp32.
        # A block of one output and 32 inputs is that of MXFP8, whose scales are bytes (OCP MX 1.0).
        scale = "uint8" if four or block == (1, MX_GROUP) else "fp32"
        scheme = fp8_blocks(*block, dtype=scale, activation="activation_scale" if static else "")
        what = f"one {scale} scale per {block[0]} x {block[1]} block"
        if four:
            experts = fp8_blocks(1, MX_GROUP, dtype=scale, bits=4)
            what += f", experts in 4 bits with one per {MX_GROUP} inputs"
    elif c.has("weight_block_size"):  # null, as transformers writes it
        scheme = fp8_tensor("weight_scale_inv", activation="activation_scale" if static else "")
        what = "one fp32 scale per matrix"
    else:  # AutoFP8
        scheme, what = fp8_tensor(activation="input_scale" if static else ""), "one fp32 scale per matrix"
    table = fp8_tensor(shape=(1,))

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        if name in skipped:
            return None
        if t.role == "embedding":
            return table if tables and name.endswith(tables) else None
        if not is_matrix(t):
            return None
        return experts if experts and t.copies > 1 else scheme

    why = f"quantization_config: fp8 matrices with {what}; the rest stays {compute}"
    return Plan("fp4" if four else "fp8", why, pick, (skipped,))


def read_fbgemm(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """One fp32 scale per output; the upper bound of the inputs' scales is not stored."""
    skipped, scheme = _skipped(c), fp8_rows()

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        return scheme if is_matrix(t) and name not in skipped else None

    why = f"quantization_config: fp8 matrices with one fp32 scale per output row; the rest stays {compute}"
    return Plan("fp8", why, pick, (skipped,))


def read_mxfp4(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """gpt-oss: the experts, whatever is listed besides."""
    skipped = _skipped(c)

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        return mxfp4_blocks if t.copies > 1 and is_matrix(t) and name not in skipped else None

    why = f"quantization_config: mxfp4 experts (4-bit values, one scale byte per {MX_GROUP}); the rest stays {compute}"
    return Plan("mxfp4", why, pick, (skipped,))
