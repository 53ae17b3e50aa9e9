"""Facts laid out for the compiled loop: repeated ones change nothing, mixed ones are refused."""

import numpy as np
import pytest
from signalengine.facts.stream import HistoryFact

from research.backtest.run import run_facts
from research.data.errors import DataError
from tests.research.backtest.walks import EAGER, facts_of, walk


def test_facts_that_came_twice_change_nothing() -> None:
    facts = list(facts_of(walk(1, 4600), 4000))
    again = [fact for fact in facts for _ in range(2)]
    once, twice = run_facts(facts, EAGER), run_facts(again, EAGER)
    assert np.array_equal(once.decision_rows, twice.decision_rows, equal_nan=True)
    assert once.signals == twice.signals


def test_facts_of_two_symbols_are_refused() -> None:
    facts = [HistoryFact("BTCUSDT", "1m", (), "live"), HistoryFact("ETHUSDT", "1m", (), "live")]
    with pytest.raises(DataError, match="one symbol"):
        run_facts(facts)
