from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from llmmem import gpus, paths, shipped, yamlfile
from llmmem.errors import ConfigError, UsageError
from llmmem.gpus import catalogue, common, find, select
from llmmem.gpus.usable import estimate

GIB = 2**30
FILE = Path(__file__).parent.parent / "configs" / "gpus.yaml"

#: GiB programs see, copied from logs: PyTorch's total, XLA's for TPUs.
MEASURED = {
    "t4": 14.56,
    "v100-sxm2-16gb": 15.75,
    "a10g": 22.18,
    "l4": 22.16,
    "rtx-3060-12gb": 11.63,
    "rtx-3090-24gb": 23.55,
    "rtx-4090-24gb": 23.52,
    "rtx-5090-32gb": 31.35,
    "l40s": 44.39,
    "rtx-a6000-48gb": 47.43,
    "a100-pcie-40gb": 39.39,
    "a100-sxm-40gb": 39.49,
    "a100-sxm-80gb": 79.25,
    "h100-sxm-80gb": 79.18,
    "rtx-pro-6000-server-96gb": 94.97,
    "gh200-96gb": 94.5,
    "b200-sxm": 178.35,
    "b300-sxm": 267.69,
    "gb200": 184.31,
    "gb300": 276.5,
    "mi210-64gb": 63.98,
    "mi355x-288gb": 287.98,
    "rx-7900-xtx-24gb": 23.98,
    "tpu-v4": 30.75,
}

#: MiB that nvidia-smi and its likes report.
REPORTED = {
    "t4": 15360,
    "a10": 23028,
    "l4": 23034,
    "a40": 46068,
    "a100-sxm-80gb": 81920,
    "h100-sxm-80gb": 81559,
    "h200-sxm-141gb": 143771,
    "b200-sxm": 183359,
    "rtx-4090-24gb": 24564,
    "rtx-5090-32gb": 32607,
    "rtx-pro-6000-server-96gb": 97887,
    "mi300x-192gb": 196592,
}


def gpu(identifier: str) -> gpus.Gpu:
    return next(entry for entry in catalogue() if entry.id == identifier)


# The file


def test_the_catalogue_is_large_and_ids_are_unique() -> None:
    ids = [entry.id for entry in catalogue()]
    assert len(ids) >= 260
    assert len(set(ids)) == len(ids)
    assert all(identifier == identifier.lower().strip() for identifier in ids)


def test_every_entry_is_sound() -> None:
    for entry in catalogue():
        assert entry.name, entry.id
        assert entry.source, entry.id
        assert 0 < entry.usable_bytes <= entry.memory_gb * GIB, entry.id
        assert entry.usable_basis == ("estimated" if entry.usable_gib is None else "measured"), entry.id
        assert entry.usable_why.startswith(entry.usable_basis.capitalize()), entry.id
        assert entry.usable_why.endswith("."), entry.id
        assert any(digit in entry.usable_why for digit in "123456789"), entry.id
        assert entry.devices >= 1, entry.id
        assert entry.usable_bytes <= entry.memory_gb * GIB / entry.devices, entry.id
        if entry.memory_mib is not None:
            assert entry.usable_bytes <= entry.memory_mib * 2**20, entry.id
            assert 0.93 <= entry.memory_mib / 1024 / entry.memory_gb <= 1, entry.id


def test_types_are_those_of_the_fields() -> None:
    integers = ("memory_mib", "gpus_per_node", "year", "devices")
    numbers = ("memory_gb", "usable_gib", "bandwidth_gbs", "fp16_tflops", "fp8_tflops", "fp4_tflops")
    texts = ("memory_type", "interconnect", "compute_capability", "note", "id", "name", "vendor", "source")
    for entry in catalogue():
        values = entry._asdict()
        assert all(isinstance(values[key], int | None) for key in integers), entry.id
        assert all(isinstance(values[key], int | float | None) for key in numbers), entry.id
        assert all(isinstance(values[key], str | None) for key in texts), entry.id
        assert all(isinstance(alias, str) for alias in entry.aliases), entry.id
        assert values["year"] is None or 2015 <= values["year"] <= 2030, entry.id


