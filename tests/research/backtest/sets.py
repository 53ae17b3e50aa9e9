"""Strategies for the tests of their backtest, and the live engine of one in plain Python."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from signalengine.decisions import Decided, decide
from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.policy import default_policy
from signalengine.protections import Past, past_of
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Cooldown, Decision, Evaluation, Signal, settled
from signalengine.strategy.loading import load_shipped, load_text
from signalengine.strategy.one_open import while_open
from signalengine.strategy.set_states import Buffers, advance_sets
from signalengine.strategy.sets import StrategySet, set_of

from tests.core.strategy.texts import CHANNEL
from tests.research.backtest.walks import _stored

CHANNEL_5M = (
    CHANNEL.partition("def exits(")[0]
    .replace("fold_1h", "fold_5m")
    .replace('every="1h"', 'every="5m"')
    .replace('{"1h": 21}', '{"5m": 21}')
    .replace("ttl_minutes=2880", "ttl_minutes=60")
    .replace(
        "from signalengine.strategy.form",
        "from signalengine.exits.levels import bracket\nfrom signalengine.strategy.form",
    )
    + """def exits(v, f, side, p, out):
    reach = v[PRICE] * p[REACH]
    bracket(out, v[PRICE] + 2.0 * side * reach, v[PRICE] - side * reach)
"""
)
"""One open signal a symbol; ends at a level or after an hour."""

MIXED = '''\
"""Minutes against the 15m trend of the engine's own EMA, with two targets and a way out."""

from signalengine.exits.levels import break_even, expire, last_target, stop, target
from signalengine.strategy.features import ATR_14, EMA_21, M15
from signalengine.strategy.form import CLOSE, Parameters, State, Strategy, Values

P = Parameters()
FAR = P.number("far", 1.0, least=0.1, most=5.0)
V = Values()
PRICE = V.price("close")
RUN = V.number("run", about="closes of 1m in a row that rose, or fell")
S = State(V)
BEFORE = S.one("before")
BARS = S.one("bars")

STRATEGY = Strategy(
    name="mixed", version=1, every="15m", parameters=P, values=V, state=S,
    features=("15m",), warm_up={"1m": 60, "15m": 40}, ttl_minutes=90, one_open=False,
)


def fold_15m(s, bar, p):
    s[BARS] = s[BARS] + 1.0


def fold_1m(s, bar, p):
    rises = bar[CLOSE] > s[BEFORE]
    if s[RUN] != s[RUN]:
        s[RUN] = 0.0
    if rises:
        s[RUN] = s[RUN] + 1.0 if s[RUN] > 0.0 else 1.0
    else:
        s[RUN] = s[RUN] - 1.0 if s[RUN] < 0.0 else -1.0
    s[BEFORE] = bar[CLOSE]
    s[PRICE] = bar[CLOSE]


def entry(v, f, side, p):
    return side * v[RUN] > 0.0 and side * (v[PRICE] - f[M15 + EMA_21]) > 0.0


def score(v, f, side, p):
    return 0.9 if side * v[RUN] > 1.0 else 0.6


def exits(v, f, side, p, out):
    atr = f[M15 + ATR_14] * p[FAR]
    stop(out, v[PRICE] - side * atr)
    target(out, 0, v[PRICE] + side * 0.3 * atr, 0.4)
    last_target(out, 1, v[PRICE] + side * 0.9 * atr)
    break_even(out)
    expire(out, 75.0)


def leave(v, f, side, p):
    return side * v[RUN] < -3.0
