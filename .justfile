# The daily commands: `just`, or typed as they stand. `pip install rust-just` brings just.

bin := ".venv/bin"

# list them
default:
    @just --list

# a virtual environment with everything
setup:
    python3 -m venv .venv
    {{bin}}/pip install -q -e '.[dev]'

# the tests, or some: just test tests/test_cli.py -k json
test *arguments:
    {{bin}}/python -m pytest {{arguments}}

# lint, format and types, as CI checks them
check:
    {{bin}}/ruff check .
    {{bin}}/ruff format --check .
    {{bin}}/mypy

# mend what can be mended
format:
    {{bin}}/ruff check --fix .
    {{bin}}/ruff format .

# write what is generated: completions, the README's output, the approved screens; then look at the difference
generate:
    {{bin}}/python completions/generate.py
    {{bin}}/python tests/readme.py
    {{bin}}/python tests/screens.py

# start-up times beside Python's own
benchmark:
    {{bin}}/python tests/benchmark.py

# everything that must hold, on a clean copy
ci:
    .ci/run
