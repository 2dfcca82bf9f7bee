"""The command line. Only Typer is imported here; a command imports what it needs when it runs."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from llmmem.errors import LlmmemError

#: command -> module:function; a command's module is imported when it is asked for, all of them for the list in --help
COMMANDS = {
    "calc": "calc:calc",
    "compare": "compare:compare",
    "max-batch": "max_batch:max_batch",
    "attention": "attention:attention",
    "gpus": "gpus:gpus",
}

#: what a shell expects of a program that Ctrl-C ended
INTERRUPTED = 130


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"llmmem {version('llmmem')}")
        raise typer.Exit


def _completions(shell: str | None) -> None:
    if shell is None:
        return
    from llmmem.errors import UsageError
    from llmmem.paths import COMPLETIONS, completions_dir

    if shell not in COMPLETIONS:
        raise UsageError(f"--completions {shell[:40]!r} is unknown.", f"Known: {', '.join(COMPLETIONS)}.")
    typer.echo((completions_dir() / COMPLETIONS[shell]).read_text(encoding="utf-8"), nl=False)
    raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
    completions: str | None = typer.Option(
        None,
        "--completions",
        metavar="SHELL",
        callback=_completions,
        is_eager=True,
        help="Print the completion script for bash, zsh, fish or powershell.",
    ),
) -> None:
    pass


def make_app(command: str = "") -> typer.Typer:
    """The Typer app with one command, or with all of them."""
    app = typer.Typer(
        name="llmmem",
        help="How much memory a model needs, and on which GPUs it fits, before anyone downloads or rents anything.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_root)
    for name in [command] if command in COMMANDS else COMMANDS:
        module, function = COMMANDS[name].split(":")
        app.command(name)(getattr(import_module(f"llmmem.cli.{module}"), function))
    return app


def main() -> None:
    """Run the command line and exit with its status: 0, 1 (cannot be answered), 2 (usage) or 3 (a check failed)."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:  # closed by who started it (>&-)
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 # to the end
        else:  # what the locale cannot write is written as an escape
            stream.reconfigure(errors="backslashreplace")
    status = run(sys.argv[1:])
    if status == INTERRUPTED:  # at once: threads that still wait for a server are not waited for
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status; every failure is one sentence and a hint, or JSON."""
    command = next((a for a in arguments if not a.startswith("-")), "")
    as_json = "--json" in arguments or "--format=json" in arguments or "--format json" in " ".join(arguments)
    try:
        if command in COMMANDS and command != "gpus" and sys.stderr.isatty():
            from llmmem.render.progress import show
            from llmmem.sources import progress

            progress.watcher = show
        outcome = make_app(command)(args=arguments or ["--help"], prog_name="llmmem", standalone_mode=False)
        if outcome == INTERRUPTED:  # what Typer makes of Ctrl-C
            raise KeyboardInterrupt
        if not isinstance(outcome, tuple):  # help or version
            return 0 if arguments else 2
        return _say(command, *outcome)
    except LlmmemError as error:
        return _fail(command, error.kind, str(error), error.hint, as_json, error.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        return _fail(command, "interrupted", "Interrupted.", "", as_json, INTERRUPTED)
    except BrokenPipeError:
        _hush(sys.stdout, sys.stderr)
        return 0
    except Exception as error:
        # Typer's own usage errors have a status and a message; anything else is a bug and may show.
        if not hasattr(error, "exit_code") or not hasattr(error, "format_message"):
            raise
        message = error.format_message()
        known = command in COMMANDS
        hint = f"llmmem {command} --help shows what it takes." if known else "llmmem --help lists the commands."
        return _fail(command, "usage", message, hint, as_json, int(error.exit_code))


def _say(command: str, answer: Any, output: Any) -> int:
    """Write an answer. A reader that goes early (| head) changes nothing about its status."""
    from llmmem.render import emit

    try:
        emit(answer, output)
        sys.stdout.flush()
    except BrokenPipeError:
        _hush(sys.stdout, sys.stderr)
    except OSError as error:  # a full disk
        _hush(sys.stdout)
        message = f"The answer cannot be written: {error.strerror or error}."
        return _fail(command, "unwritable", message, "Make room, or send it elsewhere.", False, 1)
    return int(answer.status)


def _hush(*streams: Any) -> None:
    """Nothing more reaches these: what is left in their buffers would fail again when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())


def _fail(command: str, kind: str, message: str, hint: str, as_json: bool, status: int) -> int:
    from llmmem.render import emit_error

    emit_error(command, kind, message, hint, as_json)
    return status