'''

RULES = {"cost_gate": 0.0, "rearm_s": 600}


@cache
def channel(**chosen: float) -> StrategySet:
    raw = {"parameters": {"reach": 0.002, "bars": 3, **chosen}, "rules": RULES}
    return set_of(load_text(CHANNEL_5M, "channel.py"), raw)


@cache
def mixed(*protections: str) -> StrategySet:
    wary = {"stops": 2, "stops_within_s": 7200, "stops_pause_s": 1800, "open_signals": 2}
    rules = RULES | {"cooldown_s": 1500, "protections": {name: wary[name] for name in protections}}
    return set_of(load_text(MIXED, "mixed.py"), {"rules": rules})


class LiveSymbol:
    """One symbol of a stack that runs one parameter set."""

    def __init__(self, symbol: str, one: StrategySet) -> None:
        self.one = one
        self.shared = SymbolState.fresh(symbol)
        self.buffers: Buffers = {}
        self.cooldown: Cooldown | None = None
        self.bars: list[StoredBar] = []
        self.leaves: dict[int, set[int]] = {1: set(), -1: set()}
        self.signals: list[Signal] = []

    def fold(self, fact: BarsFact | HistoryFact) -> Evaluation | None:
        """Fold a fact; returns the evaluation of a close at which a side enters."""
        self.shared = advance(self.shared, fact, default_policy()).state
        done = advance_sets([self.one], self.buffers, fact, self.shared)
        assert not done.failed, done.failed
        self.buffers = done.buffers
        if isinstance(fact, BarsFact):
            self.bars.append(_stored(fact))
            self._leave(fact)
        return done.evaluations[0] if done.evaluations else None

    def _leave(self, fact: BarsFact) -> None:
        """Note the sides that the strategy leaves at a close."""
        one, every = self.one, self.one.loaded.strategy.every
        if one.code.leave is None or all(bar.interval != every for bar in fact.bars):
            return
        v = tuple(self.buffers[one.key][:64])
        for side in (1, -1):
            if one.code.leave(v, (), float(side), one.parameters):
                self.leaves[side].add(fact.close_time)

    def settled(self, signal: Signal) -> Signal:
        end = settle(signal, self.bars, self.leaves[signal.side])
        return signal if end is None else settled(signal, end)

    def decide(self, evaluation: Evaluation, recent: list[Past]) -> Decided:
        one, on = self.one, self.one.protections.on
        found = decide(evaluation, self.cooldown, one, "live", recent=() if on else None)
        if found.signal is not None:
            t = evaluation.close_time
            before = self.settled(self.signals[-1]) if self.signals else None
            lasts = before is not None and before.close_time < t < before.expires_at
            ended = before is not None and before.settlement is not None
            if one.one_open and before is not None and lasts and not ended and self.cooldown:
                found = while_open(before, evaluation, self.cooldown, one, "live")
            elif on:
                found = decide(evaluation, self.cooldown, one, "live", recent=recent, behind={})
        self.cooldown = found.cooldown
        self.signals += [found.signal] if found.signal else []
        return found


def live_set(
    streams: Mapping[str, list[BarsFact | HistoryFact]], one: StrategySet
) -> tuple[list[Decision], list[Signal]]:
    """Minute by minute, all symbols: fold, settle what is open, decide."""
    symbols = {name: LiveSymbol(name, one) for name in streams}
    decisions: list[Decision] = []
    facts: list[Any] = [fact for stream in streams.values() for fact in stream]
    minutes = [fact for fact in facts if isinstance(fact, BarsFact)]
    for fact in facts:
        if isinstance(fact, HistoryFact):
            symbols[fact.symbol].fold(fact)
    for time in sorted({fact.close_time for fact in minutes}):
        now = {fact.symbol: fact for fact in minutes if fact.close_time == time}
        found = [(name, symbols[name].fold(now[name])) for name in symbols if name in now]
        for name, evaluation in found:
            if evaluation is not None:
                recent = [
                    past_of(each.settled(signal))
                    for each in symbols.values()
                    for signal in each.signals
                ]
                decisions.append(symbols[name].decide(evaluation, recent).decision)
    signals = [each.settled(signal) for each in symbols.values() for signal in each.signals]
    return decisions, signals


@cache
def short_donchian() -> StrategySet:
    """The shipped strategy on 5m bars in place of days, open for 40 minutes."""
    text = load_shipped("donchian").text.replace("1d", "5m").replace("14 * 1440", "40")
    raw = {"parameters": {"days": 5, "sl_atr": 1.0, "tp_atr": 1.5}, "rules": {"cost_gate": 0.0}}
    return set_of(load_text(text, "donchian.py"), raw)
