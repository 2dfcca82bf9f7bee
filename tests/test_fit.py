"""What fits where: the inverse questions are exact, layouts are those the engine runs, ranks add up to the whole.

LLMMEM_THOROUGH=1 runs them over thirty models and every GPU.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from llmmem import calculate_memory, read_model
from llmmem.cli import run
from llmmem.deployment import deploy
from llmmem.dtypes import nbytes
from llmmem.engines import make_plan
from llmmem.engines.plan import Plan
from llmmem.errors import LayoutError, UsageError
from llmmem.fit import fit_table, obstacle
from llmmem.fit.advice import advice
from llmmem.fit.layout import Layout, Planner, layouts, node_size
from llmmem.fit.limits import limit
from llmmem.fit.search import largest, max_batch, max_context
from llmmem.gpus import catalogue, find

THOROUGH = os.environ.get("LLMMEM_THOROUGH") == "1"
CATALOGUE = Path(__file__).parent.parent / "configs" / "models"
MODELS = (
    "meta-llama/Llama-3.1-8B", "google/gemma-3-27b-it", "deepseek-ai/DeepSeek-V3", "ai21labs/Jamba-v0.1",
    "openai/gpt-oss-20b", "Qwen/Qwen3-30B-A3B",
)  # fmt: skip
GPUS = ("t4", "l4", "rtx-4090-24gb", "a100-sxm-80gb", "h100-sxm-80gb", "b200-sxm", "mi300x-192gb")
COUNTS = (1, 2, 4, 8)


def models() -> tuple[str, ...]:
    if not THOROUGH:
        return MODELS
    every = sorted(f"{p.parent.name}/{p.stem}" for p in CATALOGUE.glob("*/*.yaml"))
    return (*MODELS, *every[:: len(every) // 24])


def plan(model: str, engine: str, **options: int) -> Plan:
    return make_plan(read_model(model), deploy(engine=engine, **options))


@pytest.mark.parametrize("engine", ["transformers", "vllm"])
@pytest.mark.parametrize("model", models())
def test_limits_fit_and_one_more_does_not(model: str, engine: str) -> None:
    tried = 0
    for count in COUNTS:
        try:
            made = plan(model, engine, tp=count)
        except Exception as error:
            assert type(error).__name__ in ("LayoutError", "UnsupportedArchitectureError"), error
            continue
        for gpu in catalogue() if THOROUGH else map(find, GPUS):
            here = made.on(gpu)
            usable = here.usable(gpu)
            n = max_batch(here, usable, 2048)
            assert n == 0 or here.total(n, 2048).high <= usable
            assert n == here.most_batch or here.total(n + 1, 2048).high > usable
            c = max_context(here, usable, 1)
            assert c == 0 or here.total(1, c).high <= usable
            assert c == here.spec.max_context or here.total(1, c + 1).high > usable
            tried += 1
    assert tried or engine == "vllm"


@pytest.mark.parametrize("engine", ["transformers", "vllm"])
@pytest.mark.parametrize("model", MODELS)
def test_the_least_layout_holds_and_the_engine_runs_it(model: str, engine: str) -> None:
    made = plan(model, engine)
    planner = Planner(made)
    for name in GPUS:
        gpu = find(name)
        layout = planner.least(gpu, 1, 2048)
        if layout is None:
            continue
        assert layout.tp <= node_size(gpu) and layout.gpus <= node_size(gpu) * layout.nodes
        fresh = plan(model, engine, tp=layout.tp, pp=layout.pp).on(gpu)
        assert fresh.total(1, 2048).high <= fresh.usable(gpu)
        for fewer in range(1, layout.gpus):
            assert planner.holding(gpu, fewer, 1, 2048) is None


def test_what_fits_on_one_gpu_needs_one() -> None:
    """Weights that wait on the host count against no GPU: the components that diffusers offloads, and the token
    embedding that llama.cpp leaves there.
    """
    gpu = find("rtx-4090-24gb")
    for model, options in (
        ("black-forest-labs/FLUX.1-dev", {"engine": "diffusers", "knobs": {"offload": "model"}}),
        ("meta-llama/Llama-3.1-8B", {"engine": "llama.cpp"}),
    ):
        made = make_plan(read_model(model), deploy(**options))  # type: ignore[arg-type]
        here = made.on(gpu)
        d = made.deployment
        just = gpu._replace(usable_bytes=here.total(d.batch, d.context).high)
        (row,) = fit_table(made, [just])
        assert row.fits and row.needed == 1


def test_layouts_respect_nodes_and_links() -> None:
    h100, l40s = find("h100-sxm-80gb"), find("l40s")
    assert layouts(h100, 8, True)[0] == Layout(8, 1, 1)
    assert layouts(l40s, 4, True)[0] == Layout(1, 4, 1)  # no links of their own: stages first
    assert layouts(h100, 16, True)[0] == Layout(8, 2, 2)
    assert layouts(h100, 12, True) == []  # no whole nodes
    assert layouts(h100, 16, False) == []
    assert [str(x) for x in (Layout(), Layout(8, 2, 2))] == ["1 GPU", "tp 8, pp 2, 2 nodes"]


@pytest.mark.parametrize("engine", ["transformers", "vllm"])
@pytest.mark.parametrize("tp", [2, 4, 8])
@pytest.mark.parametrize("model", [m for m in MODELS if "gemma" not in m])
def test_ranks_add_up_to_the_whole_and_what_is_replicated(model: str, tp: int, engine: str) -> None:
    try:
        made = plan(model, engine, tp=tp)
    except LayoutError:
        return
    for block in (b for b in made.stored.spec.blocks if b.loaded):
        for t in block.tensors:
            share = made.rank_elements(block.component, t)
            assert t.elements <= share * tp, t  # nothing is lost
            assert share <= t.elements or t.role in ("embedding", "head"), t  # nothing is invented but padding
            if t.shard is None and not t.active:
                assert share == t.elements, t  # what is not cut is whole everywhere


@pytest.mark.parametrize("pp", [2, 3, 4])
def test_stages_add_up_to_the_whole(pp: int) -> None:
    """Every layer is on one stage; a tied table is on the first and the last, as vLLM loads it."""
    for model, again in (("meta-llama/Llama-3.1-8B", 0), ("meta-llama/Llama-3.2-1B-Instruct", 128256 * 2048 * 2)):
        whole, split = plan(model, "vllm"), plan(model, "vllm", pp=pp)
        sizes = [sum(w.bytes for w in share.weights) for share in split.shares]
        assert sum(sizes) == sum(w.bytes for w in whole.shares[0].weights) + again
        assert len(split.shares) == pp


def test_the_fullest_rank_decides() -> None:
    split = plan("meta-llama/Llama-3.1-8B", "vllm", pp=4)
    totals = [sum(a.band.high for a in split.amounts(share, 1, 2048)) for share in split.shares]
    assert split.total(1, 2048).high == max(totals) > min(totals)


def test_what_is_in_the_way() -> None:
    made = plan("meta-llama/Llama-3.1-8B", "transformers", batch=64, context=8192)
    gib = 1 << 30
    assert obstacle(made, 10 * gib) == "weights"
    assert obstacle(made, 30 * gib) == "kv_cache"  # 64 x 1 GiB
    assert obstacle(made, made.total(64, 8192).high - 1) == "activations"  # what comes last


def test_advice_is_worked_out() -> None:
    made = plan("meta-llama/Llama-3.1-8B", "transformers", context=8192)
    t4 = find("t4")
    (row,) = fit_table(made, [t4])
    assert not row.fits and row.obstacle == "weights" and row.needed == 2
    changes = {change.what: change for change in advice(made, t4)}
    assert set(changes) == {"precision", "gpus"}
    fp8 = plan("meta-llama/Llama-3.1-8B", "transformers", context=8192)
    assert changes["gpus"].options == "--tp 2"
    asked = fp8.deployment._replace(precision=changes["precision"].options.split()[1])
    assert make_plan(made.spec, asked).total(1, 8192).high == changes["precision"].high <= made.usable(t4)


def test_limits_by_question() -> None:
    made, gpu = plan("Qwen/Qwen3-30B-A3B", "vllm"), find("h100-sxm-80gb")
    assert limit(made, gpu, None, "concurrency", ()).concurrency == made.on(gpu).facts(1, 2048).max_concurrency
    assert limit(made, find("l4"), None, "gpus", ()).layout is not None
    assert limit(made, gpu, None, "precision", ()).precision == "bf16"
    assert limit(made, find("t4"), None, "precision", ()).precision is None
    grid = limit(made, gpu, None, None, (1024, 4096)).grid
    assert [context for context, _ in grid] == [1024, 4096] and grid[0][1] >= grid[1][1] > 0


def test_a_gpu_smaller_than_the_overhead_holds_nothing() -> None:
    (row,) = fit_table(plan("meta-llama/Llama-3.2-1B-Instruct", "vllm"), [find("g6f.large")])
    assert (row.fits, row.max_batch, row.max_context) == (False, 0, 0)


def test_a_sweep_shares_what_does_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans of one kind of GPU are made once: as many as there are kinds, not as there are GPUs."""
    made = plan("meta-llama/Llama-3.1-8B", "vllm")
    built = 0
    init = type(made).__init__

    def counted(self: Plan, *args: object) -> None:
        nonlocal built
        built += 1
        init(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(made), "__init__", counted)
    for gpu in catalogue():
        made.on(gpu).total(1, 2048)
    assert built == len({made.kind(gpu) for gpu in catalogue()}) < 40


