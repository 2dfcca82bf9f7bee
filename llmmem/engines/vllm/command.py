"""The command that serves a plan with vLLM 0.33 (engine/arg_utils.py and entrypoints/openai/cli_args.py)."""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.engines.command import Command, named, nodes, options, precision
from llmmem.engines.vllm.defaults import step

#: llmmem's names of KV formats -> vLLM's, where they differ
FORMATS = {"auto": None, "bf16": "bfloat16", "fp16": "float16"}


def command(d: Deployment, reference: str) -> Command:
    """vllm serve, with the sizes the plan was made for.

    Raises:
        UsageError: the model has no name, or its weights are not made while loading.
    """
    model, revision = named(reference)
    # The sizes that vLLM would pick by GPU are those of the plan only on that GPU.
    sizes = step(d, d.context) if d.gpu is not None else None
    pool = d.knob("kv_cache_memory_bytes")
    caching = d.knob("enable_prefix_caching")
    ranks = d.tp * d.pp * d.dp
    over = nodes(d.gpu, ranks)
    given = [
        ("--revision", revision or None),
        *precision("vLLM", d),
        ("--tensor-parallel-size", d.tp if d.tp > 1 else None),
        ("--pipeline-parallel-size", d.pp if d.pp > 1 else None),
        ("--data-parallel-size", d.dp if d.dp > 1 else None),
        ("--decode-context-parallel-size", shards if (shards := d.knob("decode_context_parallel_size")) != 1 else None),
        ("--enable-expert-parallel", d.ep > 1 or bool(d.knob("enable_expert_parallel"))),
        ("--distributed-executor-backend", "ray" if over > 1 else None),
        ("--max-model-len", d.context),
        ("--gpu-memory-utilization", None if pool is not None else d.knob("gpu_memory_utilization")),
        ("--kv-cache-memory-bytes", pool),
        ("--max-num-seqs", sizes.seqs if sizes else d.knob("max_num_seqs")),
        ("--max-num-batched-tokens", sizes.tokens if sizes else d.knob("max_num_batched_tokens")),
        ("--kv-cache-dtype", FORMATS.get(d.kv_precision, d.kv_precision)),
        ("--block-size", d.knob("block_size")),
        ("--enable-prefix-caching", caching is True),
        ("--no-enable-prefix-caching", caching is False),
        ("--mamba-ssm-cache-dtype", None if (kept := d.knob("mamba_ssm_cache_dtype")) == "auto" else kept),
        ("--enforce-eager", bool(d.knob("enforce_eager"))),
    ]
    notes = (f"{ranks} GPUs stand in {over} nodes: start a Ray cluster of them first",) if over > 1 else ()
    return Command((("vllm", "serve", model, *options(given)),), notes)
