"""A world with stored data: two symbols, some hours, written by the functions themselves.

The data is as real as moto's tables: folded bars, events, decisions, signals that opened
and closed, receipts and a heartbeat.
"""

from functools import cache
from typing import Any

from signalengine.decisions import decide
from signalengine.facts.stream import BarsFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import DIRECTIONS, Evaluation, Signal
from signalengine_aws.application.heartbeats import status
from signalengine_aws.delivery.deliveries import Delivery, DynamoDeliveries, delivered
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.decisions import DynamoDecisions
from signalengine_aws.stores.events import DynamoEvents
from signalengine_aws.stores.log.entry import Reached, Reset
from signalengine_aws.stores.state import DynamoFeed, Progress

from tests.aws.folded import store
from tests.aws.market import bars_facts, heartbeat, history
from tests.aws.positions import open_signals
from tests.aws.positions import signal as made
from tests.aws.world import World

SYMBOLS = ("BTCUSDT", "ETHUSDT")
MINUTES = 120
POLICY = default_policy()


@cache
def folded(symbol: str) -> tuple[SymbolState, tuple[BarsFact, ...], tuple[Evaluation, ...]]:
    """A symbol's state after the warm-up and `MINUTES`, its facts and evaluations."""
    state, found = SymbolState.fresh(symbol), []
    facts = tuple(bars_facts(symbol, MINUTES))
    for fact in (*history(symbol), *facts):
        step = advance(state, fact, POLICY)
        state = step.state
        if step.evaluation is not None:
            found.append(step.evaluation)
    return state, facts, tuple(found)


def live(world: World) -> list[Signal]:
    """Fill the tables; returns the signals that the engine opened: they stay open."""
    opened: list[Signal] = []
    events = DynamoEvents("events_table")
    decisions = DynamoDecisions("decisions_table", "cooldowns_table", "signals_table")
    for symbol in SYMBOLS:
        state, facts, evaluations = folded(symbol)
        store(*facts)
        for evaluation in evaluations:
            events.put(evaluation)
            cooldown = decisions.cooldown(symbol)
            decided = decide(evaluation, cooldown, POLICY, "test")
            decisions.commit(decided, cooldown)
            opened += [] if decided.signal is None else [decided.signal]
        closes = Reached(state.last_close_time, evaluations[-1].close_time)
        store(reached={symbol: closes}, resets={symbol: Reset(state.to_bytes(), "")})
    for signal in _older(opened[0]):
        open_signals(signal)
        _close(signal)
        _deliver(world, signal)
    _beat(world)
    return opened


def _older(newest: Signal) -> list[Signal]:
    """Forty signals of the weeks before, won and lost."""
    return [
        made(
            SYMBOLS[n % 2],
            DIRECTIONS[n % 3 % 2],
            close_time=newest.close_time - (n + 1) * DAY_MS // 2,
            entry=100.0 + n,
        )
        for n in range(40)
    ]


def _close(signal: Signal) -> None:
    """By its target on even entries, by its stop on odd ones."""
    far = signal.entry_price + signal.side * (3.0 if signal.entry_price % 2 == 0 else -3.0)
    low, high = sorted((signal.entry_price, far))
    bar = StoredBar(signal.close_time, signal.entry_price, high, low, signal.entry_price)
    end = settle(signal, [bar])
    assert end is not None
    assert DynamoClosings("signals_table", "performance_table").close(signal, end)


def _deliver(world: World, signal: Signal) -> None:
    sent = Delivery(f"{signal.signal_id}#opened", "telegram:1", world.now, attempts=1)
    done = delivered(
        sent, receipt="7", now=world.now, decided_at=world.now - 900,
        committed_at=world.now - 400, published_at=world.now - 350,
    )  # fmt: skip
    deliveries = DynamoDeliveries("deliveries_table")
    deliveries.save(done)
    deliveries.count()


def _beat(world: World) -> None:
    feed = DynamoFeed("state_table")
    time = folded(SYMBOLS[0])[1][-1].close_time
    fact = heartbeat(time + 2_000, *SYMBOLS)
    body: dict[str, Any] = status(
        fact,
        watermark=time,
        received_at=world.now - 3_000,
        up_since=world.now - MINUTES * MINUTE_MS,
        open_signals=1,
    )
    feed.put_heartbeat(body)
    feed.put_progress(Progress(time), None)
