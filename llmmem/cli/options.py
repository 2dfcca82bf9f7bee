"""Options that several commands share: one spelling, one help text, one way of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from llmmem.deployment import Deployment
    from llmmem.gpus import Gpu
    from llmmem.tensors import ModelSpec

#: what a command returns: an Answer and the format it is wanted in (Typer evaluates the type, so it names no Answer)
Outcome = tuple[Any, str]

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="An id (org/name[@revision]), a config.json, a model folder, or - for a config on stdin."
    ),
]
Batch = Annotated[int, typer.Option("--batch", help="Requests at once.")]
ContextLength = Annotated[
    str | None,
    typer.Option(
        "--context",
        metavar="TOKENS",
        help="Tokens of one request, prompt and answer (4096, 32k). [default: 2048, or the model's limit if less]",
    ),
]
EncoderLength = Annotated[
    str | None,
    typer.Option("--encoder-length", metavar="TOKENS", help="Tokens the encoder reads. [default: the model's own]"),
]
Precision = Annotated[
    str,
    typer.Option(
        "--precision",
        help="Weights: auto (as the checkpoint stores them) fp32 fp16 bf16 fp8 int8 int4 nf4 fp4 gptq awq mxfp4 nvfp4.",
    ),
]
KvPrecision = Annotated[str, typer.Option("--kv-precision", help="KV cache: auto (as computed) fp32 fp16 bf16 fp8.")]
Tp = Annotated[int, typer.Option("--tp", help="Tensor parallel ranks; sizes are those of the fullest.")]
Engine = Annotated[str, typer.Option("--engine", help="What runs the model: transformers.")]
Images = Annotated[int, typer.Option("--images", help="Pictures per request, on top of the context.")]
ImageSize = Annotated[str | None, typer.Option("--image-size", metavar="WxH", help="Their size in pixels.")]
Overhead = Annotated[
    float | None,
    typer.Option("--overhead", metavar="FACTOR", help="Factor on everything (1.2 = +20 %). [default: the engine's]"),
]
GpuNames = Annotated[
    list[str] | None, typer.Option("--gpu", metavar="NAME", help="Only this GPU; may be given several times.")
]
Attn = Annotated[
    str | None, typer.Option("--attn-implementation", metavar="NAME", help="transformers: sdpa (default) or eager.")
]
Logits = Annotated[
    str | None,
    typer.Option("--logits", metavar="NAME", help="transformers: logits of the last (default) or all tokens."),
]
Explain = Annotated[bool, typer.Option("--explain", help="Show every component and layer kind with its tensors.")]
TakenAs = Annotated[
    str | None, typer.Option("--as", metavar="TYPE", help="Read the config as this model type, whatever it says.")
]
Revision = Annotated[str | None, typer.Option("--revision", help="Branch, tag or commit on the Hub.")]
Token = Annotated[str | None, typer.Option("--token", help="Hugging Face token. [default: HF_TOKEN or the stored one]")]
Offline = Annotated[bool, typer.Option("--offline", help="Never ask the Hub.")]
#: tokens when --context is not given
DEFAULT_CONTEXT = 2048

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Format = Annotated[str, typer.Option("--format", help="table json csv markdown.")]
Check = Annotated[bool, typer.Option("--check", help="Exit with 3 when it does not fit.")]


def form(name: str, as_json: bool) -> str:
    """The output format.

    Raises:
        UsageError: not one of those there are.
    """
    from llmmem.errors import UsageError
    from llmmem.render import FORMATS

    if name not in FORMATS:
        raise UsageError(f"--format {name[:40]!r} is unknown.", f"Known: {', '.join(FORMATS)}.")
    return "json" if as_json else name


def deployment(given: dict[str, Any]) -> Deployment:
    """A Deployment of what was typed.

    Args:
        given: a command's own arguments by name; what is not about the deployment is passed over.

    Raises:
        UsageError: a value that is unknown or out of range.
    """
    from llmmem.deployment import deploy
    from llmmem.units import parse_count

    context, encoder_length = given["context"], given["encoder_length"]
    knobs = {name: given[name] for name in ("attn_implementation", "logits") if given[name] is not None}
    return deploy(
        engine=given["engine"],
        precision_name=given["precision"],
        kv_precision=given["kv_precision"],
        batch=given["batch"],
        context=DEFAULT_CONTEXT if context is None else parse_count(context),
        encoder_length=None if encoder_length is None else parse_count(encoder_length),
        tp=given["tp"],
        images=given["images"],
        image_size=_size(given["image_size"]),
        overhead=given["overhead"],
        knobs=knobs,
    )


def within(d: Deployment, spec: ModelSpec, context: str | None) -> Deployment:
    """The deployment with the default context cut to what the model takes; a context that was asked for stays."""
    if context is None and spec.max_context:
        return d._replace(context=min(d.context, spec.max_context))
    return d


def _size(text: str | None) -> tuple[int, int] | None:
    """(height, width) of "WIDTHxHEIGHT"."""
    from llmmem.errors import UsageError

    if text is None:
        return None
    width, x, height = text.lower().partition("x")
    if not (x and width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--image-size {text[:40]!r} is not WIDTHxHEIGHT.", "Such as 1024x768.")
    return int(height), int(width)


def gpus(names: list[str] | None) -> tuple[Gpu, ...]:
    """The GPUs asked for, or the widely used ones.

    Raises:
        UsageError: an unknown name.
    """
    from llmmem.gpus import common, find

    return tuple(find(name) for name in names) if names else common()
