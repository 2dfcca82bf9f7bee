"""Writes the completion scripts of this directory: ``python completions/generate.py``.

They hold every command, option, value, GPU and catalogue id as words of their own, so that completing starts no Python.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from typer.main import get_command

from llmmem import shipped
from llmmem.cli import make_app
from llmmem.cli.max_batch import TARGETS
from llmmem.cli.options import SERVERS, every_knob
from llmmem.dtypes import KV_PRECISIONS, PRECISIONS
from llmmem.engines import ENGINES
from llmmem.gpus import catalogue
from llmmem.knobs import KV_PRECISIONS as MORE_KV_PRECISIONS
from llmmem.paths import COMPLETIONS, configs_dir
from llmmem.render import FORMATS, UNITS
from llmmem.render.compare import SORTABLE

HERE = Path(__file__).parent
HEAD = "Completions of llmmem, written by completions/generate.py; do not edit by hand."


class Option(NamedTuple):
    """An option as a shell sees it."""

    names: tuple[str, ...]
    help: str
    #: words that it takes; empty: anything
    values: tuple[str, ...] = ()
    file: bool = False
    flag: bool = False
    repeats: bool = False


class Command(NamedTuple):
    """A command as a shell sees it."""

    name: str
    help: str
    options: tuple[Option, ...]
    #: whether it takes models
    models: bool


def known_values() -> dict[str, tuple[str, ...]]:
    """What options take that are not engines' own."""
    gpus = catalogue()
    instances = shipped.read(configs_dir() / "instances.yaml")
    more = {name: None for names in MORE_KV_PRECISIONS.values() for name in names}
    return {
        "--precision": PRECISIONS,
        "--kv-precision": tuple(dict.fromkeys((*KV_PRECISIONS, *more))),
        "--engine": ("auto", *ENGINES),
        "--gpu": (*(gpu.id for gpu in gpus), *(entry["id"] for entry in instances), "local"),
        "--vendor": tuple(dict.fromkeys(gpu.vendor for gpu in gpus)),
        "--format": FORMATS,
        "--unit": UNITS,
        "--for": TARGETS,
        "--emit": SERVERS,
        "--sort": (*SORTABLE, *(f"-{name}" for name in SORTABLE)),
    }


def models() -> list[str]:
    """Ids of the catalogue."""
    return sorted(f"{path.parent.name}/{path.stem}" for path in (configs_dir() / "models").glob("*/*.yaml"))


def commands() -> list[Command]:
    """Every command with its options."""
    group: Any = get_command(make_app())
    values, knobs = known_values(), every_knob()
    out = []
    for name, command in group.commands.items():
        options = [Option(("--help", "-h"), "Show this message and exit.", flag=True)]
        for p in command.params:
            if p.param_type_name == "option":
                names = (*p.opts, *p.secondary_opts)
                choices = next(iter(knobs[p.name].values())).choices if p.name in knobs else values.get(p.opts[0], ())
                short = " ".join((p.help or "").split()).partition(" [default")[0]
                short = short.partition(": auto")[0] if choices else short
                options.append(Option(names, short, choices, p.metavar == "FILE", p.is_flag, p.multiple))
        takes_models = any(p.param_type_name == "argument" for p in command.params)
        out.append(Command(name, command.get_short_help_str(200), tuple(options), takes_models))
    return out


def grouped(found: list[Command]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Names of options that take the same words -> those words."""
    every = {option.names: option.values for command in found for option in command.options if option.values}
    out: dict[tuple[str, ...], tuple[str, ...]] = {}
    for values in dict.fromkeys(every.values()):
        out[tuple(name for names, those in every.items() if those == values for name in names)] = values
    return out


def bash() -> str:
    """For bash 3.2 and later."""
    found = commands()
    options = {o.names: o for c in found for o in c.options}.values()
    files = "|".join(name for o in options if o.file for name in o.names)
    free = "|".join(name for o in options if not (o.file or o.flag or o.values) for name in o.names)
    cases = [
        f'    {"|".join(names)}) COMPREPLY=($(compgen -W "{" ".join(values)}" -- "$cur")); return ;;'
        for names, values in grouped(found).items()
    ]
    own = [f'    {c.name}) options="{" ".join(n for o in c.options for n in o.names)}" ;;' for c in found]
    without = " || ".join(f"$command == {c.name}" for c in found if not c.models)
    return f"""# {HEAD}
# Source this file, or put it where bash-completion looks for it.
_llmmem() {{
  local IFS=$' \\t\\n' cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}} command='' options='' i
  COMPREPLY=()
  # "--option=value" comes in three words.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  case $prev in
    --completions) COMPREPLY=($(compgen -W "{" ".join(COMPLETIONS)}" -- "$cur")); return ;;
{chr(10).join(cases)}
    {files}) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
    {free}) compopt +o default 2> /dev/null; return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
      {"|".join(c.name for c in found)}) command=${{COMP_WORDS[i]}}; break ;;
    esac
  done
  case $command in
    '') options="{" ".join(c.name for c in found)} --help --version --completions" ;;
{chr(10).join(own)}
  esac
  if [[ $cur == -* || -z $command || {without} ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  else
    # Where no id begins so, readline completes names of files.
    COMPREPLY=($(compgen -W "{" ".join(models())}" -- "$cur"))
  fi
}}
complete -o bashdefault -o default -F _llmmem llmmem
"""


def _zsh_text(text: str) -> str:
    for mark in "\\[]:":
        text = text.replace(mark, "\\" + mark)
    return text.replace("'", "'\\''")


def _zsh_option(option: Option) -> list[str]:
    help_ = _zsh_text(option.help)
    action = ":file:_files" if option.file else f":value:({' '.join(option.values)})" if option.values else ":value: "
    star = "*" if option.repeats else "(- *)" if "--help" in option.names else ""
    # "=": the value may follow one, or be the next word
    rest = f"[{help_}]" if option.flag else f"=[{help_}]{action}"
    return [f"'{star}{name}{rest}'" for name in option.names]


def zsh() -> str:
    """For zsh, as a function found on fpath or sourced."""
    found = commands()
    described = "\n".join(f"        '{c.name}:{_zsh_text(c.help)}'" for c in found)
    cases = []
    for c in found:
        specs = [spec for o in c.options for spec in _zsh_option(o)]
        specs += ["'*:model:_llmmem_models'"] if c.models else []
        cases.append(f"        {c.name})\n          _arguments -s {(' ' + chr(92) + chr(10)).join(specs)} ;;")
    ids = "\n".join(f"    {name}" for name in models())
    return f"""#compdef llmmem
