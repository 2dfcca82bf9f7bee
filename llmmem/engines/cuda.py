"""What CUDA and NCCL take on a GPU before a model is loaded, whichever engine calls them."""

from __future__ import annotations

from llmmem.engines import Band

MIB = 1 << 20
#: CUDA's context alone
CONTEXT = Band(274 * MIB, 522 * MIB, 636 * MIB)
#: communicators before the weights are loaded, beyond the context
NCCL = Band(300 * MIB, 1014 * MIB, 1100 * MIB)
CONTEXT_WHY = "PyTorch's CUDA context: 274 to 636 MiB, 522 MiB on an H100"
NCCL_WHY = "communicators before loading: 1.5 GiB with the context at tp 2 on H100s"
