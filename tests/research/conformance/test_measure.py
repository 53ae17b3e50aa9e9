"""The features equal their references, and the comparison finds what is wrong."""

import re

import numpy as np
import pytest
from signalengine.intervals import INTERVALS
from signalengine.snapshot import CONTEXT, NAMES

from research.conformance.market import with_flows
from research.conformance.measure import Row, compare, measure
from research.data.loader import load
from tests.paths import RECORDINGS
from tests.research.conformance.samples import DOCUMENT, market

REAL = RECORDINGS


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(measure(with_flows(market())))


def test_every_feature_conforms_on_a_random_market(rows: list[Row]) -> None:
    assert len(rows) == len(INTERVALS) * len(NAMES) + len(CONTEXT)
    assert [row for row in rows if not row.conforms] == []
    few = [row.place for row in rows if row.bars == 0]
    assert set(few) <= {"4h", "1d"}, "a walk of days has too few of these"


def test_every_feature_conforms_on_recorded_bars() -> None:
    if not REAL.exists():
        pytest.skip("no recorded bars beside the project")
    table = load(REAL, "XRPUSDT", "2025-05-19", "2025-05-23")
    assert [row for row in measure(with_flows(table)) if not row.conforms] == []


def test_a_wrong_feature_is_detected() -> None:
    ours = np.array([np.nan, 1.0, 2.0, 3.0])
    assert compare("rsi", "1m", "", ours, ours).conforms
    off = compare("rsi", "1m", "", ours, ours * (1.0 + 1e-8))
    assert (off.beyond, off.conforms) == (3, False)
    late = compare("rsi", "1m", "", ours, np.array([np.nan, np.nan, 2.0, 3.0]))
    assert (late.undefined, late.first, late.conforms) == (1, 2, False)


def test_only_a_proved_tie_excuses_another_level() -> None:
    ours, theirs = np.array([5.0, 5.0]), np.array([5.0, 6.0])
    assert compare("poc", "1m", "", ours, theirs, np.array([False, True])).conforms
    assert not compare("poc", "1m", "", ours, theirs, np.array([True, False])).conforms


def documented() -> dict[str, list[str]]:
    """The cells of each feature's row in the tables of definitions."""
    text = DOCUMENT.read_text().split("## Library")[0]
    found = re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.M)
    assert len({name for name, _ in found}) == len(found)
    return {name: cells.split(" | ") for name, cells in found}


def test_every_feature_is_documented() -> None:
    assert set(documented()) == {*NAMES, *CONTEXT}
    assert all(cell.strip() for cells in documented().values() for cell in cells)


def test_the_documented_warm_up_is_the_real_one(rows: list[Row]) -> None:
    """Of prices and volumes: a swing may come later than it could."""
    known = {row.feature: row.first for row in rows if row.place in ("1m", "context")}
    later = {"swing_high", "swing_low"}
    for name, cells in documented().items():
        number = cells[3] if name in NAMES else cells[2]
        if number.isdigit() and name not in later and not name.startswith(("liq", "oi")):
            least = int(number)
            assert known[name] == least, name
