"""Accelerators beyond the catalogue: users' own files, cloud instances, and this machine's."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from llmmem.errors import ConfigError, SourceUnavailableError, UsageError
from llmmem.gpus import catalogue, find, local, select
from llmmem.gpus.user import own_file, own_gpus, read

GIB, MIB = 2**30, 2**20


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_own_entries_win_and_stand_first(tmp_path: Path) -> None:
    own = own_gpus(
        write(tmp_path / "g.yaml", "- {id: Lab-Card, memory_gb: 48, vendor: NVIDIA}\n- {id: l4, memory_gb: 20}")
    )
    assert [gpu.id for gpu in own] == ["lab-card", "l4"]
    assert find("lab card", own).memory_gb == 48
    assert find("l4", own).memory_gb == 20 and find("l4").memory_gb == 24
    assert own[0].usable_bytes < 48 * GIB and own[0].usable_basis == "estimated"
    listed = select(own=own)
    assert listed[:2] == own and len(listed) == len(catalogue()) + 1


def test_measured_memory_of_an_own_entry_is_taken(tmp_path: Path) -> None:
    own = own_gpus(write(tmp_path / "g.yaml", "- {id: x, memory_gb: 48, usable_gib: 44.5}"))
    assert own[0].usable_bytes == int(44.5 * GIB)


def test_the_configuration_directory_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert own_gpus() == ()
    own_file().parent.mkdir(parents=True)
    own_file().write_text("- {id: mine, memory_gb: 8}\n- {id: both, memory_gb: 8}")
    given = write(tmp_path / "g.yaml", "- {id: both, memory_gb: 16}")
    assert [(g.id, g.memory_gb) for g in own_gpus(given)] == [("both", 16), ("mine", 8)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a list"),
        ("a: 1", "not a list"),
        ("- 7", "not an object"),
        ("- {id: x}", "lacks memory_gb"),
        ("- {memory_gb: 8}", "lacks id"),
        ("- {id: x, memory_gb: -8}", "memory_gb is '-8'"),
        ("- {id: x, memory_gb: .nan}", "memory_gb is 'nan'"),
        ("- {id: x, memory_gb: 8, gpus_per_node: 1.5}", "gpus_per_node is '1.5'"),
        ("- {id: x, memory_gb: 8, memory: 8}", "'memory' is no field"),
        ("- {id: x, memory_gb: 8}\n- {id: X, memory_gb: 9}", "'x' twice"),
        ("- {id: x, memory_gb: 8, unified: perhaps}", "unified is 'perhaps'"),
    ],
)
def test_senseless_lists_are_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        read(Path(write(tmp_path / "g.yaml", text)))
    assert caught.value.hint


def test_a_list_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="is no file"):
        own_gpus("nowhere.yaml")


@pytest.mark.parametrize(
    ("name", "gpu", "count"),
    [("p5.48xlarge", "h100-sxm-80gb", 8), ("g6.xlarge", "l4", 1), ("P4D.24XLARGE", "a100-sxm-40gb", 8)],
)
def test_instances(name: str, gpu: str, count: int) -> None:
    found = find(name)
    assert (found.usable_bytes, found.gpus_per_node) == (find(gpu).usable_bytes, count)
    assert found.id == name.lower()


def test_a_part_of_a_card_has_less() -> None:
    assert 2 * GIB < find("g6f.large").usable_bytes < 2861 * MIB
    assert find("g6f.large").usable_basis == "estimated"


def test_every_instance_is_found() -> None:
    lines = (Path(__file__).parent.parent / "configs" / "instances.yaml").read_text().splitlines()
    names = [json.loads(line[2:])["id"] for line in lines if line.startswith("- ")]
    assert len(names) == len(set(names)) > 100
    assert all(find(name).id == name for name in names)


def tools(monkeypatch: pytest.MonkeyPatch, **answers: str) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setattr(local, "_run", lambda *command: answers.get(command[0].replace("-", "_"), ""))


def test_nvidia_smi(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "NVIDIA H100 80GB HBM3, 81559, 81000\nNVIDIA A10, [N/A], [N/A]\nSome, Card, 1000, 900\n"
    tools(monkeypatch, nvidia_smi=text)
    h100, other = local.local()
    assert (h100.id, h100.usable_bytes, h100.memory_mib) == ("local:0", 81000 * MIB, 81559)
    assert h100.compute_capability == "9.0" and "559 MiB are in use" in h100.usable_why
    assert (other.name, other.usable_bytes) == ("Some, Card", 900 * MIB)
    assert find("local").usable_bytes == 900 * MIB  # the least of them, so that a verdict holds for each


def test_rocm_smi(monkeypatch: pytest.MonkeyPatch) -> None:
    card = {
        "Card Series": "AMD Instinct MI300X OAM",
        "VRAM Total Memory (B)": "206141652992",
        "VRAM Total Used Memory (B)": "1000",
    }
    tools(monkeypatch, rocm_smi=json.dumps({"card0": card, "system": {}}))
    (gpu,) = local.local()
    assert gpu.usable_bytes == 206141652992 - 1000


def test_nvml_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    tools(monkeypatch, nvidia_smi="X, 1, 1")
    nvml = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda handle: b"NVIDIA L4",
        nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(total=23034 * MIB, free=22000 * MIB),
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    (gpu,) = local.local()
    assert (gpu.name, gpu.usable_bytes, gpu.source) == ("NVIDIA L4", 22000 * MIB, "NVML")


def test_apple(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"machdep.cpu.brand_string": "Apple M4 Max\n", "hw.memsize": str(128 * GIB), "iogpu.wired_limit_mb": "0"}
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setattr(local.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(local, "_run", lambda *command: answers.get(command[-1], ""))
    assert local.local()[0].usable_bytes <= 96 * GIB
    answers["iogpu.wired_limit_mb"] = "120000"
    assert local.local()[0].usable_bytes == 120000 * MIB


def test_a_machine_without_accelerators(monkeypatch: pytest.MonkeyPatch) -> None:
    tools(monkeypatch)
    with pytest.raises(SourceUnavailableError, match="shows no accelerator"):
        find("local")
