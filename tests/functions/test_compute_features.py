"""compute_features: facts become bars, evaluations and states, each exactly once."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine.facts.stream import Bar, BarsFact, Fact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import INTERVALS
from signalengine.policy import default_policy
from signalengine_aws.application.compute_features import WORKERS, ComputeFeatures
from signalengine_aws.messaging.dead_letters import SqsDeadLetters
from signalengine_aws.stores.bars import stored_bar
from signalengine_aws.stores.events import DynamoEvents
from signalengine_aws.stores.log.entry import Reached
from signalengine_aws.stores.log.groups import DynamoGroups
from signalengine_aws.stores.log.log import DynamoLog
from signalengine_aws.stores.log.states import DynamoFoldedStates
from signalengine_aws.stores.state import DynamoFeed, DynamoStates, StoredState

from functions.compute_features import handler as module
from tests.aws.folded import readable, store
from tests.aws.law import assert_every_interruption_is_healed, clean_run, interrupted, outcome
from tests.aws.market import bars_facts, history
from tests.aws.world import Trouble, World, kinesis_event
from tests.examples import examples

SYMBOLS = ("BTCUSDT", "ETHUSDT")
BEFORE = 28
"""Minutes folded before the batch; ETHUSDT has evaluations at the next two, BTCUSDT at one."""


@pytest.fixture
def run(world: World, context: object, monkeypatch: pytest.MonkeyPatch) -> "Run":
    return Run(world, context, monkeypatch)


class Run:
    """The handler as one process; `restart` is the next one."""

    def __init__(
        self, world: World, context: object, monkeypatch: pytest.MonkeyPatch, workers: int = 0
    ) -> None:
        self._world, self._context, self._patch = world, context, monkeypatch
        self.workers = workers
        self.restart()

    def restart(self) -> None:
        self._patch.setattr(module, "parts", cache(self._parts))

    def _parts(self) -> tuple[ComputeFeatures, DynamoFeed, SqsDeadLetters]:
        letters = self._world
        queue = SqsDeadLetters(letters.sqs, letters.dead_letter_url, "compute_features")
        return self.new_folding(queue), DynamoFeed("state_table"), queue

    def new_folding(self, queue: SqsDeadLetters) -> ComputeFeatures:
        """Without threads, the order of the calls is the same in every run."""
        return ComputeFeatures(
            log=DynamoLog("bars_table"),
            groups=DynamoGroups("state_table"),
            states=DynamoStates("state_table"),
            events=DynamoEvents("events_table"),
            policy=default_policy(),
            send_letters=queue.send,
            workers=self.workers,
        )

    def __call__(self, *facts: Fact | bytes, first: int = 0) -> None:
        module.handler(kinesis_event(*facts, first=first), self._context)


@cache
def warm(symbol: str, minutes: int) -> StoredState:
    state = SymbolState.fresh(symbol)
    past: list[BarsFact | HistoryFact] = [*history(symbol), *bars_facts(symbol, minutes)]
    for fact in past:
        state = advance(state, fact, default_policy()).state
    return StoredState(state.to_bytes(), state.last_close_time)


def store_warm_states() -> None:
    """As a checkpoint each, after the history's entries of their group."""
    store(reached={symbol: Reached(warm(symbol, BEFORE).close_time, 0) for symbol in SYMBOLS})
    for symbol in SYMBOLS:
        assert DynamoStates("state_table").put(symbol, replace(warm(symbol, BEFORE), entry=1))


def minutes_after(count: int, *symbols: str) -> list[Fact]:
    """The next facts of some symbols, minute by minute."""
    each = [bars_facts(symbol, BEFORE + count)[BEFORE:] for symbol in symbols or SYMBOLS]
    return [fact for minute in zip(*each, strict=True) for fact in minute]


