from __future__ import annotations

import pytest

from llmmem.errors import UsageError
from llmmem.units import format_bytes, format_count, parse_bytes, parse_count


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("80GiB", 85_899_345_920),
        ("80GB", 80_000_000_000),
        ("80 gb", 80_000_000_000),
        ("80Gi", 85_899_345_920),
        ("512MiB", 536_870_912),
        ("512MB", 512_000_000),
        ("1.5TiB", 1_649_267_441_664),
        ("2TB", 2_000_000_000_000),
        ("64KiB", 65_536),
        ("64kb", 64_000),
        ("123B", 123),
        ("123bytes", 123),
        ("24", 25_769_803_776),  # a bare number is GiB
        ("0.5", 536_870_912),
        (".5GiB", 536_870_912),
        (" 24 ", 25_769_803_776),
        ("+24GiB", 25_769_803_776),
        ("0.29GB", 290_000_000),  # 0.29 has no exact binary form
        ("79.18GiB", 85_018_877_624),
        ("4096", 4_398_046_511_104),
        ("1024TiB", 1_125_899_906_842_624),
    ],
)
def test_parse_bytes(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "GiB",
        "abc",
        "80G",  # 10^9 or 2^30? not guessed
        "80 Gibs",
        "80GiB 20",
        "1,024MiB",
        "1_024",
        "1e3",
        "0x10",
        "nan",
        "NaN GiB",
        "inf",
        "-1",
        "-80GiB",
        "0",
        "0.0GiB",
        "0.1B",
        "81920",  # MiB without the unit: as GiB it would make everything fit
        "4097",
        "80000000000",
        "1025TiB",
        "9" * 400,
        "9" * 39 + "B",
        "٨٠GiB",
        "80\nGiB",
    ],
)
def test_parse_bytes_refuses(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_bytes(text)
    assert caught.value.exit_status == 2
    assert caught.value.hint
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1", 1),
        ("2048", 2048),
        ("32768", 32_768),
        ("32k", 32_768),
        ("32K", 32_768),
        ("128k", 131_072),
        ("1M", 1_048_576),
        ("1m", 1_048_576),
        ("1.5k", 1_536),
        ("0.5M", 524_288),
        ("10M", 10_485_760),
        (" 4k ", 4_096),
        ("2048.0", 2048),
        ("1048576M", 1_099_511_627_776),
    ],
)
def test_parse_count(text: str, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k",
        "abc",
        "0",
        "0k",
        "-1",
        "-32k",
        "0.1k",
        "1.5",
        "32kb",
        "32Ki",
        "32 768",
        "32,768",
        "1e5",
        "nan",
        "1G",
        "1048577M",
        "9" * 400,
        "9" * 39,
        "３２",
    ],
)
def test_parse_count_refuses(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_count(text)
    assert caught.value.exit_status == 2
    assert caught.value.hint


@pytest.mark.parametrize(
    ("size", "unit", "text"),
    [
        (13_476_831_232, "GiB", "12.55 GiB"),
        (13_476_831_232, "GB", "13.48 GB"),
        (13_476_831_232, "MiB", "12852.51 MiB"),
        (13_476_831_232, "bytes", "13,476,831,232 bytes"),
        (13_476_831_232, "auto", "12.55 GiB"),
        (1, "bytes", "1 byte"),
        (0, "auto", "0 B"),
        (0, "GiB", "0.00 GiB"),
        (1, "GiB", "<0.01 GiB"),
        (1, "GB", "<0.01 GB"),
        (5_368_708, "GiB", "<0.01 GiB"),
        (10_737_418, "GiB", "0.01 GiB"),
        (1, "auto", "1 B"),
        (1023, "auto", "1023 B"),
        (1024, "auto", "1.00 KiB"),
        (131_072, "auto", "128.00 KiB"),
        (1_048_575, "auto", "1.00 MiB"),
        (1_048_576, "auto", "1.00 MiB"),
        (1_073_741_823, "auto", "1.00 GiB"),
        (1_072_693_248, "auto", "1023.00 MiB"),
        (1_649_267_441_664, "auto", "1536.00 GiB"),
        (-536_870_912, "auto", "-512.00 MiB"),
        (-536_870_912, "GiB", "-0.50 GiB"),
        (-1, "GiB", "-<0.01 GiB"),
    ],
)
def test_format_bytes(size: int, unit: str, text: str) -> None:
    assert format_bytes(size, unit) == text


def test_format_bytes_refuses_an_unknown_unit() -> None:
    with pytest.raises(UsageError) as caught:
        format_bytes(1, "furlong")
    assert "GiB" in caught.value.hint


def test_format_bytes_defaults_to_auto() -> None:
    assert format_bytes(2**20) == "1.00 MiB"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (6_738_415_616, "6.74 B"),
        (671_026_419_200, "671.03 B"),
        (1_026_408_232_448, "1.03 T"),
        (124_439_808, "124.44 M"),
        (999_999_999, "1.00 B"),
        (999_994_999, "999.99 M"),
        (1_000, "1.00 K"),
        (999, "999"),
        (1, "1"),
        (0, "0"),
        (-1_500_000, "-1.50 M"),
    ],
)
def test_format_count(count: int, text: str) -> None:
    assert format_count(count) == text
