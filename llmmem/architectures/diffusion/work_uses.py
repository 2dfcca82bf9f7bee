"""How the pipelines of diffusers 0.42 call their transformers: one literal line each (pipelines/, the defaults of
``__call__``).
"""

from __future__ import annotations

from typing import NamedTuple

JOINT, CROSS = "joint", "cross"
JOINED, APART, DISTILLED = "joined", "apart", "distilled"


class Use(NamedTuple):
    """How a pipeline calls its transformer, by default."""

    #: tokens of the prompt
    prompt: int
    attention: str
    guidance: str
    #: height, width, frames in pixels; 0: the config's sample_size
    size: tuple[int, int, int] = (0, 0, 1)
    #: widths alive while rotary embeddings turn queries and keys, mostly in fp32; 0: none do
    rotary: float = 13.2
    #: the first half of the layers hand their output to the second half
    skips: bool = False
    #: a side of the patch where the pipeline packs latents itself, or has no other; 0: the config's
    patch: int = 0
    #: pixels and frames of a latent where no autoencoder says so
    scale: int = 8
    time: int = 1


USES = {
    "FluxTransformer2DModel": Use(512, JOINT, DISTILLED, (1024, 1024, 1), patch=2),
    "Flux2Transformer2DModel": Use(512, JOINT, DISTILLED, (1024, 1024, 1), patch=2),
    "ChromaTransformer2DModel": Use(512, JOINT, APART, (1024, 1024, 1), patch=2),
    "BriaTransformer2DModel": Use(128, JOINT, JOINED, (1024, 1024, 1), patch=2),
    "QwenImageTransformer2DModel": Use(512, JOINT, APART, (1024, 1024, 1), patch=2),
    "LongCatImageTransformer2DModel": Use(512, JOINT, APART, (1024, 1024, 1), patch=2),
    "OvisImageTransformer2DModel": Use(256, JOINT, APART, (1024, 1024, 1), patch=2),
    "SD3Transformer2DModel": Use(333, JOINT, JOINED, rotary=0),
    "AuraFlowTransformer2DModel": Use(256, JOINT, JOINED, (1024, 1024, 1), rotary=0),
    "PixArtTransformer2DModel": Use(300, CROSS, JOINED, rotary=0),
    "DiTTransformer2DModel": Use(0, "self", JOINED, rotary=0),
    "SanaTransformer2DModel": Use(300, CROSS, JOINED, rotary=0, scale=32, patch=1),
    "HunyuanDiT2DModel": Use(333, CROSS, JOINED, (1024, 1024, 1), rotary=0, skips=True),
    "Lumina2Transformer2DModel": Use(256, JOINT, APART, (1024, 1024, 1)),
    "CogView3PlusTransformer2DModel": Use(224, JOINT, JOINED, (1024, 1024, 1), rotary=0),
    "CogView4Transformer2DModel": Use(1024, JOINT, APART, (1024, 1024, 1)),
    "HiDreamImageTransformer2DModel": Use(256, JOINT, JOINED, (1024, 1024, 1), rotary=20),
    "ZImageTransformer2DModel": Use(512, JOINT, JOINED, (1024, 1024, 1)),
    "WanTransformer3DModel": Use(512, CROSS, APART, (480, 832, 81), time=4, rotary=11.2),
    "SkyReelsV2Transformer3DModel": Use(512, CROSS, APART, (544, 960, 97), time=4, rotary=11.2),
    "CogVideoXTransformer3DModel": Use(226, JOINT, JOINED, (480, 720, 49), time=4),
    "HunyuanVideoTransformer3DModel": Use(256, JOINT, DISTILLED, (720, 1280, 129), time=4),
    "LTXVideoTransformer3DModel": Use(128, CROSS, JOINED, (512, 704, 161), scale=32, time=8, rotary=16.1, patch=1),
    "MochiTransformer3DModel": Use(256, JOINT, JOINED, (480, 848, 19), rotary=18.2, time=6),
    "LatteTransformer3DModel": Use(120, CROSS, JOINED, (512, 512, 16), rotary=0),
}
