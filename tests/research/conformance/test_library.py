"""The library's table: its rows, its documentation, and that a wrong value is found."""

import re
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from research.conformance.library import CASES, columns, compared, folded, fresh, library_rows
from research.conformance.market import market
from tests.research.conformance.samples import DOCUMENT
from tests.research.conformance.samples import market as random_market

SECTION = DOCUMENT.read_text().partition("## Library")[2].partition("## Conformance")[0]


def test_every_value_has_a_name_of_its_own() -> None:
    names = [name for case in CASES for name in case.values]
    assert len(names) == len(set(names))


def test_every_indicator_conforms_on_a_random_market() -> None:
    rows = list(library_rows({"5m": market(random_market(2, 1440)).bars["5m"]}))
    assert [row.feature for row in rows] == [name for case in CASES for name in case.values]
    assert [row for row in rows if not row.conforms or row.bars == 0] == []


def test_a_wrong_value_is_found() -> None:
    bars = columns(market(random_market(2, 300)).bars["1m"])
    case = next(case for case in CASES if case.name == "macd")
    wrong = replace(case, reference=lambda *given: [x + 1e-3 for x in case.reference(*given)])
    assert [row.conforms for row in compared(case, bars, case.periods, "1m")] == [True] * 3
    assert [row.conforms for row in compared(wrong, bars, case.periods, "1m")] == [False] * 3


def documented() -> dict[str, list[str]]:
    """The cells of each indicator's row, by its function."""
    rows = [line.strip("| ").split(" | ") for line in SECTION.splitlines() if "`fold_x" not in line]
    return {row[1].strip("`"): row for row in rows if len(row) == 6 and ".fold_" in row[1]}


def test_every_indicator_is_documented() -> None:
    assert documented().keys() == {f"{case.module}.fold_{case.name}" for case in CASES}
    for name, cells in documented().items():
        module = import_module(f"signalengine.library.{name.partition('.')[0]}")
        assert [one for one in re.findall(r"`(\w+)`", cells[2]) if not hasattr(module, one)] == []


def test_the_documented_first_bar_is_the_real_one() -> None:
    """Where it is a number, or a sum of the periods."""
    bars = columns(market(random_market(2, 100)).bars["1m"])
    checked = 0
    for case in CASES:
        text = documented()[f"{case.module}.fold_{case.name}"][4].partition(";")[0]
        names = ("fast", "slow", "signal") if case.name == "macd" else ("n", "smooth", "signal")
        known = dict(zip(names, case.periods, strict=False))
        formula = text.replace("−", "-").replace("2 n", "2 * n")
        if set(re.findall("[a-z]+", formula)) <= known.keys():
            row = next(compared(case, bars, case.periods, "1m"))
            assert row.first == eval(formula, {}, known), case.name  # noqa: S307 - of our document
            checked += 1
    assert checked >= len(CASES) - 2


def test_the_documented_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - of our own documentation
    assert (names["broken"], names["trend"]) == (False, pytest.approx(307.0 / 3.0))


def test_the_table_folds_what_it_names() -> None:
    bars = columns(market(random_market(2, 60)).bars["1m"])
    case = next(case for case in CASES if case.name == "donchian")
    s, at = fresh(case)
    upper, _, lower = folded(case, s, at, bars, (20.0,))[-1]
    assert (upper, lower) == (np.max(bars["high"][-20:]), np.min(bars["low"][-20:]))
