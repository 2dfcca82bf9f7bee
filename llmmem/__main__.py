"""``python -m llmmem``."""

from llmmem.cli import main

main()