def test_vendors_and_lines_stand_together() -> None:
    vendors = [entry.vendor for entry in catalogue()]
    runs = [vendor for position, vendor in enumerate(vendors) if position == 0 or vendors[position - 1] != vendor]
    assert len(runs) == len(set(runs))
    assert runs[:4] == ["NVIDIA", "AMD", "Intel", "Apple"]


def test_the_fast_reading_is_the_yaml() -> None:
    assert shipped.read(FILE) == yamlfile.load(FILE)


def test_other_yaml_is_read_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gpus.yaml").write_text("- id: x1\n  name: X1\n  vendor: X\n  memory_gb: 8\n  source: nowhere\n")
    monkeypatch.setattr(gpus, "configs_dir", lambda: tmp_path)
    entries = gpus._entries()
    assert entries == [{"id": "x1", "name": "X1", "vendor": "X", "memory_gb": 8, "source": "nowhere"}]


def test_a_missing_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "configs_dir", lambda: tmp_path)
    with pytest.raises(ConfigError, match=r"gpus\.yaml"):
        gpus._entries()


def test_the_catalogue_needs_no_yaml() -> None:
    code = "import sys; from llmmem.gpus import find; find('h100'); print('yaml' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


# Usable memory


def test_h100_has_79_18_gib() -> None:
    entry = gpu("h100-sxm-80gb")
    assert entry.usable_bytes == 85_018_877_624
    assert entry.usable_basis == "measured"
    assert "79.18" in entry.usable_why


@pytest.mark.parametrize(("identifier", "gib"), MEASURED.items())
def test_measured(identifier: str, gib: float) -> None:
    assert gpu(identifier).usable_basis == "measured"
    assert round(gpu(identifier).usable_bytes / GIB, 2) == gib


@pytest.mark.parametrize(("identifier", "mib"), REPORTED.items())
def test_reported(identifier: str, mib: int) -> None:
    assert gpu(identifier).memory_mib == mib


def test_estimates_never_exceed_a_measurement() -> None:
    # Two figures are the doing of software, not of the device, and no rule is made from them: the A750's driver of
    # 2022, and the default of Linux that gives Strix Halo half the memory.
    wrong = [
        entry.id
        for entry in catalogue()
        if entry.usable_gib is not None and estimate(entry)[0] > entry.usable_gib * GIB
    ]
    assert wrong == ["strix-halo-128gb", "arc-a750-8gb"]


def test_estimates_from_the_size_sold_never_exceed_a_measurement() -> None:
    # What the rule would say if no tool's total were known either.
    known = {"strix-halo-128gb", "arc-a750-8gb"}
    for entry in catalogue():
        if entry.usable_gib is not None and entry.id not in known:
            size, _ = estimate(entry._replace(memory_mib=None))
            assert size <= entry.usable_gib * GIB, entry.id


def test_estimates_are_not_absurdly_low() -> None:
    for entry in catalogue():
        if entry.usable_basis == "estimated" and not entry.unified:
            assert entry.usable_bytes >= 0.83 * entry.memory_gb / entry.devices * GIB, entry.id


