"""compute_features on fakes: bars, then evaluations, then the state; a repeat changes nothing."""

from dataclasses import replace

import pytest
from signalengine.errors import TransientError
from signalengine.facts.stream import encode
from signalengine.policy import default_policy
from signalengine_aws.application.compute_features import (
    ComputeFeatures,
    Report,
    newest_close,
    read_facts,
)
from signalengine_aws.messaging.records import Record
from signalengine_aws.runtime.retries import TRIES

from tests.aws.fakes import Journal, MemoryBars, MemoryEvaluations, MemoryStates
from tests.aws.market import bars_facts, heartbeat, history
from tests.functions.test_compute_features import BEFORE, warm

SYMBOL, OTHER = "ETHUSDT", "BTCUSDT"
NEXT = bars_facts(SYMBOL, BEFORE + 2)[BEFORE:]


def record(data: bytes, number: int = 0) -> Record:
    return Record(data, SYMBOL, str(number))


class Case:
    """Warm states of two symbols, and three stores with a common journal."""

    def __init__(self) -> None:
        self.journal: Journal = []
        self.states = MemoryStates(self.journal)
        self.bars = MemoryBars(self.journal)
        self.evaluations = MemoryEvaluations(self.journal)
        for symbol in (SYMBOL, OTHER):
            self.states.items[symbol] = warm(symbol, BEFORE)
        self.restart()

    def restart(self) -> None:
        self.use_case = ComputeFeatures(
            states=self.states, bars=self.bars, events=self.evaluations,
            policy=default_policy(), workers=0,
        )  # fmt: skip

    def commit(self, *data: bytes) -> Report:
        groups, refused = read_facts(record(one, n) for n, one in enumerate(data))
        assert refused == []
        return self.use_case.commit(groups)


@pytest.fixture
def case() -> Case:
    return Case()


def test_bars_are_written_before_evaluations_and_these_before_the_state(case: Case) -> None:
    report = case.commit(*(encode(fact) for fact in NEXT))
    kinds = [row[0] for row in case.journal]
    assert report.events > 0
    assert kinds == sorted(kinds, key=("bar", "evaluation", "state").index)
    assert kinds.count("state") == 1


def test_symbols_to_be_scored_are_stored_before_the_bulk_of_bars(case: Case) -> None:
    quiet, busy = bars_facts(OTHER, BEFORE + 1)[BEFORE], NEXT
    report = case.commit(encode(quiet), *(encode(fact) for fact in busy))
    symbols = [row[1] for row in case.journal]
    assert {one.symbol for one in case.evaluations.items.values()} == {SYMBOL}
    assert symbols == sorted(symbols, key=(SYMBOL, OTHER).index)
    assert report.bars == sum(len(fact.bars) for fact in (quiet, *busy))
    for symbol in (SYMBOL, OTHER):
        kinds = [row[0] for row in case.journal if row[1] == symbol]
        assert kinds == sorted(kinds, key=("bar", "evaluation", "state").index)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_repeated_batch_changes_nothing(case: Case, restarted: bool) -> None:
    batch = [encode(fact) for fact in NEXT]
    case.commit(*batch)
    before = dict(case.states.items), dict(case.bars.items), dict(case.evaluations.items)
    if restarted:
        case.restart()
    report = case.commit(*batch)
    assert (report.bars, report.events) == (0, 0)
    assert (case.states.items, case.bars.items, case.evaluations.items) == before


def test_a_state_that_changed_meanwhile_is_read_again(case: Case) -> None:
    later = warm(SYMBOL, BEFORE + 1)

    def race(_symbol: str) -> None:
        case.states.before_put = lambda _symbol: None
        case.states.items[SYMBOL] = later

    case.states.before_put = race
    report = case.commit(*(encode(fact) for fact in NEXT))
    assert (report.failed, report.bars) == ({}, len(NEXT[1].bars))
    stored = case.states.items[SYMBOL]
    assert replace(stored, evaluated=0) == warm(SYMBOL, BEFORE + 2)
    assert stored.evaluated == max(one.close_time for one in case.evaluations.items.values())


def test_a_state_that_always_changes_is_a_transient_error(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalengine_aws.runtime.retries.random.uniform", lambda _a, _b: 0.0)
    tries = []

    def race(symbol: str) -> None:
        tries.append(symbol)
        known = case.states.items[symbol]
        case.states.items[symbol] = replace(known, last=known.last + 1)

    case.states.before_put = race
    report = case.commit(encode(NEXT[0]))
    assert isinstance(report.failed[SYMBOL], TransientError)
    assert len(tries) == TRIES


def test_a_failure_of_one_symbol_does_not_affect_the_others(case: Case) -> None:
    case.bars.faults[OTHER] = TransientError("throttled")
    other = bars_facts(OTHER, BEFORE + 1)[BEFORE]
    report = case.commit(encode(NEXT[0]), encode(other))
    assert report.failed.keys() == {OTHER}
    assert report.bars == len(NEXT[0].bars)
    assert case.states.items[OTHER] == warm(OTHER, BEFORE)


def test_bars_of_an_unknown_symbol_are_dead_lettered_until_its_history_arrives(
    case: Case,
) -> None:
    del case.states.items[SYMBOL]
    report = case.commit(encode(NEXT[0]))
    assert "no history came before" in report.refused[0].reason
    case.commit(*(encode(fact) for fact in history(SYMBOL)))
    assert case.commit(encode(bars_facts(SYMBOL, 1)[0])).refused == []


def test_a_second_different_bar_of_a_minute_is_counted_and_not_stored(case: Case) -> None:
    case.commit(encode(NEXT[0]))
    bar = replace(NEXT[0].bars[0], close=NEXT[0].bars[0].close + 0.01)
    report = case.commit(encode(replace(NEXT[0], bars=(bar, *NEXT[0].bars[1:]))))
    assert report.differences == 1
    assert case.bars.items[SYMBOL, "1m", bar.open_time] == NEXT[0].bars[0]


def test_a_malformed_record_is_dead_lettered_with_its_reason_and_the_rest_is_read() -> None:
    good, bad = record(encode(NEXT[0])), record(b'{"v": 1, "kind": "bars"}', 1)
    foreign = record(encode(heartbeat(NEXT[0].close_time)), 2)
    groups, refused = read_facts([bad, good, foreign])
    assert [letter.record for letter in refused] == [bad]
    assert refused[0].reason
    assert [one for one, _ in groups[SYMBOL]] == [good]
    assert newest_close(groups) == NEXT[0].close_time
