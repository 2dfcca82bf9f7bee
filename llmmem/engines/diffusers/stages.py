"""The stages of a generation: encode the prompt, denoise, decode; what each keeps alive in one component.

Sources: the pipelines of diffusers 0.42 (what is joined to one batch, what is cut to tiles), peaks traced on the meta
device, and published runs of FLUX.1-dev and SDXL for what convolutions and the allocator add to them.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from math import ceil
from typing import NamedTuple

from llmmem.engines import Band
from llmmem.engines.prefill import stages as prefill
from llmmem.tensors import Block, Diffusion, ModelSpec

#: patches and class token of the usual image encoder, which has no prompt
PATCHES = 257
#: a decoder's peak in percent of what is traced: cuDNN copies the maps into another layout for 16-bit convolutions,
#: and blocks freed in earlier stages stay with the allocator (FLUX.1-dev: 2.6 to 3.4 times the traced peak reserved;
#: SDXL in fp32 1.3 times allocated; CogVideoX-5b and ConsisID, where the frames come in turn, 1.0 to 1.4 times)
HALF_DECODE = (100, 250, 350)
FULL_DECODE = (100, 130, 200)
FILM_DECODE = (100, 115, 200)
#: a denoiser's: no convolutions that matter, or small ones
PLAIN = (95, 102, 125)
#: an encoder's, some of which write their scores out
ENCODE = (70, 110, 200)


class Canvas(NamedTuple):
    """What is generated: pictures of so many pixels and frames, as latents of so many pixels and frames."""

    height: int
    width: int
    frames: int
    scale: int
    time: int

    def tokens(self, patch: tuple[int, int, int]) -> int:
        """Positions of a denoiser's grid for one picture or film."""
        frames = (self.frames - 1) // self.time + 1
        sides = [
            ceil(ceil(side / self.scale) / p) for side, p in zip((self.height, self.width), patch[1:], strict=True)
        ]
        return ceil(frames / patch[0]) * sides[0] * sides[1]

    def __str__(self) -> str:
        return f"{self.width:,} x {self.height:,}" + (f" x {self.frames:,} frames" if self.frames > 1 else "")


class Stage(NamedTuple):
    """One component at work."""

    #: encode, denoise or decode
    name: str
    component: str
    #: how many in one pass: prompts, latents, pictures
    passes: int
    tokens: int
    #: of the prompt
    text: int
    activations: Band
    label: str


def spread(size: float, percent: tuple[int, int, int]) -> Band:
    """A band around a traced peak."""
    low, best, high = (int(size * p) // 100 for p in percent)
    return Band(low, best, high)


def encoding(spec: ModelSpec, blocks: tuple[Block, ...], work: Diffusion, prompt: int, batch: int, item: int) -> Stage:
    """A prompt (or picture) read by an encoder; what stands against classifier-free guidance is read after it."""
    tokens = prompt or PATCHES
    moments = prefill(spec._replace(hidden_size=work.hidden, images=None), blocks, 1, item, False)
    best = max(moments, key=lambda m: m.bytes(batch, tokens, 0))
    size = best.bytes(batch, tokens, 0)
    return Stage("encode", work.component, batch, tokens, prompt, spread(size, ENCODE), best.label)


def denoising(work: Diffusion, canvas: Canvas, prompt: int, passes: int, item: int) -> Stage:
    """One step of a denoiser, ``passes`` latents at once; latents and prompts of all are there as well."""
    tokens = canvas.tokens(work.patch)
    size = passes * (tokens * work.image + prompt * work.text) * item
    return Stage("denoise", work.component, passes, tokens, prompt, spread(size, PLAIN), work.label)


def decoding(work: Diffusion, canvas: Canvas, tiling: bool, batch: int, item: int) -> Stage:
    """Latents to pictures: all at once, some frames at a time, or tile by tile beside the picture."""
    frames = min(canvas.frames, work.at_once) if work.at_once else canvas.frames
    high, wide = canvas.height, canvas.width
    tiled = tiling and work.tile[0] and (high > work.tile[0] or wide > work.tile[1])
    if tiled:
        high, wide = min(high, work.tile[0]), min(wide, work.tile[1])
    grid = ceil(high / work.patch[1]) * ceil(wide / work.patch[2])
    pixels = frames * grid
    # The finished frames and, where they come piece by piece, the copy that joins them.
    finished = 3 * canvas.frames * canvas.height * canvas.width * (2 if tiled or frames < canvas.frames else 0)
    size = batch * (pixels * work.image + grid * work.held + finished) * item
    label = f"{work.label}, tile by tile" if tiled else work.label
    percent = FILM_DECODE if canvas.frames > 1 else HALF_DECODE if item < 4 else FULL_DECODE
    return Stage("decode", work.component, batch, pixels, 0, spread(size, percent), label)
