"""Options that several commands share: one spelling, one help text, one way of reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmmem.knobs import KNOBS, Knob

if TYPE_CHECKING:
    from llmmem.deployment import Deployment
    from llmmem.engines.log import Reading
    from llmmem.engines.plan import Plan
    from llmmem.gpus import Gpu
    from llmmem.render import Output
    from llmmem.tensors import ModelSpec

#: what a command returns: an Answer and the Output it is wanted as (Typer evaluates the type, so it names neither)
Outcome = tuple[Any, Any]

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
        help="Weights: auto (as the checkpoint stores them) fp32 fp16 bf16 fp8 int8 int4 nf4 fp4 gptq awq mxfp4 nvfp4,"
        " or a GGUF recipe (q8_0 q6_k q5_k_m q4_k_m q4_0 q3_k_m q2_k iq4_xs iq2_m ...).",
    ),
]
KvPrecision = Annotated[
    str,
    typer.Option(
        "--kv-precision",
        help="KV cache: auto (as computed) fp32 fp16 bf16 fp8; vllm: more, such as int8_per_token_head.",
    ),
]
Tp = Annotated[int, typer.Option("--tp", help="Tensor parallel ranks; sizes are those of the fullest.")]
Pp = Annotated[int, typer.Option("--pp", help="Pipeline parallel stages.")]
Ep = Annotated[int, typer.Option("--ep", help="Expert parallel ranks.")]
Dp = Annotated[int, typer.Option("--dp", help="Data parallel replicas of the attention.")]
Engine = Annotated[str, typer.Option("--engine", help=f"What runs the model: {' '.join(KNOBS)}; auto: by its file.")]
Emit = Annotated[
    str | None,
    typer.Option("--emit", metavar="ENGINE", help="Print only the command that serves it: vllm sglang llama.cpp."),
]
Against = Annotated[
    str | None,
    typer.Option("--against", metavar="LOG", help="Set the memory lines of a start-up log (- is stdin) beside it."),
]
Images = Annotated[int, typer.Option("--images", help="Pictures per request, on top of the context.")]
VideoFrames = Annotated[
    int, typer.Option("--video-frames", metavar="N", help="Frames of a film per request, on top of the context.")
]
ImageSize = Annotated[str | None, typer.Option("--image-size", metavar="WxH", help="Their size in pixels.")]
Audio = Annotated[float, typer.Option("--audio", metavar="SECONDS", help="Sound per request, on top of the context.")]
Overhead = Annotated[
    float | None,
    typer.Option("--overhead", metavar="FACTOR", help="Factor on everything (1.2 = +20 %). [default: the engine's]"),
]
GpuNames = Annotated[
    list[str] | None,
    typer.Option("--gpu", metavar="NAME", help="Only this GPU, cloud instance or local; may be given several times."),
]
Gpus = Annotated[
    int | None,
    typer.Option(
        "--gpus", metavar="N", help="Share the model among so many GPUs, in the layout that suits the engine."
    ),
]
GpusFile = Annotated[
    str | None, typer.Option("--gpus-file", metavar="FILE", help="A YAML file with more GPUs; see configs/gpus.yaml.")
]
Explain = Annotated[bool, typer.Option("--explain", help="Show every component and layer kind with its tensors.")]
TakenAs = Annotated[
    str | None, typer.Option("--as", metavar="TYPE", help="Read the config as this model type, whatever it says.")
]
Headers = Annotated[
    bool, typer.Option("--headers", help="Read the headers of the files on the Hub too: weights as they are stored.")
]
Revision = Annotated[str | None, typer.Option("--revision", help="Branch, tag or commit on the Hub.")]
Token = Annotated[str | None, typer.Option("--token", help="Hugging Face token. [default: HF_TOKEN or the stored one]")]
Offline = Annotated[bool, typer.Option("--offline", help="Never ask the Hub.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Format = Annotated[str | None, typer.Option("--format", help="table (default) json csv markdown svg.")]
OutputFile = Annotated[
    str | None,
    typer.Option("--output", metavar="FILE", help="Write it there: .svg .json .csv .md, else as a table."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the total alone, in --unit, for scripts.")]
Unit = Annotated[str | None, typer.Option("--unit", help="Of --quiet: GiB GB MiB bytes. [default: GiB]")]
Check = Annotated[bool, typer.Option("--check", help="Exit with 3 when it does not fit.")]
FailOver = Annotated[
    str | None,
    typer.Option("--fail-over", metavar="SIZE", help="Exit with 3 when the high end on a GPU is above this (70GiB)."),
]


#: choices that are too many for a line of help
MANY = 10

_TYPES = {"choice": str, "names": str, "int": int, "ratio": float, "size": str, "flag": bool}


def with_knobs(command: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """The command with an option for every knob of every engine, instead of its parameter ``knobs``."""
    from functools import wraps
    from inspect import signature

    knobs = every_knob()

    @wraps(command)
    def run(**given: Any) -> Outcome:
        chosen = {name: given.pop(name) for name in knobs}
        return command(**given, knobs={n: knob_value(n, v) for n, v in chosen.items() if v is not None})

    own_parameters = [p for p in signature(command, eval_str=True).parameters.values() if p.name != "knobs"]
    parameters = [*own_parameters, *(_option(name, own) for name, own in knobs.items())]
    run.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def _option(name: str, own: dict[str, Knob]) -> Any:
    from inspect import Parameter

    option, knob = name.replace("_", "-"), next(iter(own.values()))
    said: dict[str, str] = {}
    for engine, each in own.items():
        text = _said(each)
        said[text] = f"{said[text]}, {engine}" if text in said else engine
    spelling = f"--{option}/--no-{option}" if knob.kind == "flag" else f"--{option}"
    metavar = {"choice": "NAME", "names": "NAME,...", "size": "SIZE", "int": "N", "ratio": "SHARE"}.get(knob.kind)
    given = typer.Option(
        spelling, metavar=metavar, help="; ".join(f"{engines}: {text}" for text, engines in said.items())
    )
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[_TYPES[knob.kind] | None, given])


def _said(knob: Knob) -> str:
    """What an option is for one engine."""
    choices = f": {', '.join(knob.choices)}" if 0 < len(knob.choices) < MANY else ""
    return knob.help + choices + ("" if knob.default is None else f" [default: {knob.default}]")


def every_knob() -> dict[str, dict[str, Knob]]:
    """The options of all engines: name -> engine -> what it is there; of one kind wherever it is."""
    knobs: dict[str, dict[str, Knob]] = {}
    for engine, own in KNOBS.items():
        for name, knob in own.items():
            knobs.setdefault(name, {})[engine] = knob
    return knobs


def knob_value(name: str, value: Any) -> Any:
    """What was typed for an engine's option: sizes as bytes.

    Raises:
        UsageError: not a size.
    """
    if next(iter(every_knob()[name].values())).kind != "size":
        return value
    from llmmem.units import parse_bytes

    return parse_bytes(value)


_SUFFIXES = {"svg": "svg", "json": "json", "csv": "csv", "md": "markdown"}


def form(
    name: str | None, as_json: bool, file: str | None = None, quiet: bool = False, unit: str | None = None
) -> Output:
    """How the answer is wanted: by --json, --format, or the file's name.

    Raises:
        UsageError: a format or unit there is not; two forms at once.
    """
    from llmmem.errors import UsageError
    from llmmem.render import FORMATS, UNITS, Output

    if name is not None and name not in FORMATS:
        raise UsageError(f"--format {name[:40]!r} is unknown.", f"Known: {', '.join(FORMATS)}.")
    if unit is not None and unit not in UNITS:
        raise UsageError(f"--unit {unit[:40]!r} is unknown.", f"Known: {', '.join(UNITS)}.")
    if unit is not None and not quiet:
        raise UsageError("--unit is given, but no --quiet.", "Add --quiet: tables are in GiB, JSON in bytes.")
    if as_json and name not in (None, "json"):
        raise UsageError(f"--json and --format {name} are both given.", "Give one of them.")
    if quiet and (as_json or name or file):
        raise UsageError("--quiet is one number on stdout, without --json, --format and --output.", "Leave one out.")
    suffix = _SUFFIXES.get((file or "").rpartition(".")[2].lower(), "table")
    return Output("json" if as_json else name or suffix, (unit or UNITS[0]) if quiet else None, file)


#: engines that are servers
SERVERS = ("vllm", "sglang", "llama.cpp")


def serving(engine: str, emit: str | None) -> str:
    """The engine asked for; the one a command is to be for, where none is.

    Raises:
        UsageError: no server of that name, or not the engine asked for.
    """
    from llmmem.errors import UsageError

    if emit is None or emit == engine:
        return engine
    if emit not in SERVERS:
        raise UsageError(f"--emit {emit[:40]!r} is unknown.", f"Known: {', '.join(SERVERS)}.")
    if engine != "auto":
        raise UsageError(f"--emit {emit} is for another engine than --engine {engine[:40]}.", "Leave --engine out.")
    return emit


def reading(model: str, place: str, engine: str) -> Reading:
    """What a start-up log says, of the engine asked for or of the one whose lines it has.

    Raises:
        UsageError: it cannot be read, has no line that is known, or is another engine's.
    """
    from llmmem.engines.log import READERS, read
    from llmmem.errors import UsageError
    from llmmem.sources.log import read_log

    if place == "-" and model == "-":
        raise UsageError("- is given for the model and the log, but there is one stdin.", "Give one as a path.")
    lines = read_log(place)
    found = read(lines)
    own = read(lines, engine) if engine in READERS else None
    if found is None:
        raise UsageError(
            f"No line of {place[:80]!r} is one that {', '.join(READERS)} print about memory when they start.",
            "Give what the engine printed from its start on.",
        )
    if engine == "auto" or own:
        return own or found
    raise UsageError(f"{place[:80]!r} is a log of {found.engine}.", f"Give --engine {found.engine}, or leave it out.")


def deployment(given: dict[str, Any]) -> Deployment:
    """A Deployment of what was typed.

    Args:
        given: a command's own arguments by name; what is not about the deployment is passed over.

    Raises:
        UsageError: a value that is unknown or out of range.
    """
    from llmmem.deployment import DEFAULT_CONTEXT, deploy
    from llmmem.units import parse_count

    context, encoder_length = given["context"], given["encoder_length"]
    # Defaults of an engine may depend on the GPU, where it is one.
    names = given.get("gpu") or []
    return deploy(
        engine=given["engine"],
        precision_name=given["precision"],
        kv_precision=given["kv_precision"],
        batch=given["batch"],
        context=DEFAULT_CONTEXT if context is None else parse_count(context),
        encoder_length=None if encoder_length is None else parse_count(encoder_length),
        tp=given["tp"],
        pp=given["pp"],
        ep=given["ep"],
        dp=given["dp"],
        gpu=gpus(names, given.get("gpus_file"), given["engine"])[0] if len(names) == 1 else None,
        images=given["images"],
        video_frames=given["video_frames"],
        image_size=_size(given["image_size"]),
        audio=given["audio"],
        overhead=given["overhead"],
        knobs=given["knobs"],
    )


def within(d: Deployment, spec: ModelSpec, context: str | None) -> Deployment:
    """The deployment with the default context cut to what the model takes; a context that was asked for stays."""
    if context is None and spec.max_context:
        return d._replace(context=min(d.context, spec.max_context))
    return d


def planned(
    d: Deployment, spec: ModelSpec, given: dict[str, Any], chosen: tuple[Gpu, ...], *, among_others: bool = False
) -> Plan:
    """The plan of what was typed: the default context cut to the model, the GPUs asked for shared out.

    Args:
        given: a command's own arguments by name: context, gpus.
        chosen: the GPUs it is about; the first one's node decides the layout.
        among_others: as for ``engines.settled``; a context is for those models that have one.

    Raises:
        UsageError: --gpus beside --tp or --pp.
        LayoutError: the model or the engine cannot be split so.
    """
    from llmmem.engines import make_plan, settled

    made = make_plan(spec, settled(spec, within(d, spec, given["context"]), among_others=among_others))
    if given["context"] is not None and not among_others:
        made.needs_context("--context")
    count = given["gpus"]
    if count is None:
        return made
    from llmmem.errors import LayoutError, UsageError
    from llmmem.fit.layout import Planner

    if d.tp > 1 or d.pp > 1:
        raise UsageError("--gpus is given beside --tp or --pp.", "--gpus finds the layout; give one or the other.")
    if count < 1:
        raise UsageError(f"--gpus {count} is out of range.", "Give a whole number of 1 or more.")
    planner, gpu = Planner(made), chosen[0]
    size = made.deployment
    layout = planner.holding(gpu, count, size.batch, size.context) or planner.possible(gpu, count)
    if layout is None:
        raise LayoutError(
            f"{size.engine} cannot share this model among {count} GPUs.", "Try another number, such as 2, 4 or 8."
        )
    return planner.at(layout, gpu)


def _size(text: str | None) -> tuple[int, int] | None:
    """(height, width) of "WIDTHxHEIGHT"."""
    from llmmem.errors import UsageError

    if text is None:
        return None
    width, x, height = text.lower().partition("x")
    if not (x and width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--image-size {text[:40]!r} is not WIDTHxHEIGHT.", "Such as 1024x768.")
    return int(height), int(width)


def gpus(names: list[str] | None, file: str | None, engine: str) -> tuple[Gpu, ...]:
    """The GPUs asked for, or the widely used ones and the user's own that the engine is made for.

    Raises:
        LayoutError: one was asked for that the engine is not made for.
        UsageError: an unknown name, a file that is not there.
        ConfigError: a user's list of GPUs that makes no sense.
    """
    from llmmem.engines import needs_maker, runs_on
    from llmmem.gpus import common, find
    from llmmem.gpus.user import own_gpus

    own = own_gpus(file)
    if not names:
        return tuple(gpu for gpu in (*own, *common()) if runs_on(engine, gpu))
    named = tuple(find(name, own) for name in names)
    for gpu in named:
        needs_maker(engine, gpu)
    return named
