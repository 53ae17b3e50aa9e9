"""Protections live: what is recent is read from what is stored, whenever outcomes are committed."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from signalengine.facts.stream import BarsFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import Policy, default_policy
from signalengine.protections import past_of
from signalengine.settlement import settle
from signalengine.signals import (
    Decision,
    Evaluation,
    Signal,
    Verdict,
    decision_from_json,
    settled,
)
from signalengine_aws.application.compute_features import ComputeFeatures
from signalengine_aws.application.score_events import ScoreEvents
from signalengine_aws.messaging.records import Record
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.bars import DynamoBars
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.decisions import DynamoDecisions
from signalengine_aws.stores.log.groups import DynamoGroups
from signalengine_aws.stores.log.log import DynamoLog
from signalengine_aws.stores.recent_signals import DynamoRecent
from signalengine_aws.stores.signals import DynamoSignals, stored_signal
from signalengine_aws.stores.state import DynamoFeed, DynamoStates
from signalengine_aws.stores.tables import SignalItem

from functions.score_events import handler as module
from research.audit import parity
from tests.aws.folded import store
from tests.aws.positions import T, minute, open_signals, signal, store_folded
from tests.aws.world import World
from tests.core.markets import policy_with
from tests.core.samples import evaluation
from tests.research.backtest.markets import RULES, Stream, market
from tests.research.backtest.markets import policy as wary_policy

pytestmark = pytest.mark.slow

POLICY = policy_with(protections={"open_signals": 1, "stops": 1})


TABLES = ("signals_table", "bars_table", "state_table", "cooldowns_table")


def scoring(policy: Policy, **more: Any) -> ScoreEvents:
    tables = DynamoDecisions("decisions_table", "cooldowns_table", "signals_table")
    recent = DynamoRecent(*TABLES)
    given: dict[str, Any] = {"recent": recent, "code_version": "test", "sleep": lambda _: None}
    return ScoreEvents(decisions=tables, policy=policy, **(given | more))


def in_order(streams: dict[str, Stream]) -> Iterator[Any]:
    facts = [fact for stream in streams.values() for fact in stream]
    yield from sorted(facts, key=lambda f: f.close_time if isinstance(f, BarsFact) else 0)


def close_some(rng: random.Random, bars: DynamoBars, share: float) -> None:
    """Commit the outcomes of some of the signals that have one."""
    closings = DynamoClosings("signals_table", "performance_table")
    for stored in DynamoSignals("signals_table").open():
        one = stored.signal
        if rng.random() < share:
            end = settle(one, bars.minutes(one.symbol, one.close_time, one.expires_at))
            if end is not None:
                closings.close(one, end)


def stored(world: World) -> tuple[list[Decision], list[Signal]]:
    decisions = [decision_from_json(text_of(row["body"])) for row in world.rows("DECISIONS_TABLE")]
    items = [SignalItem.get(row["signal_id"]["S"]) for row in world.rows("SIGNALS_TABLE")]
    return decisions, [stored_signal(item).signal for item in items]


@pytest.mark.parametrize(
    ("rules", "share", "minutes"),
    [(("stops",), 0.2, 4700), (RULES, 0.0, 4400), (RULES, 0.2, 4400), (RULES, 1.0, 4400)],
)
def test_live_is_the_backtest_whenever_outcomes_are_committed(
    world: World, rules: tuple[str, ...], share: float, minutes: int
) -> None:
    streams, policy, rng = market(3, minutes), wary_policy(*rules), random.Random(1)
    bars, scored = DynamoBars("bars_table", "state_table"), scoring(policy)
    states = {symbol: SymbolState.fresh(symbol) for symbol in streams}
    waiting: list[BarsFact] = []
    for fact in in_order(streams):
        done = advance(states[fact.symbol], fact, policy)
        states[fact.symbol] = done.state
        if isinstance(fact, BarsFact):
            waiting.append(fact)
        if done.evaluation is not None:
            store(*waiting)
            waiting.clear()
            scored.score(done.evaluation)
            close_some(rng, bars, share)
    store(*waiting)
    close_some(rng, bars, 1.0)
    decisions, signals = stored(world)
    assert any(one.protections for one in decisions)
    assert parity(streams, decisions, signals, policy) == []


class Evaluations:
    """Takes evaluations, which nothing reads from the table here."""

    def __init__(self) -> None:
        self.new: list[Evaluation] = []

    def put(self, evaluation: Evaluation) -> bool:
        self.new.append(evaluation)
        return True


class Seconds:
    """A clock that is past any wait when it is read again."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 100.0
        return self.now


