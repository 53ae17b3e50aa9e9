"""What the fault bench measured, on its page."""

from dataclasses import asdict
from typing import Any

import pytest

from infra.cli.local.faults_page import BEGIN, END, published
from infra.local.faults.evaluation import Verdict

PAGE = f"# Bad days\n\n{BEGIN}\nwhat was there\n{END}\n\nand what stays\n"


def report(*verdicts: Verdict, source: str = "klines") -> dict[str, Any]:
    return {
        "source": source, "speed": 1.0, "jobs": 40, "symbols": ["BTCUSDT"], "wall_s": 600.0,
        "start": 1_747_634_100_000,
        "rows": [{**asdict(one), "passed": one.passed} for one in verdicts],
    }  # fmt: skip


def test_the_tables_are_between_the_markers_with_their_conditions() -> None:
    good = Verdict("stall", "a socket | stalls", 15, decisions=4, noticed_s=3.56, latest_s=3.58)
    bad = Verdict("none", "nothing", 15, lost=["BTCUSDT 1"], problem="late\nand more")
    page = published(
        PAGE, [(report(good), "2026-01-05"), (report(bad, source="sim"), "2026-01-06")]
    )
    lines = page.splitlines()
    assert lines[0] == "# Bad days"
    assert lines[-1] == "and what stays"
    assert "what was there" not in page
    assert "| `stall` | a socket \\| stalls | 3.6 s | 3.6 s | 0 | 0 | 4 equal |  |" in lines
    assert "| `none` ✗ | nothing | – | – | 1 | 0 | – | late |" in lines
    assert any(line.startswith("A recorded day, 2025-05-19 from 05:55 UTC") for line in lines)
    assert any(line.startswith("The simulated market") for line in lines)
    assert published(page, [(report(good), "2026-01-05")]).count("| fault |") == 1


def test_a_later_measurement_replaces_the_earlier_one() -> None:
    first, again, other = (
        Verdict("stall", "a", 15, noticed_s=9.0), Verdict("stall", "a", 15, noticed_s=3.0),
        Verdict("none", "b", 15),
    )  # fmt: skip
    page = published(PAGE, [(report(first, other), "2026-01-05"), (report(again), "2026-01-06")])
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert [row.split("|")[1].strip() for row in rows] == ["`stall`", "`none`"]
    assert "3.0 s" in rows[0]
    assert "2 scenarios, 2 at a time" in page
    assert "20 minutes in all, on 2026-01-06" in page


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- measured -->"):
        published("# Bad days\n", [])
