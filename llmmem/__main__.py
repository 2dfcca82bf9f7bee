"""``llmmem`` and ``python -m llmmem``."""

from __future__ import annotations

import gc

# A command lives for a tenth of a second and makes few cycles: collecting them would only slow its start.
gc.disable()

from llmmem.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
