"""Which sets run, and compute_features with them: the same from any batches and after any crash."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine.facts.stream import BarsFact, Fact, HistoryFact, encode
from signalengine.fold import SymbolState, advance
from signalengine.intervals import MINUTE_MS
from signalengine.policy import CLASSIC, default_policy
from signalengine.signals import Evaluation
from signalengine.strategy.buffer import COUNT
from signalengine.strategy.lifecycle import CLASSIC_ALONE, UNCHANGED_CLASSIC
from signalengine.strategy.set_states import Buffers, advance_sets, to_bytes
from signalengine.strategy.sets import StrategySet
from signalengine_aws.application.compute_features import ComputeFeatures, Report, read_facts
from signalengine_aws.application.sets.running_sets import REGISTRY_MS, RunningSets
from signalengine_aws.messaging.records import Record

from tests.aws.fakes import MemoryCheckpoints, MemoryGroups, MemoryLog
from tests.aws.market import START, bars_facts, history
from tests.aws.sets import MemoryRegistry, MemorySetStates, deploy, registered, sets_of
from tests.aws.world import Crash
from tests.core.strategy.texts import RUNNER

SYMBOLS = ("ETHUSDT", "BTCUSDT")
MINUTES = 22
PAST = [fact for symbol in SYMBOLS for fact in history(symbol)]
RAISES = RUNNER.replace('name="runner"', 'name="raising"').replace(
    "    s[PRICE] = bar[CLOSE]\n", "    s[PRICE] = bar[CLOSE] / (s[SEEN] - 9.0 * p[PART])\n"
)
"""With part = 1 it divides by zero at the second close, which comes before its tenth minute."""


class Deaths(list[tuple[Any, ...]]):
    """A journal; the process dies before its write number `at`."""

    at = -1

    def append(self, row: tuple[Any, ...]) -> None:
        self.at -= 1
        if self.at == -1:
            raise Crash(row[0])
        super().append(row)


@dataclass
class Evaluations:
    """Evaluations by set, symbol and close: the first stays."""

    journal: list[tuple[Any, ...]]
    items: dict[tuple[str, str, int], Evaluation] = field(default_factory=dict)

    def put(self, one: Evaluation) -> bool:
        self.journal.append(("evaluation", one.symbol, one.close_time))
        return self.items.setdefault((one.strategy, one.symbol, one.close_time), one) is one


class Case:
    """Two symbols in one group, and some sets of the runner."""

    def __init__(self, *sets: StrategySet) -> None:
        self.journal = Deaths()
        self.registry = MemoryRegistry({one.key: registered(one) for one in sets})
        self.log = MemoryLog(self.journal)
        self.groups = MemoryGroups(16)
        self.states = MemoryCheckpoints(self.journal)
        self.set_states = MemorySetStates(self.log, self.journal)
        self.evaluations = Evaluations(self.journal)
        self.now = START
        self.restart()

    def restart(self) -> None:
        self.sets = RunningSets(self.registry, "compute_features", lambda: self.now)
        self.use_case = ComputeFeatures(
            log=self.log, groups=self.groups, states=self.states, events=self.evaluations,
            policy=default_policy(), send_letters=len, workers=0, sets=self.sets,
            set_states=self.set_states,
        )  # fmt: skip

    def commit(self, *facts: Fact, first: int = 0) -> Report:
        records = (
            Record(encode(fact), getattr(fact, "symbol", ""), f"{number:06}")
            for number, fact in enumerate(facts, first)
        )
        return self.use_case.commit(read_facts(records)[0])

    def later(self) -> None:
        self.now += REGISTRY_MS

    def stored(self, key: str) -> list[Evaluation]:
        return [one for (name, _, _), one in sorted(self.evaluations.items.items()) if name == key]

    def buffers(self, one: StrategySet) -> dict[str, bytes]:
        """What a process that begins now has."""
        self.restart()
        for symbol in SYMBOLS:
            self.commit(bars_facts(symbol, 1)[0])
        members = self.use_case._cache[0].members
        return {symbol: to_bytes(one, members[symbol].sets[one.key]) for symbol in SYMBOLS}


@pytest.fixture
def sets(monkeypatch: pytest.MonkeyPatch) -> list[StrategySet]:
    return sets_of(deploy(monkeypatch, runner=RUNNER, raising=RAISES)["runner"], 0.1, 0.9)


def stream(minutes: int = MINUTES) -> list[BarsFact | HistoryFact]:
    each = [bars_facts(symbol, minutes) for symbol in SYMBOLS]
    return [*PAST, *(fact for minute in zip(*each, strict=True) for fact in minute)]


def expected(
    sets: list[StrategySet], facts: list[BarsFact | HistoryFact], begin: int = 0
) -> tuple[dict[tuple[str, str, int], Evaluation], dict[str, Buffers]]:
    """What a plain fold of the stream makes of it, in which the sets begin at a place."""
    states = {symbol: SymbolState.fresh(symbol) for symbol in SYMBOLS}
    buffers: dict[str, Buffers] = {symbol: {} for symbol in SYMBOLS}
    found: dict[tuple[str, str, int], Evaluation] = {}
    for number, fact in enumerate(facts):
        step = advance(states[fact.symbol], fact, default_policy())
        states[fact.symbol] = step.state
        done = advance_sets(sets if number >= begin else (), buffers[fact.symbol], fact, step.state)
        buffers[fact.symbol] = done.buffers
        both = [*done.evaluations, *([step.evaluation] if step.evaluation else [])]
        found |= {(one.strategy, one.symbol, one.close_time): one for one in both}
    return found, buffers


def play(
    case: Case, facts: list[BarsFact | HistoryFact], chance: random.Random, first: int = 0
) -> None:
    """Commit facts in any batches, of which some die, and after which some facts come again."""
    at = 0
    while at < len(facts):
        size = chance.randint(1, 9)
        case.journal.at = chance.randint(0, 11) if chance.random() < 0.3 else -1
        case.now += chance.choice([0, REGISTRY_MS])
        try:
            report = case.commit(*facts[at : at + size], first=first + at)
        except Crash:
            case.journal.at = -1
            case.restart()
            at = max(0, at - chance.randint(0, 3))
            continue
        assert report.failed == {}
        at += size
    case.journal.at = -1


@pytest.mark.parametrize("seed", range(10))
def test_any_batches_and_crashes_give_what_one_fold_gives(
    sets: list[StrategySet], seed: int
) -> None:
    case, facts = Case(*sets), stream()
    play(case, facts, random.Random(seed))
    evaluations, buffers = expected(sets, facts)
    assert case.evaluations.items == evaluations
    for one in sets:
        assert case.stored(one.key)
        assert case.buffers(one) == {
            symbol: to_bytes(one, buffers[symbol][one.key]) for symbol in SYMBOLS
        }


def history_again(minutes: int) -> list[HistoryFact]:
    """What the ingest task sends when it starts again after some minutes."""
    facts = []
    for symbol in SYMBOLS:
        live = [bar for fact in bars_facts(symbol, minutes) for bar in fact.bars]
        facts += [
            replace(
                past, bars=past.bars + tuple(bar for bar in live if bar.interval == past.interval)
            )
            for past in history(symbol)
        ]
    return facts


@pytest.mark.parametrize("seed", range(6))
def test_a_set_that_began_late_is_warm_after_the_next_history(
    sets: list[StrategySet], seed: int
) -> None:
    """It begins on the bars of eight minutes, too few for it; history comes after nine."""
    case, late, again = Case(), len(PAST) + 8 * len(SYMBOLS), len(PAST) + 9 * len(SYMBOLS)
    plain = stream()
    case.commit(*plain[:late])
    case.registry.items = {one.key: registered(one) for one in sets}
    case.later()
    rest = [*plain[late:again], *history_again(9), *plain[again:]]
    play(case, rest, random.Random(seed), first=500)
    _, buffers = expected(sets, [*plain[:again], *history_again(9), *plain[again:]], len(PAST))
    for one in sets:
        assert case.buffers(one) == {
            symbol: to_bytes(one, buffers[symbol][one.key]) for symbol in SYMBOLS
        }
        assert all(buffers[symbol][one.key][COUNT] > 300 for symbol in SYMBOLS)


def test_without_registered_sets_nothing_is_stored_that_was_not_before() -> None:
    case = Case()
    case.commit(*stream())
    assert case.sets.running() == CLASSIC_ALONE
    assert {row[0] for row in case.journal} == {"entry", "evaluation", "bars", "state"}
    assert case.registry.reads <= 2


def test_a_set_is_written_with_its_symbol_and_only_when_it_has_changed(
    sets: list[StrategySet], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = deploy(monkeypatch, slow=SLOW)["slow"]
    slow, fast = sets_of(loaded, 0.1)[0], sets[0]
    case = Case(slow, fast)
    case.commit(*stream(0))
    case.journal.clear()
    minutes = 50
    for number, fact in enumerate(stream(minutes)[len(PAST) :]):
        case.commit(fact, first=100 + number)
    written = dict.fromkeys((slow.key, fast.key), 0)
    for row in case.journal:
        if row[0] == "set":
            written[row[1]] += 1
    symbols = sum(row[0] == "state" for row in case.journal)
    assert written[fast.key] == symbols
    assert 0 <= written[slow.key] <= len(SYMBOLS)  # one close of an hour at most


SLOW = (
    RUNNER.replace('name="runner"', 'name="slow"')
    .replace('every="5m"', 'every="1h"')
    .replace('"1m": 6, "5m": 2,', '"1h": 2,')
    .replace("def fold_1m(", "def fold_1h(")
)
SLOW = SLOW[: SLOW.index("def fold_5m")] + SLOW[SLOW.index("def entry") :]


def test_a_set_that_raises_is_parked_with_its_reason_and_the_others_go_on(
    sets: list[StrategySet], monkeypatch: pytest.MonkeyPatch
) -> None:
    raising = sets_of(deploy(monkeypatch, runner=RUNNER, raising=RAISES)["raising"], 1.0)[0]
    alone, beside = Case(*sets), Case(raising, *sets)
    facts = [fact for fact in stream() if isinstance(fact, BarsFact) or fact.interval != "1m"]
    reports = []
    for case in (alone, beside):
        for number, fact in enumerate(facts):
            report = case.commit(fact, first=number)
            assert report.failed == {}
            reports.append(report.parked)
            case.now += MINUTE_MS // 2
    parked = beside.registry.items[raising.key]
    line = RAISES[: RAISES.index("/ (s[SEEN]")].count("\n") + 1
    why = f"raising.py, line {line}: ZeroDivisionError: float division by zero"
    assert (parked.status, parked.reason, parked.resumes) == ("parked", why, "shadow")
    assert [who for who, _ in beside.registry.changes] == ["compute_features"]
    assert [one for one in reports if one] == [{raising.key: why}]
    others = {key: one for key, one in beside.evaluations.items.items() if key[0] != raising.key}
    assert others == alone.evaluations.items


def test_a_parking_that_cannot_be_stored_is_stored_later(sets: list[StrategySet]) -> None:
    registry = MemoryRegistry({one.key: registered(one) for one in sets})
    running = RunningSets(registry, "me", lambda: 0)
    assert [one.key for one in running.running().sets] == ["runner@s0", "runner@s1"]
    registry.fault = TransientError("throttled")
    running.park("runner@s0", "it raised")
    assert [one.key for one in running.running().sets] == ["runner@s1"]
    assert registry.items["runner@s0"].status == "shadow"
    registry.fault = None
    assert [one.key for one in running.running().sets] == ["runner@s1"]
    assert registry.items["runner@s0"].reason == "it raised"
    running.park("runner@s0", "again")  # it is parked already
    assert registry.items["runner@s0"].reason == "it raised"


def test_a_set_whose_strategy_is_missing_or_has_changed_is_parked(
    sets: list[StrategySet], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = MemoryRegistry({
        "runner@s0": registered(sets[0]),
        "runner@s1": replace(registered(sets[1], "live"), digest="0" * 12),
        "gone": replace(registered(sets[0]), name="gone", text='{"strategy": "gone"}'),
    })  # fmt: skip
    running = RunningSets(registry, "me", lambda: 0)
    assert [one.key for one in running.running().sets] == ["runner@s0"]
    assert "was registered as 000000000000" in registry.items["runner@s1"].reason
    assert registry.items["runner@s1"].resumes == "live"
    assert "there is no strategy 'gone'" in registry.items["gone"].reason


def test_the_registry_is_read_once_a_minute_and_the_same_answer_is_the_same_object(
    sets: list[StrategySet],
) -> None:
    now = [0]
    registry = MemoryRegistry({sets[0].key: registered(sets[0])})
    running = RunningSets(registry, "me", lambda: now[0])
    first = running.running()
    now[0] = REGISTRY_MS - 1
    assert running.running() is first
    assert registry.reads == 1
    now[0] = REGISTRY_MS
    assert running.running() is first
    assert registry.reads == 2
    registry.act(sets[0].key, "retire")
    now[0] = 2 * REGISTRY_MS
    assert running.running() == CLASSIC_ALONE


def test_sets_that_begin_while_bars_come_take_the_stored_ones(sets: list[StrategySet]) -> None:
    case, facts = Case(), stream()
    case.commit(*facts[:-2])
    case.registry.items[sets[1].key] = registered(sets[1])
    case.later()
    case.commit(*facts[-2:], first=900)
    _, whole = expected(sets, facts, begin=len(PAST))
    assert case.buffers(sets[1]) == {
        symbol: to_bytes(sets[1], whole[symbol][sets[1].key]) for symbol in SYMBOLS
    }


def test_classic_may_be_off_and_costs_nothing_then(sets: list[StrategySet]) -> None:
    case = Case(sets[1])
    case.registry.items[CLASSIC] = replace(UNCHANGED_CLASSIC, status="off", version=1)
    case.commit(*stream())
    assert {name for name, _, _ in case.evaluations.items} == {sets[1].key}
    case.restart()
    case.commit(*stream()[-2:], first=900)
    assert {name for name, _, _ in case.evaluations.items} == {sets[1].key}


def test_two_hundred_sets_are_each_as_they_are_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten strategies with twenty sets each, of a symbol's few minutes."""
    texts = {
        f"runner{k}": RUNNER.replace('name="runner"', f'name="runner{k}"').replace(
            "(top - bottom)", f"(top - bottom) * {1.0 - k / 100}"
        )
        for k in range(10)
    }
    loaded = deploy(monkeypatch, **texts)
    every = [one for code in loaded.values() for one in sets_of(code, *(k / 20 for k in range(20)))]
    case = Case(*every)
    facts = [*history("ETHUSDT")[-2:], *bars_facts("ETHUSDT", 10)]
    case.commit(*facts)
    assert len({one.digest for one in every}) == 200
    members = case.use_case._cache[0].members["ETHUSDT"]
    assert members.sets.keys() == {one.key for one in every}
    for one in every[::23]:
        alone = Case(one)
        alone.commit(*facts)
        assert case.stored(one.key) == alone.stored(one.key)
        mine = alone.use_case._cache[0].members["ETHUSDT"].sets[one.key]
        assert to_bytes(one, members.sets[one.key]) == to_bytes(one, mine)
    entered = {name for name, _, _ in case.evaluations.items}
    assert 50 < len(entered) <= 201
