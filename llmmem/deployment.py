"""What the user asks for: how the model is stored, run and split. Validated here, so that later rooms can trust it."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Mapping
from typing import NamedTuple

from llmmem import knobs as options
from llmmem.dtypes import KV_PRECISIONS, PRECISIONS, precision
from llmmem.errors import UsageError
from llmmem.gpus import Gpu

#: tokens when nobody says how many
DEFAULT_CONTEXT = 2048
#: upper ends of what is taken for serious
MOST_BATCH = 1_000_000
MOST_CONTEXT = 1 << 30
MOST_RANKS = 65_536
MOST_IMAGES = 10_000
MOST_FRAMES = 100_000
MOST_SECONDS = 1_000_000
MOST_PIXELS = 65_536


class Deployment(NamedTuple):
    """One way of running a model. Sizes are counts; ``context`` is the tokens of one request, prompt and answer."""

    engine: str = "transformers"
    precision: str = "auto"
    kv_precision: str = "auto"
    batch: int = 1
    context: int = DEFAULT_CONTEXT
    #: tokens the encoder reads (None: the model's own frames, or as many as the decoder writes)
    encoder_length: int | None = None
    #: tensor, pipeline, expert and data parallel ranks
    tp: int = 1
    pp: int = 1
    ep: int = 1
    dp: int = 1
    #: the accelerator it runs on, for engines whose defaults depend on it; None: not said
    gpu: Gpu | None = None
    #: pictures of a request, and frames of its film
    images: int = 0
    video_frames: int = 0
    #: (height, width) of either in pixels; None: the size the model was made for, or the largest it takes
    image_size: tuple[int, int] | None = None
    #: seconds of sound of a request
    audio: float = 0
    #: a factor on everything else (1.2 = 20 % on top); None: the engine's own model
    overhead: float | None = None
    #: the engine's own options that were given, by the engine's names
    knobs: tuple[tuple[str, str | int | float | bool], ...] = ()

    def knob(self, name: str) -> str | int | float | bool | None:
        """An option of the engine: as given, else its default; None: the engine works it out."""
        return dict(self.knobs).get(name, options.KNOBS[self.engine][name].default)


def whole(value: object, option: str, least: int, most: int) -> int:
    """A whole number in range.

    Raises:
        UsageError: anything else.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        shown = str(value)[:40]
        raise UsageError(f"{option} {shown} is out of range.", f"Give a whole number from {least:,} to {most:,}.")
    return value


def deploy(
    *,
    engine: str = options.AUTO,
    precision_name: str = "auto",
    kv_precision: str = "auto",
    batch: int = 1,
    context: int = DEFAULT_CONTEXT,
    encoder_length: int | None = None,
    tp: int = 1,
    pp: int = 1,
    ep: int = 1,
    dp: int = 1,
    gpu: Gpu | None = None,
    images: int = 0,
    video_frames: int = 0,
    image_size: tuple[int, int] | None = None,
    audio: float = 0,
    overhead: float | None = None,
    knobs: Mapping[str, object] | None = None,
) -> Deployment:
    """Check every value and make a Deployment of them.

    Raises:
        UsageError: an unknown precision, engine or option of an engine; a number out of range.
    """
    if image_size is not None:
        if not images and not video_frames:
            raise UsageError("--image-size is given, but no images.", "Add --images N or --video-frames N.")
        if not isinstance(image_size, tuple | list) or len(image_size) != 2:
            raise UsageError(f"--image-size {str(image_size)[:40]} is no height and width.", "Such as (768, 1024).")
        image_size = (
            whole(image_size[0], "--image-size", 1, MOST_PIXELS),
            whole(image_size[1], "--image-size", 1, MOST_PIXELS),
        )
    if isinstance(audio, bool) or not isinstance(audio, int | float) or not 0 <= audio <= MOST_SECONDS:
        raise UsageError(
            f"--audio {str(audio)[:40]} is out of range.", f"Give seconds from 0 to {MOST_SECONDS:,}, such as 12.5."
        )
    if audio and encoder_length is not None:
        raise UsageError("--audio is given beside --encoder-length.", "The sound decides it; give one.")
    number = isinstance(overhead, int | float) and not isinstance(overhead, bool)
    if overhead is not None and not (number and 1 <= overhead <= 10):
        raise UsageError(f"--overhead {overhead} is out of range.", "It is a factor from 1 to 10; 1.2 adds 20 %.")
    return Deployment(
        engine=engine,
        precision=precision(precision_name, PRECISIONS, "--precision"),
        kv_precision=precision(kv_precision, (*KV_PRECISIONS, *options.kv_precisions(engine)), "--kv-precision"),
        batch=whole(batch, "--batch", 1, MOST_BATCH),
        context=whole(context, "--context", 1, MOST_CONTEXT),
        encoder_length=None if encoder_length is None else whole(encoder_length, "--encoder-length", 1, MOST_CONTEXT),
        tp=whole(tp, "--tp", 1, MOST_RANKS),
        pp=whole(pp, "--pp", 1, MOST_RANKS),
        ep=whole(ep, "--ep", 1, MOST_RANKS),
        dp=whole(dp, "--dp", 1, MOST_RANKS),
        gpu=gpu,
        images=whole(images, "--images", 0, MOST_IMAGES),
        video_frames=whole(video_frames, "--video-frames", 0, MOST_FRAMES),
        image_size=image_size,
        audio=float(audio),
        overhead=overhead,
        knobs=options.check(engine, knobs or {}),
    )