# {HEAD}
_llmmem_models() {{
  local -a ids=(
{ids}
  )
  _alternative 'ids:catalogue:compadd -a ids' 'files:file:_files'
}}

_llmmem() {{
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C '(- *)'{{-h,--help}}'[Show the commands and exit.]' '(- *)--version[Show the version.]' \\
    '(- *)--completions[Print a completion script.]:shell:({" ".join(COMPLETIONS)})' \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
{described}
      )
      _describe command commands ;;
    argument)
      case $line[1] in
{chr(10).join(cases)}
      esac ;;
  esac
}}

if [[ $funcstack[1] == _llmmem ]]; then
  _llmmem "$@"
else
  compdef _llmmem llmmem
fi
"""


def _fish_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish() -> str:
    """For fish, found in its completions directory or sourced."""
    found = commands()
    out = [f"# {HEAD}", "function __llmmem_models", "    printf '%s\\n' \\"]
    out += [f"        {name} \\" for name in models()[:-1]] + [
        f"        {models()[-1]}",
        "end",
        "complete -c llmmem -f",
    ]
    for names, help_ in (("-s h -l help", "Show the commands and exit."), ("-l version", "Show the version.")):
        out.append(f"complete -c llmmem -n __fish_use_subcommand {names} -d {_fish_text(help_)}")
    shells = " ".join(COMPLETIONS)
    out.append(f"complete -c llmmem -n __fish_use_subcommand -l completions -x -a '{shells}' -d 'Print a script.'")
    out += [f"complete -c llmmem -n __fish_use_subcommand -a {c.name} -d {_fish_text(c.help)}" for c in found]
    where: dict[Option, list[str]] = {}
    for c in found:
        for option in c.options:
            where.setdefault(option, []).append(c.name)
    for option, names in where.items():
        seen = f"complete -c llmmem -n '__fish_seen_subcommand_from {' '.join(names)}'"
        spelt = [f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names]
        takes = "" if option.flag else " -r -F" if option.file else " -x"
        takes += f" -a '{' '.join(option.values)}'" if option.values else ""
        forms = spelt if any("--no-" in n for n in option.names) else [" ".join(spelt)]
        out += [f"{seen} {form}{takes} -d {_fish_text(option.help)}" for form in forms]
    takers = " ".join(c.name for c in found if c.models)
    out.append(f"complete -c llmmem -n '__fish_seen_subcommand_from {takers}' -F -a '(__llmmem_models)'")
    return "\n".join(out) + "\n"


def _list(values: Any) -> str:
    return "@(" + ", ".join(f"'{value}'" for value in values) + ")"


def powershell() -> str:
    """For PowerShell 5 and later."""
    found = commands()
    own = "\n".join(f"    '{c.name}' = {_list(n for o in c.options for n in o.names)}" for c in found)
    values = "\n".join(f"    '{name}' = {_list(those)}" for names, those in grouped(found).items() for name in names)
    options = {o.names: o for c in found for o in c.options}.values()
    free = _list(name for o in options if not (o.flag or o.values) for name in o.names)
    takers = _list(c.name for c in found if c.models)
    return f"""# {HEAD}
Register-ArgumentCompleter -Native -CommandName llmmem -ScriptBlock {{
  param($wordToComplete, $commandAst, $cursorPosition)
  $options = @{{
{own}
  }}
  $values = @{{
    '--completions' = {_list(COMPLETIONS)}
{values}
  }}
  $free = {free}
  $models = {_list(models())}
  $before = @($commandAst.CommandElements | Where-Object {{ $_.Extent.EndOffset -lt $cursorPosition }} |
    ForEach-Object {{ $_.Extent.Text }})
  $last = if ($before.Count) {{ $before[-1] }} else {{ '' }}
  $command = $before | Select-Object -Skip 1 | Where-Object {{ $options.ContainsKey($_) }} | Select-Object -First 1
  $words = if ($values.ContainsKey($last)) {{ $values[$last] }}
    elseif ($free -contains $last) {{ @() }}
    elseif (-not $command) {{ @($options.Keys) + '--help', '--version', '--completions' }}
    elseif ($wordToComplete -notlike '-*' -and {takers} -contains $command) {{ $models }}
    else {{ $options[$command] }}
  # Where nothing begins so, PowerShell completes names of files.
  $words | Where-Object {{ $_ -like "$wordToComplete*" }} | Sort-Object | ForEach-Object {{
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }}
}}
"""


WRITERS = {"bash": bash, "zsh": zsh, "fish": fish, "powershell": powershell}


def scripts() -> dict[str, str]:
    """File name -> content."""
    return {COMPLETIONS[shell]: write() for shell, write in WRITERS.items()}


if __name__ == "__main__":
    for name, text in scripts().items():
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")