@pytest.mark.parametrize(
    ("identifier", "mib"),
    [
        ("a100-pcie-80gb", 80588.8),  # 81920 - 512 - 819.2
        ("h100-pcie-80gb", 80231.41),  # 81559 - 512 - 815.59
        ("a40", 45095.32),  # 46068 - 512 - 460.68
        ("rtx-2070-8gb", 7516.98),  # 8192 x 0.99 = 8110.08, - 512 - 81.1
        ("rtx-a5500-24gb", 22115.12),  # 24576 x 0.93 = 22855.68, - 512 - 228.56: ECC may be on
        ("mi100-32gb", 32348.16),  # 32768 - 256 - 163.84
        ("r9700-32gb", 30167.12),  # 30576 - 256 - 152.88
        ("gaudi3-128gb", 121896.96),  # 131072 x 0.93
        ("tpu-v5p", 92416),  # 97280 x 0.95
        ("jetson-agx-orin-64gb", 58982.4),  # 65536 x 0.9
        ("trainium2", 21626.88),  # a quarter of 98304, x 0.88
    ],
)
def test_estimated(identifier: str, mib: float) -> None:
    entry = gpu(identifier)
    assert entry.usable_basis == "estimated"
    assert entry.usable_bytes / 2**20 == pytest.approx(mib, abs=0.01)


@pytest.mark.parametrize(
    ("identifier", "mib"),
    [
        ("apple-m1-8gb", 5460),
        ("apple-m1-pro-16gb", 10922),
        ("apple-m4-pro-24gb", 16383),
        ("apple-m3-pro-36gb", 27648),
        ("apple-m2-max-64gb", 49152),
    ],
)
def test_apple_is_the_limit_of_older_macos(identifier: str, mib: int) -> None:
    usable = gpu(identifier).usable_bytes / 2**20
    assert mib - 3 <= usable <= mib


@pytest.mark.parametrize(
    ("identifier", "newer"),
    [
        ("apple-m3-16gb", 11.84),
        ("apple-m4-16gb", 11.84),
        ("apple-m5-24gb", 17.76),
        ("apple-m5-32gb", 24.96),
        ("apple-m3-pro-36gb", 28.08),
        ("apple-m5-max-128gb", 107.52),
    ],
)
def test_what_newer_macos_gives_is_only_a_note(identifier: str, newer: float) -> None:
    entry = gpu(identifier)
    assert entry.usable_bytes < newer * GIB
    assert f"{newer} GiB" in entry.usable_why


@pytest.mark.parametrize(
    ("identifier", "devices", "gib"),
    [("mi250x-128gb", 2, 63.98), ("max-1550-128gb", 2, 63.98), ("tpu-v3", 2, 15.48), ("ascend-910c", 2, 61.27)],
)
def test_usable_is_per_device(identifier: str, devices: int, gib: float) -> None:
    assert gpu(identifier).devices == devices
    assert gpu(identifier).usable_bytes == int(gib * GIB)


def test_unified_memory_is_said_to_be_shared() -> None:
    assert "shared with the CPU" in gpu("dgx-spark-gb10").usable_why
    assert "shared with the CPU" not in gpu("h100-sxm-80gb").usable_why


def test_of_several_logs_the_safe_one_counts() -> None:
    assert gpu("mi300x-192gb").usable_gib == 191.69  # cloud; bare metal 191.98
    assert gpu("h200-sxm-141gb").usable_gib == 139.72  # 139.72 to 139.81
    assert gpu("dgx-spark-gb10").usable_gib == 119.63  # 119.63 to 121.69
    assert gpu("arc-b580-12gb").usable_gib == 11.33  # 11.33 to 11.93