def test_the_search_is_exact_and_takes_few_steps() -> None:
    calls = 0

    def size(n: int) -> int:
        nonlocal calls
        calls += 1
        return n * 1000 + max(0, n - 777) ** 2

    n = largest(size, 10**9, 10**6)
    assert size(n) <= 10**9 < size(n + 1)
    assert calls < 60


def test_weights_of_a_rank_are_bytes_of_its_elements() -> None:
    made = plan("meta-llama/Llama-3.1-8B", "transformers", tp=4)
    by_hand = sum(
        nbytes(made.rank_elements(b.component, t), t.dtype or "fp32") * len(b.layers)
        for b in made.stored.spec.blocks
        if b.loaded
        for t in b.tensors
    )
    assert made.weight_bytes(made.shares[0]) == by_hand


def test_layers_on_the_host_are_worked_out() -> None:
    """llama.cpp: the most layers that fit; with one more they do not."""
    made = plan("meta-llama/Llama-3.1-8B", "llama.cpp", context=32768)
    gpu = find("rtx-3060-12gb")
    changes = {change.what: change for change in advice(made, gpu)}
    name, layers = changes["offload"].options.split()
    assert name == "--n-gpu-layers"
    for n, fits in ((int(layers), True), (int(layers) + 1, False)):
        d = deploy(engine="llama.cpp", context=32768, gpu=gpu, knobs={"n_gpu_layers": n})
        assert (make_plan(made.spec, d).total(1, 32768).high <= gpu.usable_bytes) is fits
    assert changes["gpus"].options == "--pp 2"  # llama.cpp shares layers, not matrices


