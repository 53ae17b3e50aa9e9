"""Repairs are counted by kind and series."""

from research.data.repairs import Repair, joined

MINUTE = 60_000
START = 1_769_904_000_000
"""2026-02-01 00:00 UTC."""


def test_repairs_of_one_kind_and_series_are_joined() -> None:
    found = joined(
        [
            Repair("gap", "bars", 2, START + MINUTE, START + 2 * MINUTE),
            Repair("duplicate", "bars", 1, START, START),
            Repair("gap", "bars", 3, START, START + 9 * MINUTE),
            Repair("gap", "mark", 1, START, START),
        ]
    )
    assert [(one.kind, one.series, one.count) for one in found] == [
        ("gap", "bars", 5),
        ("duplicate", "bars", 1),
        ("gap", "mark", 1),
    ]
    assert (found[0].first, found[0].last) == (START, START + 9 * MINUTE)


def test_a_repair_is_written_with_its_span() -> None:
    assert str(Repair("gap", "bars", 2, START, START + MINUTE)) == (
        "gap: 2 of bars, 2026-02-01 00:00 .. 2026-02-01 00:01 UTC"
    )
    assert str(Repair("gap", "bars", 1, START, START)) == "gap: 1 of bars, 2026-02-01 00:00 UTC"