# Names


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("H100", "h100-sxm-80gb"),
        ("h100-80gb", "h100-sxm-80gb"),
        ("H100 80GB", "h100-sxm-80gb"),
        ("NVIDIA H100 80GB HBM3", "h100-sxm-80gb"),
        ("h100_sxm", "h100-sxm-80gb"),
        ("NVIDIA H100 PCIe", "h100-pcie-80gb"),
        ("H100 NVL", "h100-nvl-94gb"),
        ("H200", "h200-sxm-141gb"),
        ("RTX 4090", "rtx-4090-24gb"),
        ("4090", "rtx-4090-24gb"),
        ("rtx4090", "rtx-4090-24gb"),
        ("RTX4060Ti 16GB", "rtx-4060-ti-16gb"),
        ("RX7900XTX", "rx-7900-xtx-24gb"),
        ("NVIDIA GeForce RTX 4090", "rtx-4090-24gb"),
        ("RTX 4090 24GB", "rtx-4090-24gb"),
        ("RTX 4090 Laptop", "rtx-4090-laptop-16gb"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "rtx-4090-laptop-16gb"),
        ("A100-SXM4-80GB", "a100-sxm-80gb"),
        ("NVIDIA A100 80GB PCIe", "a100-pcie-80gb"),
        ("A10G", "a10g"),
        ("Tesla T4", "t4"),
        ("Tesla V100-SXM2-32GB", "v100-sxm2-32gb"),
        ("RTX A6000", "rtx-a6000-48gb"),
        ("NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada-48gb"),
        ("RTX PRO 6000", "rtx-pro-6000-server-96gb"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "rtx-pro-6000-ws-96gb"),
        ("DGX Spark", "dgx-spark-gb10"),
        ("NVIDIA GB10", "dgx-spark-gb10"),
        ("AMD Instinct MI300X", "mi300x-192gb"),
        ("mi300x", "mi300x-192gb"),
        ("AMD Instinct MI300X VF", "mi300x-192gb"),
        ("Radeon RX 7900 XTX", "rx-7900-xtx-24gb"),
        ("7900xtx", "rx-7900-xtx-24gb"),
        ("Intel(R) Arc(TM) B580 Graphics", "arc-b580-12gb"),
        ("Apple M4 Max 128GB", "apple-m4-max-128gb"),
        ("TPU v5e", "tpu-v5e"),
        ("Gaudi 2", "gaudi2-96gb"),
        ("  L40S\n", "l40s"),
        ("L40S 48GB", "l40s"),
        ("T4 16 GB", "t4"),
        ("H100 80GB PCIe", "h100-pcie-80gb"),
        ("A100-80G", "a100-sxm-80gb"),
        ("AMD Instinct MI300X OAM", "mi300x-192gb"),
        ("Jetson Orin Nano", "jetson-orin-nano-8gb"),
    ],
)
def test_find(name: str, identifier: str) -> None:
    assert find(name).id == identifier


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("A100 40GB", "a100-pcie-40gb"),  # 39.39 GiB; SXM has 39.49
        ("a100", "a100-pcie-40gb"),
        ("NVIDIA GB300", "gb300-ws"),  # one device name, 252 GB in a DGX Station and 288 in a rack
        ("RTX 2060", "rtx-2060-6gb"),
        ("RTX 4060 Ti", "rtx-4060-ti-8gb"),
        ("M4 Max", "apple-m4-max-36gb"),
        ("Apple M1", "apple-m1-8gb"),
        ("910B", "ascend-910b4-32gb"),
    ],
)
def test_a_shared_name_is_the_one_with_the_least_memory(name: str, identifier: str) -> None:
    assert find(name).id == identifier


def test_an_id_is_always_itself() -> None:
    for entry in catalogue():
        assert find(entry.id) is entry
        assert find(entry.id.upper()) is entry


def test_every_name_and_alias_finds_an_entry_that_has_it() -> None:
    for entry in catalogue():
        for name in (entry.name, *entry.aliases):
            found = find(name)
            assert found.usable_bytes <= entry.usable_bytes or found.id == name.lower(), (name, found.id)