def test_live_is_the_backtest_in_whatever_batches_symbols_are_stored(
    world: World,
) -> None:
    """Hours of one symbol may be decided before any of another, as after an outage."""
    streams, policy, rng = market(3, 4400), wary_policy(*RULES), random.Random(1)
    bars, scored = DynamoBars("bars_table", "state_table"), scoring(policy, clock=Seconds())
    evaluations = Evaluations()
    features = ComputeFeatures(
        log=DynamoLog("bars_table"), groups=DynamoGroups("state_table"),
        states=DynamoStates("state_table"), events=evaluations,
        policy=policy, send_letters=len, workers=0,
    )  # fmt: skip
    DynamoFeed("state_table").put_heartbeat({"symbols": list(streams), "halted": []})
    left = {symbol: list(stream) for symbol, stream in streams.items()}
    while any(left.values()):
        symbol = rng.choice([symbol for symbol, facts in left.items() if facts])
        size = rng.choice((1, 2, 60, 400))
        batch, left[symbol] = left[symbol][:size], left[symbol][size:]
        features.commit({symbol: [(Record(b"", symbol, "0"), fact) for fact in batch]})
        for one in evaluations.new:
            scored.score(one)
            close_some(rng, bars, 0.1)
        evaluations.new.clear()
    close_some(rng, bars, 1.0)
    decisions, signals = stored(world)
    assert any(one.behind for one in decisions)
    assert any(one.protections for one in decisions)
    assert parity(streams, decisions, signals, policy) == []
    as_if_in_time = [replace(one, behind={}) for one in decisions]
    assert parity(streams, as_if_in_time, signals, policy) != []


# --- what is read ---------------------------------------------------------------------------------


def mine(one: Signal, policy: Policy = POLICY) -> Signal:
    return replace(one, policy_digest=policy.digest)


def fill(symbol: str, minutes: int, **first: float) -> None:
    """Store quiet bars from T on; `first` changes the first one."""
    store(
        *(
            minute(symbol, number, **(first if number == 0 else {}))  # type: ignore[arg-type]  # prices only
            for number in range(minutes)
        )
    )


def ask(minutes: int, symbol: str = "ETHUSDT", **more: Any) -> Any:
    """Score a strong evaluation, so many minutes after T."""
    t = T + minutes * MINUTE_MS
    close = replace(evaluation(at=t), symbol=symbol, sent_at=t + 80)
    decided = scoring(POLICY, **more).score(close)
    assert decided is not None
    return decided.decision


def test_an_open_signal_of_another_symbol_counts(world: World) -> None:
    open_signals(mine(signal()))
    fill("BTCUSDT", 10)
    assert ask(10).protections == ("open_signals",)


def test_an_outcome_counts_before_it_is_committed(world: World) -> None:
    open_signals(mine(signal()))
    fill("BTCUSDT", 10, low=98.0)
    assert ask(10).verdict is Verdict.EMITTED  # its stop was BTCUSDT's own affair
    assert ask(10, "BTCUSDT").protections == ("stops",)


def test_an_outcome_inside_the_lag_does_not_count(world: World) -> None:
    open_signals(mine(signal()))
    fill("BTCUSDT", 1, low=98.0)
    assert ask(1).protections == ("open_signals",)


@pytest.mark.parametrize(
    "change", [{"policy_digest": default_policy().digest}, {"market": "recording"}]
)
def test_signals_of_another_policy_or_market_do_not_count(
    world: World, change: dict[str, Any]
) -> None:
    open_signals(replace(mine(signal()), **change))
    fill("BTCUSDT", 10)
    assert ask(10).verdict is Verdict.EMITTED


class Behind(DynamoRecent):
    """Its indexes lack what was written lately, for so many reads."""

    reads = 100

    def _items(self, *span: Any, **more: Any) -> Iterator[SignalItem]:
        self.reads -= 1
        yield from () if self.reads >= 0 else super()._items(*span, **more)


