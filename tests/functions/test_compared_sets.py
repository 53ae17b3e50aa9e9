"""Sets that compare symbols, and that leave by a condition of their own: live is the backtest."""

from collections import Counter
from collections.abc import Iterator

import pytest
from signalengine.signals import Decision, Outcome, Signal
from signalengine.strategy.sets import StrategySet, set_of
from signalengine_aws.application.sets import compared_closes
from signalengine_aws.stores.decisions import DynamoDecisionLog
from signalengine_aws.stores.pagination import EVER
from signalengine_aws.stores.signals import DynamoSignals
from signalengine_aws.stores.strategies import Strategy

from functions.track_signals import handler as track_signals
from research.audit import parity_set
from tests.aws.market import START, bars_facts, heartbeat, history
from tests.aws.sets import deploy
from tests.aws.world import World, kinesis_event
from tests.core.strategy.texts import RANKED
from tests.functions.conftest import forget_processes
from tests.functions.test_strategy_sets import Stack

pytestmark = pytest.mark.slow  # numba compiles

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")
MINUTES = 120
LATE = "ETHUSDT"
TEXT = (
    RANKED.replace("UNIVERSE", ", universe=Universe(top=3, by=SIZE),")
    + "\n\ndef leave(v, f, side, p):\n    return side * v[WORTH] < -0.0002\n"
)


class Market(Stack):
    """Several symbols, in one batch or one of them after the others."""

    def play_all(self, late: str = "", size: int = 10) -> None:
        facts = {symbol: bars_facts(symbol, MINUTES) for symbol in SYMBOLS}
        self.world.now = START
        for symbol in SYMBOLS:
            self.fold(*history(symbol))
        for begin in range(0, MINUTES, size):
            part = {symbol: facts[symbol][begin : begin + size] for symbol in SYMBOLS}
            close = part[SYMBOLS[0]][-1].close_time
            self.world.now = close + 500
            self._track(begin, heartbeat(close, *SYMBOLS))
            for group in ([symbol for symbol in SYMBOLS if symbol != late], [late] if late else []):
                self.fold(*(fact for symbol in group for fact in part[symbol]))
                self.decide()
            self._track(begin, *(fact for several in part.values() for fact in several))

    def decide(self) -> None:
        from functions.score_events import handler

        self.follow("EVENTS_TABLE", handler)

    def _track(self, begin: int, *facts: object) -> None:
        track_signals.handler(kinesis_event(*facts, first=begin), self.context)
        track_signals.handler({"sweep": True}, self.context)

    def decisions(self, one: StrategySet) -> list[Decision]:
        log = DynamoDecisionLog("decisions_table", strategy=Strategy(one.key))
        return [row for s in SYMBOLS for _, row in log.of_symbol(s, EVER, None, 999).rows]

    def stored(self, one: StrategySet) -> list[Signal]:
        store = DynamoSignals("signals_table", strategy=Strategy(one.key))
        found = [store.get(row["signal_id"]["S"]) for row in self.world.rows("SIGNALS_TABLE")]
        return [each.signal for each in found if each and each.signal.strategy == one.key]


@pytest.fixture
def played(
    world: World, context: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Market, StrategySet]]:
    one = set_of(deploy(monkeypatch, ranked=TEXT)["ranked"])
    monkeypatch.setattr(compared_closes, "MARKET_WAIT_S", 0.0)
    stack = Market(world, context)
    stack.register(one)
    yield stack, one
    forget_processes()


def differences(market: Market, one: StrategySet) -> list[str]:
    facts = {symbol: [*history(symbol), *bars_facts(symbol, MINUTES)] for symbol in SYMBOLS}
    found = parity_set(facts, market.decisions(one), market.stored(one), one)
    return [str(each) for each in found]


def test_live_is_the_backtest_where_symbols_are_compared_and_left(
    played: tuple[Market, StrategySet],
) -> None:
    market, one = played
    market.play_all()
    decisions, signals = market.decisions(one), market.stored(one)
    assert len(decisions) == len(SYMBOLS) * MINUTES // 5
    assert not any(d.absent for d in decisions)
    assert len(signals) >= 20
    ends = Counter(s.settlement.outcome for s in signals if s.settlement)
    assert ends[Outcome.LEFT] > 0
    assert {d.reason for d in decisions} >= {"the symbol is not in the strategy's universe"}
    assert {round(x, 9) for d in decisions if (x := d.across["rank"]) is not None} == {
        0.0,
        0.5,
        1.0,
    }
    assert differences(market, one) == []


def test_a_symbol_that_came_too_late_is_named_and_the_backtest_repeats_it(
    played: tuple[Market, StrategySet],
) -> None:
    market, one = played
    market.play_all(LATE, 30)
    decisions = market.decisions(one)
    named = Counter((d.symbol == LATE, d.absent) for d in decisions)
    assert set(named) == {(True, ()), (False, (LATE,))}
    assert len(market.stored(one)) >= 20
    assert differences(market, one) == []