@pytest.mark.slow
def test_every_interruption_of_a_batch_is_healed(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalengine_aws.application.folding.CHECKPOINT_MINUTES", 5)  # one is due
    batch = [*minutes_after(3), b'{"v": 1, "kind": "bars"}']
    calls = assert_every_interruption_is_healed(
        world, store_warm_states, partial(run, *batch), run.restart
    )
    assert len(world.rows("EVENTS_TABLE")) == 3
    assert len(world.letters()) > 0
    assert calls > 12


@pytest.mark.slow
@settings(examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cutting_repeating_and_interrupting_of_the_stream_leaves_the_same(
    world: World, run: Run, data: st.DataObject
) -> None:
    facts = minutes_after(4)
    whole: Callable[[], object] = partial(run, *facts)
    expected, _ = clean_run(world, store_warm_states, whole, run.restart)
    world.reset()
    store_warm_states()
    run.restart()
    at = 0
    while at < len(facts):
        size = data.draw(st.integers(1, len(facts) - at))
        again = data.draw(st.integers(0, min(at, 3)))  # handed over a second time
        part = partial(run, *facts[at - again : at + size], first=at - again)
        if data.draw(st.booleans()):
            trouble = Trouble(
                data.draw(st.integers(0, 12)),
                data.draw(st.sampled_from(("before", "after", "throttled"))),
            )
            interrupted(world, trouble, part, run.restart)
        part()
        at += size
    assert outcome(world) == expected


def test_threads_leave_what_one_after_the_other_leaves(world: World, run: Run) -> None:
    batch = partial(run, *minutes_after(5))
    expected, _ = clean_run(world, store_warm_states, batch, run.restart)
    run.workers = WORKERS
    assert clean_run(world, store_warm_states, batch, run.restart)[0] == expected


def test_a_process_that_fell_behind_stores_no_wrong_evaluation(world: World, run: Run) -> None:
    """Its cached state lacks what another process folded; no evaluation may come of that."""
    facts = minutes_after(12, "ETHUSDT")
    expected, _ = clean_run(world, store_warm_states, partial(run, *facts), run.restart)
    world.reset()
    store_warm_states()
    run.restart()
    run(facts[0])
    behind = module.parts
    run.restart()
    run(*facts[1:4])
    run._patch.setattr(module, "parts", behind)
    run(*facts[4:])
    assert outcome(world) == expected


def test_history_makes_a_symbol_known_and_stores_no_bars(world: World, run: Run) -> None:
    run(*history("ETHUSDT"))
    (state,) = (row for row in world.rows("STATE_TABLE") if row["symbol"]["S"] == "ETHUSDT")
    data = DynamoStates("state_table").of(["ETHUSDT"])["ETHUSDT"].data
    assert SymbolState.from_bytes("ETHUSDT", data).revision == len(INTERVALS)
    assert state["entry"] == {"N": "1"}
    assert readable(world)["bars"] == {}
    assert world.rows("EVENTS_TABLE") == []


def test_bars_of_an_unknown_symbol_are_a_dead_letter(world: World, run: Run) -> None:
    run(*bars_facts("XRPUSDT", 1))
    (letter,) = world.letters()
    assert letter["reason"] == "unknown symbol XRPUSDT: no history came before"
    assert letter["function"] == "compute_features"
    assert letter["kind"] == "bars"
    assert world.rows("BARS_TABLE") == []


def test_stored_bars_are_those_of_the_fact_with_what_settling_needs(world: World, run: Run) -> None:
    store_warm_states()
    facts = minutes_after(2, "ETHUSDT")
    run(*facts)
    stored = readable(world)["bars"]
    bars = [(f, bar) for f in facts if isinstance(f, BarsFact) for bar in f.bars]
    assert len(stored) == len(bars) > 2
    for fact, bar in bars:
        row = stored[fact.symbol, bar.interval, bar.open_time]
        assert row == (bar if bar.interval != "1m" else (bar, stored_bar(fact, bar)))
    expires = {row["ttl"]["N"] for row in world.rows("BARS_TABLE")}
    assert expires == {str(world.now // 1000 + 35 * 86_400)}


def test_the_first_bar_stays_and_another_one_is_counted(
    world: World, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    store_warm_states()
    (fact,) = minutes_after(1, "BTCUSDT")
    assert isinstance(fact, BarsFact)
    other = replaced_close(fact, fact.bars[0].low)
    run(fact)
    before = world.everything()
    run(other, first=1)
    assert world.everything() == before
    assert last_line(capsys)["differences"] == 1


def test_one_group_s_trouble_stops_no_other(world: World, run: Run) -> None:
    DynamoGroups("state_table").add([SYMBOLS[0], *(f"S{n}USDT" for n in range(15))])
    store_warm_states()
    world.trouble = Trouble(1, "throttled")  # the first group's log cannot be read
    with pytest.raises(TransientError):
        run(*minutes_after(2))
    world.trouble = None
    assert {symbol for symbol, _, _ in readable(world)["bars"]} == {SYMBOLS[1]}


def test_a_state_of_another_version_is_made_anew_by_history(world: World, run: Run) -> None:
    store(reached={"ETHUSDT": Reached(0, 0)})
    states = DynamoStates("state_table")
    assert states.put("ETHUSDT", StoredState(b"\xff another layout", entry=1))
    run(*bars_facts("ETHUSDT", 1))
    assert world.letters()[0]["reason"].startswith("unknown symbol")
    run(*history("ETHUSDT"), first=1)
    folded = DynamoFoldedStates("bars_table", "state_table", default_policy())
    assert folded.of(["ETHUSDT"])["ETHUSDT"].revision == len(INTERVALS)


def test_a_fact_that_breaks_the_fold_is_a_dead_letter_and_the_shard_moves_on(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_warm_states()
    facts = minutes_after(3, "ETHUSDT")

    def broken(state: SymbolState, fact: Any, policy: Any) -> Any:
        if fact is not None and fact.close_time == facts[1].close_time:  # type: ignore[union-attr]
            raise ZeroDivisionError("a bug")
        return advance(state, fact, policy)

    monkeypatch.setattr("signalengine_aws.application.folding.advance", broken)
    run(*facts)
    (letter,) = world.letters()
    assert letter["reason"] == "fold failed: ZeroDivisionError: a bug"
    assert sum(interval == "1m" for _, interval, _ in readable(world)["bars"]) == 2


def test_progress_is_said_only_when_everything_is_stored(world: World, run: Run) -> None:
    store_warm_states()
    facts = minutes_after(2)
    world.trouble = Trouble(1, "throttled")
    with pytest.raises(TransientError):
        run(*facts)
    world.trouble = None
    assert DynamoFeed("state_table").progress() == 0
    run(*facts)
    assert DynamoFeed("state_table").progress() == facts[-1].close_time  # type: ignore[union-attr]


def test_the_log_line_counts_the_batch(
    world: World, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    store_warm_states()
    world.now += 250
    run(*minutes_after(3))
    line = last_line(capsys)
    assert (line["records"], line["bars"] > 6, line["events"]) == (6, True, 3)
    assert line["lag_ms"] == 250
    assert line["request_id"] == "request"


def replaced_close(fact: BarsFact, close: float) -> BarsFact:
    bar = fact.bars[0]
    other = Bar(bar.interval, bar.open_time, bar.open, bar.high, bar.low, close, bar.volume)
    return BarsFact(fact.symbol, (other, *fact.bars[1:]), fact.market, "rest", fact.sent_at)


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The newest line that the logger wrote."""
    written = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    found: dict[str, Any] = [line for line in written if "level" in line][-1]
    return found