@pytest.mark.parametrize(("reads", "waits"), [(100, 5), (3, 3), (0, 0)])
def test_a_signal_counts_that_an_index_lacks(world: World, reads: int, waits: int) -> None:
    """As when several minutes are decided in one batch; the index is waited for a little."""
    recent, waited = Behind(*TABLES), list[float]()
    recent.reads = reads
    first = scoring(POLICY, recent=DynamoRecent(*TABLES)).score(evaluation(at=T))
    assert first is not None
    assert first.signal is not None
    fill("BTCUSDT", 10)
    DynamoFeed("state_table").put_heartbeat({"symbols": ["BTCUSDT"], "halted": []})
    store_folded("BTCUSDT", T + 10 * MINUTE_MS, T)
    decision = ask(10, recent=recent, sleep=waited.append)
    assert decision.protections == ("open_signals",)
    assert len(waited) == waits


def test_what_a_symbol_opened_before_the_span_is_not_read(world: World) -> None:
    policy = policy_with(protections={"open_signals": 1, "stops": 0})
    first = scoring(policy).score(evaluation(at=T))
    assert first is not None
    assert first.signal is not None
    late = replace(evaluation(at=T + DAY_MS), sent_at=T + DAY_MS + 80)
    found = Behind(*TABLES).read(late, policy)
    assert (found.pasts, found.lagging) == ((), False)


def test_signals_of_the_day_before_count(world: World) -> None:
    midnight = T + 12 * 60 * MINUTE_MS
    one = signal(close_time=midnight - 5 * MINUTE_MS)
    open_signals(mine(one))
    store(*(minute("BTCUSDT", number) for number in range(12 * 60 - 5, 12 * 60 + 5)))
    assert ask(12 * 60 + 5).protections == ("open_signals",)


def test_bars_that_are_late_are_waited_for(world: World) -> None:
    open_signals(mine(signal()))
    waits: list[float] = []

    def arrive(wait: float) -> None:
        waits.append(wait)
        if len(waits) == 2:
            fill("BTCUSDT", 10, low=98.0)

    assert ask(10, "BTCUSDT", sleep=arrive).protections == ("stops",)
    assert len(waits) == 2


def test_bars_that_never_come_are_not_waited_for_long(world: World) -> None:
    open_signals(mine(signal()))
    waits: list[float] = []
    assert ask(10, sleep=waits.append).protections == ("open_signals",)
    assert 1 <= len(waits) <= 6
    assert sum(waits) < 3.0


def test_a_committed_outcome_needs_no_bars(world: World) -> None:
    one = mine(signal())
    open_signals(one)
    end = settle(one, [*_stop(one)])
    assert end is not None
    DynamoClosings("signals_table", "performance_table").close(one, end)
    found = DynamoRecent(*TABLES).read(replace(evaluation(at=T + 10 * MINUTE_MS)), POLICY)
    assert found.complete
    assert found.pasts == (past_of(settled(one, end)),)


def _stop(one: Signal) -> Iterator[Any]:
    fill(one.symbol, 1, low=98.0)
    bars = DynamoBars("bars_table", "state_table")
    yield from bars.minutes(one.symbol, one.close_time, one.expires_at)


# --- what it costs --------------------------------------------------------------------------------


def test_the_default_policy_reads_nothing_of_it(world: World) -> None:
    calls: list[object] = []

    class Watched(DynamoRecent):
        def read(self, *args: Any) -> Any:
            calls.append(args)
            return super().read(*args)

    watched = Watched(*TABLES)
    decided = scoring(default_policy(), recent=watched).score(evaluation())
    assert decided is not None
    assert decided.signal is not None
    below = replace(evaluation(at=T), unwarm=("1h",), symbol="ETHUSDT")
    scoring(POLICY, recent=watched).score(below)
    assert calls == []  # nor a policy with protections, where nothing would be emitted


def test_the_function_has_what_protections_need(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "default_policy", lambda: POLICY)
    module.parts.cache_clear()
    open_signals(mine(signal()))
    fill("BTCUSDT", 10)
    close = replace(evaluation(at=T + 10 * MINUTE_MS), symbol="ETHUSDT")
    decided = module.parts()[0].score(replace(close, sent_at=close.close_time))
    module.parts.cache_clear()
    assert decided is not None
    assert decided.decision.verdict is Verdict.PROTECTED
