"""The command that serves a plan with SGLang 0.5.23 (arg_groups/fields)."""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.engines.command import HEAD, Command, named, nodes, options, precision

PORT = 5000
FORMATS = {"bf16": "bf16", "fp8": "fp8_e4m3"}


def command(d: Deployment, reference: str, share: float | None) -> Command:
    """The launch of a server, one command for each node.

    Args:
        share: --mem-fraction-static of the plan; None where no GPU is named.

    Raises:
        UsageError: the model has no name, or its weights are not made while loading.
    """
    model, revision = named(reference)
    ranks = d.tp * d.dp
    over = nodes(d.gpu, ranks * d.pp)
    given = [
        ("--model-path", model),
        ("--revision", revision or None),
        *precision("SGLang", d),
        ("--tp-size", ranks if ranks > 1 else None),
        ("--pp-size", d.pp if d.pp > 1 else None),
        ("--attn-dp-size", d.dp if d.dp > 1 else None),
        ("--ep-size", d.ep if d.ep > 1 else None),
        ("--context-length", d.context),
        ("--mem-fraction-static", None if share is None else f"{share:.3f}"),
        ("--kv-cache-dtype", FORMATS.get(d.kv_precision)),
        ("--chunked-prefill-size", d.knob("chunked_prefill_size")),
        ("--page-size", d.knob("page_size")),
        ("--max-running-requests", d.knob("max_running_requests")),
        ("--swa-full-tokens-ratio", d.knob("swa_full_tokens_ratio")),
        ("--mamba-full-memory-ratio", dict(d.knobs).get("mamba_full_memory_ratio")),
        ("--disable-radix-cache", bool(d.knob("disable_radix_cache"))),
    ]
    start = ("python", "-m", "sglang.launch_server", *options(given))
    if over == 1:
        return Command((start,))
    address = ("--dist-init-addr", f"{HEAD}:{PORT}", "--nnodes", str(over))
    lines = tuple((*start, *address, "--node-rank", str(node)) for node in range(over))
    return Command(lines, (f"one command for each of {over} nodes; {HEAD} is the address of the first",))