def test_an_engine_of_one_maker_fits_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    """TensorRT-LLM is for NVIDIA's GPUs alone."""
    llama = "meta-llama/Llama-3.1-8B"
    assert run(["calc", llama, "--engine", "tensorrt-llm", "--json"]) == 0
    fits = {row["gpu"] for row in json.loads(capsys.readouterr().out)["data"]["fit"]}
    assert "h100-sxm-80gb" in fits and not {"mi300x-192gb", "apple-m4-max-128gb"} & fits
    for command in ("calc", "max-batch", "compare"):
        assert run([command, llama, "--engine", "tensorrt-llm", "--gpu", "mi300x"]) == 1
        assert "is of AMD" in capsys.readouterr().err
    with pytest.raises(LayoutError):
        calculate_memory(llama, engine="tensorrt-llm", gpu="mi300x")


def test_a_precision_that_the_cache_or_the_pipeline_would_ignore_is_refused() -> None:
    """transformers' QuantizedCache has the compute dtype for what waits; a pipeline hears nothing and sees no film."""
    with pytest.raises(UsageError, match="--kv-precision fp8"):
        calculate_memory("meta-llama/Llama-3.1-8B", kv_precision="fp8", cache_implementation="quantized", offline=True)
    for options, said in (
        ({"audio": 5}, "--audio means nothing"),
        ({"video_frames": 8}, "--video-frames means nothing"),
    ):
        with pytest.raises(UsageError, match=said):
            make_plan(read_model("black-forest-labs/FLUX.1-dev"), deploy(**options))  # type: ignore[arg-type]
