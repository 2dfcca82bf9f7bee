"""What a request carries beside text, and what becomes of it."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.media.images import Seen, film, images_of, picture
from llmmem.media.sound import heard
from llmmem.tensors import ModelSpec

#: where the bounds of sides and tiles stand that config.json does not state
STATED = "bounds that config.json does not state are those of the model's published processor"


class Medium(NamedTuple):
    """Pictures, films or sounds of one request."""

    #: pictures, film or sound: a line's label
    label: str
    #: the tower that reads them
    component: str
    number: int
    seen: Seen
    #: sides or length as asked, for people
    size: str

    @property
    def tokens(self) -> int:
        """Tokens of all of them."""
        return self.number * self.seen.tokens

    @property
    def patches(self) -> int:
        """Patches of all of them."""
        return self.number * self.seen.views * self.seen.patches

    def said(self) -> str:
        """How many tokens they become, for people."""
        seen = self.seen
        views = f"{seen.views:,} views of " if seen.views > 1 else ""
        layout = f" ({seen.layout})" if seen.layout else ""
        units = "patches" if self.component == "vision" else "frames"
        read = f"{views}{seen.patches:,} {units}, {seen.tokens:,} tokens each{layout}"
        return f"{self.number:,} {self.label}{self.size}: {read}"


def asked_for(d: Deployment) -> str:
    """The option that asks for media; "" where none does."""
    options = {"--images": d.images, "--video-frames": d.video_frames, "--audio": d.audio}
    return next((option for option, value in options.items() if value), "")


def media_of(spec: ModelSpec, d: Deployment) -> tuple[Medium, ...]:
    """The media of one request.

    Raises:
        LayoutError: the model takes no such media, or none of this size.
        UnsupportedArchitectureError: how many tokens they become is not known.
    """
    size = "" if d.image_size is None else f" of {d.image_size[1]:,} x {d.image_size[0]:,} pixels"
    media = []
    if d.images:
        seen = picture(images_of(spec, "--images"), d.image_size)
        media.append(Medium("pictures", "vision", d.images, seen, size or " of the size the model was made for"))
    if d.video_frames:
        seen = film(spec, d.video_frames, d.image_size)
        media.append(Medium("film", "vision", 1, seen, f" of {d.video_frames:,} frames{size}"))
    if d.audio:
        # The tower of a model that writes down what it hears may be its encoder.
        parts = {b.component for b in spec.blocks}
        component = "encoder" if "encoder" in parts and "audio" not in parts else "audio"
        media.append(Medium("sound", component, 1, heard(spec, d.audio), f" of {d.audio:,g} seconds"))
    return tuple(media)
