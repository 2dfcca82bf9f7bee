"""From a reference to the model behind it: its config read by its architecture, and its files' headers where they were
read."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

import os
from typing import Any

from llmmem.architectures import build
from llmmem.config import Config
from llmmem.errors import ModelNotFoundError, UnsupportedArchitectureError, UsageError
from llmmem.sources import Source, load, with_header
from llmmem.tensors import ModelSpec

Ref = str | dict[str, Any] | os.PathLike[str]


def read(
    ref: Ref,
    *,
    revision: str | None = None,
    token: str | None = None,
    offline: bool = False,
    taken_as: str | None = None,
    headers: bool = False,
) -> tuple[ModelSpec, Source]:
    """The model behind a reference, and where it was found.

    Args:
        ref: an id ("org/name" or "org/name@revision"), a path, "-" for standard input, or a config as a dict.
        revision: branch, tag or commit on the Hub.
        token: a Hugging Face token; default: HF_TOKEN or the one logged in with.
        offline: never ask the Hub.
        taken_as: read the config as this model type, whatever it says.
        headers: read those of a remote model's files too; local ones and those of unknown architectures always are.

    Raises:
        LlmmemError: the model is not found, gated or unreachable, its config is broken, or its architecture unknown.
    """
    source = load(ref, revision=revision, token=token, offline=offline, headers=headers)
    if source.header is not None and source.header.form == "gguf":
        if taken_as is not None:
            raise UsageError("A GGUF file says itself what it is.", "Leave --as out.")
        from llmmem.architectures import gguf

        return gguf.build(source.header), source
    source = source.taken_as(taken_as)
    try:
        spec = build(Config(source.raw))
    except UnsupportedArchitectureError as error:
        try:
            source = with_header(source, token=token, offline=offline)
        except ModelNotFoundError:  # it has no files whose headers could be read
            raise error from None
        if source.header is None:
            raise
        from llmmem.checkpoint.header import alone

        return alone(source.header, Config(source.raw), str(error)), source
    if source.header is None and source.counted:
        from llmmem.checkpoint.counted import compared

        return compared(spec, source.counted), source
    if source.header is None:
        return spec, source
    from llmmem.checkpoint.header import beside

    return beside(spec, source.header), source