@pytest.mark.parametrize(
    "name",
    ["h1000", "NVIDIA", "", "   ", "ゲフォース", "rtx", "-", "RTX 3060 8GB", "RTX 6000", "80gb", "x" * 10**6],
    ids=lambda name: name[:20],
)
def test_an_unknown_name_is_refused_with_three_near_ones(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(name)
    assert caught.value.exit_status == 2
    assert len(str(caught.value)) < 200
    near = caught.value.hint.removeprefix("Nearest: ").split(". ")[0].split(", ")
    assert len(near) == len(set(near)) == 3
    assert set(near) <= {entry.id for entry in catalogue()}


def test_near_ones_are_near() -> None:
    with pytest.raises(UsageError) as caught:
        find("RTX 4091")
    assert "rtx-4090-24gb" in caught.value.hint


# Lists


def test_common_is_short_and_sorted() -> None:
    short = common()
    assert 12 <= len(short) <= 24
    assert [entry.usable_bytes for entry in short] == sorted(entry.usable_bytes for entry in short)
    ids = {entry.id for entry in short}
    assert {"t4", "l4", "a10g", "rtx-3090-24gb", "rtx-4090-24gb", "rtx-5090-32gb", "l40s"} <= ids
    assert {"a100-sxm-40gb", "a100-sxm-80gb", "rtx-pro-6000-server-96gb", "h100-sxm-80gb", "h200-sxm-141gb"} <= ids
    assert {"mi300x-192gb", "b200-sxm", "dgx-spark-gb10"} <= ids
    assert any(entry.vendor == "Apple" for entry in short)


def test_select() -> None:
    assert select() == catalogue()
    assert {entry.vendor for entry in select(vendor="amd")} == {"AMD"}
    assert {entry.vendor for entry in select(vendor="Moore Threads")} == {"Moore Threads"}
    large = select(vendor="NVIDIA", min_memory=180 * GIB)
    assert [entry.id for entry in large] == ["b300-sxm", "gb200", "gb300", "gb300-ws", "rubin-vr200"]
    assert gpu("h100-sxm-80gb") in select(min_memory=85_018_877_624)
    assert gpu("h100-sxm-80gb") not in select(min_memory=85_018_877_625)
    assert select(min_memory=2**50) == ()


def test_select_refuses_an_unknown_vendor() -> None:
    with pytest.raises(UsageError) as caught:
        select(vendor="3dfx")
    assert caught.value.exit_status == 2
    assert "NVIDIA" in caught.value.hint


# Where the files are, and the YAML reader


def test_configs_dir_of_a_checkout() -> None:
    assert (paths.configs_dir() / "gpus.yaml").samefile(FILE)


def test_configs_dir_of_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "llmmem" / "configs").mkdir(parents=True)
    (tmp_path / "configs").mkdir()
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "llmmem" / "paths.py"))
    assert paths.configs_dir() == tmp_path / "llmmem" / "configs"
    (tmp_path / "llmmem" / "configs").rmdir()
    assert paths.configs_dir() == tmp_path / "configs"


def test_yaml_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("name: é\nsizes: [1, 2.5]\n", encoding="utf-8")
    assert yamlfile.load(file) == {"name": "é", "sizes": [1, 2.5]}
    merged = "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 40))
    file.write_text("a0: &a0 {k: 1}\n" + merged)
    with pytest.raises(ConfigError, match="line 8 has more than 12 aliases"):
        yamlfile.load(file)
    file.write_text("")
    assert yamlfile.load(file) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "line 3"),
        ("a: 1\n\tb: 2\n", "line 2"),
        ("a: 1\nb: !!python/object:os.system {}\n", "line 2"),
    ],
)
def test_broken_yaml_names_the_line(text: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=rf"broken\.yaml, {line} is not valid YAML: "):
        yamlfile.load(file)


@pytest.mark.parametrize(
    "data",
    [
        b"a: 2026-13-45\n",  # ValueError: no such month
        b"a: !!int x\n",
        b"a: \xff\xfe\n",
        b"a: \x00\n",
        b"[" * 100_000,
        b"- " * 100_000,
        b"? [a, b]\n: 1\n? {c: d}\n: 2\n",
        json.dumps({"a": "b" * yamlfile.LARGEST}).encode(),
    ],
)
def test_bad_files_are_config_errors(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(data)
    with pytest.raises(ConfigError, match=r"bad\.yaml"):
        yamlfile.load(file)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        yamlfile.load(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        yamlfile.load(tmp_path)
