"""What a sound becomes: frames for the tower, tokens for the language model."""

from __future__ import annotations

from llmmem.errors import LayoutError, UnsupportedArchitectureError
from llmmem.media.images import Seen
from llmmem.tensors import ModelSpec, Sound


def heard(spec: ModelSpec, seconds: float) -> Seen:
    """One sound.

    Raises:
        LayoutError: the model takes no sound, or none so long or so short.
        UnsupportedArchitectureError: it takes sound, but how many tokens it becomes is not known.
    """
    rule = spec.sound
    if rule is None and any(block.component == "audio" for block in spec.blocks):
        raise UnsupportedArchitectureError(
            f"--audio: how many tokens sound becomes in a {spec.model_type} is not known to llmmem yet.",
            "Leave --audio out and add the tokens of the sound to --context.",
        )
    if rule is None:
        raise LayoutError(f"--audio: {spec.model_type} takes no sound.", "Leave --audio out.")
    if rule.most and seconds > rule.most:
        raise LayoutError(
            f"--audio {seconds:g}: the model's processor cuts sound off after {rule.most:,} seconds.",
            f"Give at most {rule.most}.",
        )
    samples = round(seconds * rule.rate)
    frames = read = _frames(rule, samples)
    views, each = 1, frames
    if rule.window:
        length = rule.window * rule.rate
        views = 1 if rule.turns else -(-samples // length)
        each = _frames(rule, length)
        if rule.filled:
            read = views * each
    if frames < 1:
        raise LayoutError(f"--audio {seconds:g}: too short for this model to hear.", "Give a longer sound.")
    groups = read // rule.group if rule.whole else -(-read // rule.group)
    tokens = rule.tokens if rule.tokens is not None else groups * rule.made + rule.around
    return Seen(views, each, tokens)


def _frames(rule: Sound, samples: int) -> int:
    """Vectors that the tower makes of so many samples."""
    frames = (samples + rule.padding) // rule.hop
    if not rule.chunk:
        return _convolved(rule, frames)
    return frames // rule.chunk * _convolved(rule, rule.chunk) + _convolved(rule, frames % rule.chunk)


def _convolved(rule: Sound, frames: int) -> int:
    for kernel, step, padding in rule.convs:
        frames = max((frames + 2 * padding - kernel) // step + 1, 0)
    return frames
