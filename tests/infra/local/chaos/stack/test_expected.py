"""What is expected is the backtest of the records; a feed with a hole has none."""

from dataclasses import replace
from typing import Any, cast

import pytest
from signalengine.facts.stream import BarsFact
from signalengine.intervals import MINUTE_MS

from infra.local.chaos.stack import expected as expectation
from infra.local.chaos.stack.evidence import Evidence
from infra.local.chaos.stack.expected import expected, undisturbed
from infra.local.stack.options import RunOptions
from tests.research.backtest.walks import EAGER, START, facts_of, live, walk

from .samples import evidence

FACTS = list(facts_of(walk(7, 4_600), 4_000))
DECISIONS, SIGNALS = live(FACTS, EAGER)


def seen(facts: Any, decisions: Any, signals: Any) -> Evidence:
    clean = evidence()
    rows = replace(clean.seen, decisions=decisions, signals=signals)
    return replace(clean, seen=rows, facts={"BTCUSDT": facts})


def test_what_is_stored_as_the_backtest_has_it_does_not_differ() -> None:
    found = expected(seen(FACTS, DECISIONS, SIGNALS), EAGER, None)
    assert (found.problem, found.differences) == ("", [])
    assert found.decisions == len(DECISIONS) > 0
    assert {one.signal_id for one in found.signals} == {one.signal_id for one in SIGNALS}


def test_a_decision_that_is_not_stored_differs() -> None:
    found = expected(seen(FACTS, DECISIONS[1:], SIGNALS), EAGER, None)
    assert [(one.field, one.live, one.again) for one in found.differences] == [
        ("presence", False, True)
    ]


def test_records_that_come_again_change_nothing() -> None:
    again = [one for fact in FACTS for one in [fact] * (1 + isinstance(fact, BarsFact))]
    assert expected(seen(again, DECISIONS, SIGNALS), EAGER, None).differences == []


def test_a_history_with_new_bars_in_mid_stream_is_a_problem() -> None:
    late = replace(cast("Any", FACTS[0]), interval="1m", bars=(cast("Any", FACTS[-1]).bars[0],))
    found = expected(seen([*FACTS[:-1], late], DECISIONS, SIGNALS), EAGER, None)
    assert "a history brings bars up to" in found.problem


def test_a_recording_has_signals_of_its_own_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    table = walk(7, 4_600)
    monkeypatch.setattr(expectation, "load_each", lambda _source, _symbols, end: [table])
    begin, end = START + 4_000 * MINUTE_MS, START + 4_600 * MINUTE_MS
    options = RunOptions(source="recordings", start=str(begin), end=str(end))
    found = undisturbed(options, ["BTCUSDT"], EAGER, None)
    assert found is not None
    assert {one.signal_id for one in found} == {one.signal_id for one in SIGNALS}
    assert undisturbed(RunOptions(source="sim"), ["BTCUSDT"], EAGER, None) is None
