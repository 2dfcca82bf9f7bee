"""SGLang: pools and states as published start-up logs print them, its own choices by GPU, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from llmmem.api import calculate_memory, estimate_max_batch_size
from llmmem.engines import Band
from llmmem.engines.sglang.cells import Cells
from llmmem.engines.sglang.plan import SglangPlan
from llmmem.engines.sglang.pool import Rules, need, pools
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.fit import fit_table
from llmmem.gpus import find
from llmmem.memory.report import MemoryReport

GIB = 1 << 30
H100 = "h100-sxm-80gb"
LLAMA: dict[str, Any] = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16"}
PLAIN = Rules(1, 8192, 0, 0.8, 0.9, 3, None, True)


def report(model: Any, **options: Any) -> MemoryReport:
    return calculate_memory(model, engine="sglang", **options)


def plan(model: Any, **options: Any) -> SglangPlan:
    made = report(model, **options).plan
    assert isinstance(made, SglangPlan)
    return made


def line(made: MemoryReport, label: str) -> Band:
    found = next(x for x in made.lines if x.label == label)
    return Band(found.low, found.bytes, found.high)


def test_keys_and_values_of_a_published_log() -> None:
    """Qwen3-14B, tp 4: "#tokens: 298447, K size: 5.69 GB, V size: 5.69 GB"."""
    cell = plan("Qwen/Qwen3-14B", tensor_parallel=4).cells[0].full
    assert round(298_448 * cell / GIB, 2) == 2 * 5.69


def test_fewer_heads_than_ranks_are_repeated() -> None:
    """Nemotron 3 Nano, tp 4: "#tokens: 1557504, K size: 2.23 GB, V size: 2.23 GB" with two heads of keys."""
    made = plan("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", tensor_parallel=4)
    assert round(1_557_505 * made.cells[0].full / 2 / GIB, 2) == 2.23
    assert made.fullest(1, 2048).weights[0].bytes / GIB == pytest.approx(14.76, rel=0.01)


def test_layers_with_windows_have_a_pool_of_their_own() -> None:
    """MiMo-V2-Flash, tp 4, pages of 64: full 375360, window 300288 tokens; "K size: 8.38 GB, V size: 5.59 GB"."""
    made = plan("XiaomiMiMo/MiMo-V2-Flash", tensor_parallel=4, page_size=64)
    cell = made.cells[0]
    rest = int((cell.full + 0.8 * cell.window) * 375_360) + 1
    held = pools(rest, made.cells, made.rules, 4096)
    assert (held.tokens, held.window_tokens) == (375_360, 300_288)
    keys = (held.window_tokens + 64) * cell.window * 192 // 320
    assert round(keys / GIB, 2) == 8.38


def test_windows_without_a_pool_keep_every_token() -> None:
    cache = report("google/gemma-3-4b-it", seq_length=8192).cache
    assert cache.bytes_per_request == 8192 * 34 * 2 * 4 * 256 * 2
    assert cache.window_floor < cache.bytes_per_request


def test_state_is_fp32_and_its_convolution_bf16() -> None:
    """2.05 MiB a layer of Qwen3-Next."""
    cell = plan("Qwen/Qwen3-Next-80B-A3B-Instruct").cells[0]
    assert cell.state == 36 * (3 * 8192 * 2 + 128 * 4096 * 4)
    assert cell.full == 12 * 2 * 2 * 256 * 2


@pytest.mark.parametrize(
    ("gpu", "kv", "dtype", "token", "page"),
    [
        ("h200", "auto", "bf16", 576 * 2 + 132, 64),
        ("h200", "fp8", "fp8", 656 + 132, 64),
        ("b200", "auto", "fp8", 576 + 132, 64),
    ],
)
def test_sparse_latent_attention(gpu: str, kv: str, dtype: str, token: int, page: int) -> None:
    made = plan("deepseek-ai/DeepSeek-V3.2", tensor_parallel=8, gpu=gpu, kv_precision=kv)
    assert (made.kv_dtype, made.cells[0].full, made.settings.page) == (dtype, 61 * token, page)


def test_latent_attention_holds_its_second_projection_twice() -> None:
    made = report("deepseek-ai/DeepSeek-V2-Lite")
    assert line(made, "copies of kv_b_proj").best == 27 * 16 * (128 + 128) * 512 * 2


@pytest.mark.parametrize(
    ("gpu", "tp", "chunk", "decode", "share"),
    [
        # 81559 MiB: 512 + 1.5 x 8192 + 128 + 2 x 256 + 8 x 58 reserved
        (H100, 1, 8192, 256, 0.830),
        # 23034 MiB: 512 + 1.5 x 4096 + 512 + 2 x 160 + 8 x 50
        ("l4", 4, 4096, 160, 0.658),
    ],
)
def test_choices_by_gpu(gpu: str, tp: int, chunk: int, decode: int, share: float) -> None:
    made = plan("meta-llama/Llama-3.1-8B", gpu=gpu, tensor_parallel=tp)
    assert (made.settings.chunk, made.settings.decode) == (chunk, decode)
    assert made.fraction(2048) == pytest.approx(share, abs=0.0011)


def test_a_pool_is_what_the_share_leaves() -> None:
    made = report("meta-llama/Llama-3.1-8B", gpu=H100, mem_fraction_static=0.8)
    free = made.plan.free_before()  # type: ignore[attr-defined]
    rotary = 131_072 * 128 * 4
    rest = free - int(free * (1 - 0.8)) - made.ranks[0].weights - rotary
    assert made.cache.pool_tokens == rest // 131_072
    assert made.cache.pool_bytes == (rest // 131_072 + 1) * 131_072
    assert made.budget is not None
    assert made.budget.left + made.budget.pool + made.budget.weights < made.budget.total


def test_states_get_a_share_of_the_budget() -> None:
    cell = Cells(100, 0, 1000, ((100, None),))
    held = pools(1_900_000, [cell], PLAIN, 4096)
    assert (held.states, held.tokens, held.running) == (899, 10_000, 299)
    capped = pools(1_900_000, [cell], PLAIN._replace(running=8, radix=False, slots=1), 4096)
    assert (capped.states, capped.tokens, capped.running) == (8, 18_910, 8)


@pytest.mark.parametrize("cell", [Cells(100, 0, 1000, ()), Cells(100, 300, 0, ()), Cells(0, 300, 0, ())])
@pytest.mark.parametrize(("requests", "context"), [(1, 100), (7, 3000), (50, 20_000)])
def test_what_a_load_needs_holds_it(cell: Cells, requests: int, context: int) -> None:
    rules = PLAIN._replace(page=16, window=512 if cell.window else 0)
    asked = need(requests, context, cell, rules)
    held = pools(sum(asked), [cell], rules, context)
    if cell.full:
        assert held.tokens >= requests * rules.paged(context)
    if cell.window:
        assert held.window_tokens >= rules.windowed(requests, context)
    if cell.state:
        assert held.states >= requests * rules.slots


def test_a_batch_that_fits_is_one_the_pools_hold() -> None:
    for model, gpu in (("meta-llama/Llama-3.1-8B", "l40s"), ("openai/gpt-oss-20b", H100)):
        made = report(model, gpu=gpu, seq_length=8192)
        fit = fit_table(made.plan, (find(gpu),))[0]
        assert fit.max_batch
        assert made.cache.max_concurrency is not None
        assert 0.9 * made.cache.max_concurrency - 2 <= fit.max_batch <= made.cache.max_concurrency


def test_attention_with_ranks_of_its_own() -> None:
    model = "deepseek-ai/DeepSeek-V3"
    split = report(model, tensor_parallel=4, data_parallel=2, batch_size=64)
    whole = report(model, tensor_parallel=8, batch_size=32)
    assert split.kv_cache_bytes == whole.kv_cache_bytes
    assert split.weight_memory_bytes > whole.weight_memory_bytes


def test_without_keys_and_values_one_context_is_all() -> None:
    made = report("state-spaces/mamba-130m-hf", gpu=H100)
    assert fit_table(made.plan, (find(H100),))[0].max_batch == made.cache.max_concurrency == 1


def test_weights_are_vllms_where_classes_agree() -> None:
    for model in ("meta-llama/Llama-3.1-8B", "zai-org/GLM-4.5-Air", "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"):
        mine, other = (
            calculate_memory(model, engine=engine, tensor_parallel=4).weight_memory_bytes
            for engine in ("sglang", "vllm")
        )
        assert mine == other, model


def test_last_stages_get_the_remainder() -> None:
    made = plan("meta-llama/Llama-3.1-8B", pipeline_parallel=3)
    assert [len(stage) for stage in made.stage_layers(32)] == [10, 11, 11]
    assert [cell.full for cell in made.cells] == [40_960, 45_056, 45_056]


def test_vocabulary_is_padded_until_ranks_can_share_it() -> None:
    config = LLAMA | {"vocab_size": 32_000, "num_attention_heads": 24, "num_key_value_heads": 24, "hidden_size": 3072}
    made = plan(config | {"intermediate_size": 8064}, tensor_parallel=3)
    table = next(t for b in made.spec.blocks for t in b.tensors if t.role == "embedding")
    assert made.rank_elements("language", table) == 32_064 // 3 * 3072


def test_largest_batch_and_running_requests() -> None:
    assert estimate_max_batch_size(LLAMA, 80, 2048, engine="sglang", max_running_requests=4) == 4


@pytest.mark.parametrize(
    ("model", "options", "error"),
    [
        ("facebook/bart-large", {}, UnsupportedArchitectureError),
        ("deepseek-ai/DeepSeek-V4-Flash", {}, UnsupportedArchitectureError),
        (LLAMA, {"tensor_parallel": 3}, LayoutError),
        (LLAMA, {"expert_parallel": 2}, LayoutError),
        (LLAMA, {"kv_precision": "fp16"}, UsageError),
        (LLAMA, {"precision": "q4_k_m"}, UnsupportedArchitectureError),
        (LLAMA, {"mem_fraction_static": 1.5}, UsageError),
    ],
)
def test_refused(model: Any, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        report(model, **options)


def test_the_token_table_is_exact_only_where_the_requests_that_may_run_are() -> None:
    """2,048 to 4,096 by the size of the pools (resolve_max_num_reqs); with --max-running-requests as many as given."""

    def table(context: int = 8192, **options: Any) -> Any:
        made = calculate_memory("meta-llama/Llama-3.1-8B", engine="sglang", seq_length=context, **options).plan
        return next(a for a in made.amounts(made.shares[0], 1, context) if a.label == "token table")

    unknown, given = table(), table(gpu="h100-sxm-80gb", max_running_requests=64)
    assert unknown.basis == "estimated" and unknown.band.high == 4097 * 8196 * 4
    assert given.basis == "exact" and given.band.best == 65 * 8196 * 4
    # Some 430,000 tokens: between four and eight requests of 65,536.
    between = table(65_536, gpu="h100-sxm-80gb")
    assert between.basis == "estimated" and between.band.high == 4097 * 65_540 * 4
    assert 2049 * 65_540 * 4 < between.band.best < between.band.high


def test_a_card_of_unknown_kernels_is_said_to_be_assumed() -> None:
    card = find(H100)
    assert not any("compute capability" in note for note in report(LLAMA, gpu=H100).notes)
    made = plan(LLAMA, gpu=H100)
    unknown = SglangPlan(made.spec, made.deployment._replace(gpu=card._replace(compute_capability=None)))
    assert any("compute capability" in note for note in unknown.notes)
