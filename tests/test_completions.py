"""Completion scripts: up to date, and at work in the real shells without starting a program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from select import select

import pytest

from llmmem.cli import COMMANDS, run
from llmmem.gpus import catalogue
from llmmem.paths import COMPLETIONS, completions_dir, configs_dir

PLACE = completions_dir()
sys.path.insert(0, str(PLACE))

import generate  # noqa: E402 # it is beside the scripts


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_scripts_are_up_to_date(shell: str) -> None:
    """After a change of options, GPUs or the catalogue: ``python completions/generate.py``."""
    name = COMPLETIONS[shell]
    assert (PLACE / name).read_text(encoding="utf-8") == generate.scripts()[name]


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_scripts_hold_everything_and_start_nothing(shell: str) -> None:
    text = (PLACE / COMPLETIONS[shell]).read_text(encoding="utf-8")
    for word in (*COMMANDS, *(gpu.id for gpu in catalogue()), "p5.48xlarge", "q4_k_m", "fp8_per_token_head", "vllm"):
        assert word in text
    for path in (configs_dir() / "models").glob("*/*.yaml"):
        assert f"{path.parent.name}/{path.stem}" in text
    for start in ("python", "$(llmmem", "(llmmem ", "`"):
        assert start not in text


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_they_are_printed(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert run(["--completions", shell]) == 0
    assert capsys.readouterr().out == (PLACE / COMPLETIONS[shell]).read_text(encoding="utf-8")


def test_other_shells_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--completions", "tcsh"]) == 2
    assert "fish" in capsys.readouterr().err


#: what was typed -> some of what is offered, and what is not
CASES: list[tuple[str, set[str], set[str]]] = [
    ("llmmem ", set(COMMANDS), {"--gpu"}),
    ("llmmem max", {"max-batch"}, {"calc"}),
    ("llmmem calc --kv-p", {"--kv-precision"}, {"--precision"}),
    ("llmmem calc --precision q4_", {"q4_0", "q4_k_m"}, {"int8"}),
    ("llmmem calc x --kv-precision fp8", {"fp8", "fp8_per_token_head"}, {"bf16"}),
    ("llmmem compare --engine ", {"transformers", "vllm", "auto"}, {"calc"}),
    ("llmmem max-batch x --gpu h100-s", {"h100-sxm-80gb"}, {"a100-sxm-80gb"}),
    ("llmmem gpus --vendor A", {"AMD", "Apple"}, {"NVIDIA"}),
    ("llmmem calc x --attn-implementation ", {"sdpa", "eager"}, {"auto"}),
    ("llmmem attention meta-llama/Llama-2-7b", {"meta-llama/Llama-2-7b-hf"}, {"meta-llama/Llama-2-13b-hf"}),
    ("llmmem compare a/b --sort to", {"total"}, {"name"}),
    ("llmmem calc x --format s", {"svg"}, {"json"}),
]


def needs(shell: str) -> str:
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"{shell} is not there")
    return found


def check(line: str, offered: set[str], some: set[str], none: set[str]) -> None:
    assert some <= offered, f"{line!r} offers {sorted(offered)[:20]}"
    assert not none & offered, f"{line!r} offers {sorted(none & offered)}"


def test_bash() -> None:
    """With an empty PATH: nothing outside the shell is started."""
    bash = needs("bash")
    code = [f"source '{PLACE / COMPLETIONS['bash']}'; PATH="]
    for line, _, _ in CASES:
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        code.append(f'COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _llmmem; echo "${{COMPREPLY[*]}}"')
    answer = subprocess.run([bash, "--norc", "-c", "\n".join(code)], capture_output=True, text=True, check=True)
    assert answer.stderr == ""
    for (line, some, none), offered in zip(CASES, answer.stdout.splitlines(), strict=True):
        check(line, set(offered.split()), some, none)


def test_bash_files_equals_signs_and_free_values(tmp_path: Path) -> None:
    bash = needs("bash")
    (tmp_path / "deployments.yaml").touch()
    code = f"""source '{PLACE / COMPLETIONS["bash"]}'
COMP_WORDS=(llmmem calc x --gpu = h200-s); COMP_CWORD=5; _llmmem; echo "${{COMPREPLY[*]}}"
COMP_WORDS=(llmmem compare --file dep); COMP_CWORD=3; _llmmem; echo "${{COMPREPLY[*]}}"
COMP_WORDS=(llmmem calc --batch ''); COMP_CWORD=3; _llmmem; echo "${{COMPREPLY[*]}}"
COMP_WORDS=(llmmem gpus ''); COMP_CWORD=2; _llmmem; echo "${{COMPREPLY[*]}}"
"""
    answer = subprocess.run([bash, "--norc", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    gpus, files, free, options = answer.stdout.splitlines()
    assert gpus == "h200-sxm-141gb"
    assert files == "deployments.yaml"
    assert free == ""
    assert "--vendor" in options and "--engine" not in options


def test_fish(tmp_path: Path) -> None:
    fish = needs("fish")
    code = [f"source '{PLACE / COMPLETIONS['fish']}'"]
    code += [f"echo '=='; complete -C '{line}'" for line, _, _ in CASES]
    home = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    command = [fish, "--no-config", "-c", "\n".join(code)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=home, cwd=tmp_path)
    assert answer.stderr == ""
    for (line, some, none), offered in zip(CASES, answer.stdout.split("==\n")[1:], strict=True):
        check(line, {text.split("\t")[0] for text in offered.splitlines()}, some, none)


#: compadd as the completion functions call it, with what it would offer written to a file beside
_ZSH = """
compadd() {{
  local -a kept
  builtin compadd -O kept "$@"
  print -rl -- $kept >> '{out}'
  builtin compadd "$@"
}}
"""


def test_zsh(tmp_path: Path) -> None:
    """Keys typed into an interactive zsh; what its completion system collects is read."""
    zsh = needs("zsh")
    pty = pytest.importorskip("pty")
    shutil.copy(PLACE / COMPLETIONS["zsh"], tmp_path / "_llmmem")
    out = tmp_path / "offered"
    (tmp_path / ".zshrc").write_text(
        f"fpath=('{tmp_path}' $fpath); autoload -Uz compinit; compinit -u -D; PS1='ready> '\n"
        "zstyle ':completion:*' list-prompt ''; zstyle ':completion:*' menu no; LISTMAX=100000\n"
        "unsetopt beep\n" + _ZSH.format(out=out)
    )
    leader, follower = pty.openpty()
    environment = {**os.environ, "ZDOTDIR": str(tmp_path), "TERM": "dumb"}
    child = subprocess.Popen([zsh, "-i"], stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)

    def read_until(*marks: bytes) -> None:
        text = b""
        for mark in marks:
            while mark not in text:
                assert select([leader], [], [], 30)[0], f"zsh hangs after {text[-200:]!r}"
                text += os.read(leader, 65536)
            text = text.partition(mark)[2]

    try:
        read_until(b"ready> ")
        for line, some, none in CASES:
            out.write_text("")
            # Tab completes, ^U clears the line, an echo says when that is over.
            os.write(leader, line.encode() + b"\t\x15echo en''d\n")
            read_until(b"\nend\r", b"ready> ")
            check(line, {word.removesuffix("=") for word in out.read_text().split()}, some, none)
        out.write_text("")
        os.write(leader, b"llmmem calc x --gpu=h200-\t\x15echo en''d\n")
        read_until(b"\nend\r", b"ready> ")
        assert "h200-sxm-141gb" in out.read_text()
    finally:
        child.kill()
        child.wait()
        os.close(leader)
