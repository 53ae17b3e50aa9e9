"""Markets of two symbols, policies and a model for them, and the live engine in plain Python."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

from signalengine.decisions import decide
from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.models.model import Model, load_model
from signalengine.policy import Policy
from signalengine.protections import past_of
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Cooldown, Decision, Signal, settled

from research.policies import varied
from tests.research.backtest.walks import TICKS, _stored, facts_of, walk

Stream = list[BarsFact | HistoryFact]
BASE = {"threshold": 0.2, "cost_gate": 0.0}
WARY = {
    "protections.stops": 2,
    "protections.stops_within_s": 7200,
    "protections.loss": 0.004,
    "protections.loss_within_s": 3600,
    "protections.loss_pause_s": 3600,
    "protections.open_signals": 1,
}


RULES = ("stops", "loss", "open_signals")


def policy(*rules: str) -> Policy:
    off = {f"protections.{rule}": 0 for rule in RULES if rule not in rules}
    return varied({**BASE, **WARY, **off})


def market(
    seed: int, minutes: int = 4900, holes: frozenset[int] = frozenset()
) -> dict[str, Stream]:
    """Facts of two symbols over one span."""
    tables = [walk(seed, minutes, holes), replace(walk(seed + 1, minutes), symbol="ETHUSDT")]
    return {table.symbol: list(facts_of(table, 4000, TICKS)) for table in tables}


def live(
    streams: dict[str, Stream], wary: Policy, model: Model | None = None
) -> tuple[list[Decision], list[Signal]]:
    """Minute by minute, all symbols: fold, settle what is open, decide."""
    states = {symbol: SymbolState.fresh(symbol) for symbol in streams}
    cooldowns: dict[str, Cooldown] = {}
    bars: dict[str, list[StoredBar]] = {symbol: [] for symbol in streams}
    decisions: list[Decision] = []
    signals: list[Signal] = []
    facts = [fact for stream in streams.values() for fact in stream]
    for fact in sorted(facts, key=lambda f: f.close_time if isinstance(f, BarsFact) else 0):
        symbol = fact.symbol
        done = advance(states[symbol], fact, wary)
        states[symbol] = done.state
        if isinstance(fact, BarsFact):
            bars[symbol].append(_stored(fact))
        if done.evaluation is not None:
            ended = [_ended(one, bars[one.symbol]) for one in signals]
            recent = [past_of(one) for one in ended]
            cooldown = cooldowns.get(symbol)
            decided = decide(done.evaluation, cooldown, wary, "live", model, recent)
            cooldowns[symbol] = decided.cooldown
            decisions.append(decided.decision)
            signals += [decided.signal] if decided.signal else []
    return decisions, [_ended(one, bars[one.symbol]) for one in signals]


def _ended(signal: Signal, bars: list[StoredBar]) -> Signal:
    end = settle(signal, bars)
    return signal if end is None else settled(signal, end)


def small_tree(number: int, threshold: float, missing: int) -> dict[str, Any]:
    """One split on an input; what is missing goes left (1) or right (2)."""
    return {
        "input": [number], "threshold": [threshold], "left": [-1], "right": [-2],
        "missing": [missing], "leaf": [-0.4, 0.5],
    }  # fmt: skip


MODEL: dict[str, Any] = {
    "format": "signalengine-model", "version": 1, "name": "test", "predicts": "win",
    "inputs": ["score", "along_15m_vwap_dist", "1h_rsi", "oi"],
    "trees": [small_tree(0, 0.35, 2), small_tree(1, 0.2, 1), small_tree(2, 50.0, 2),
              small_tree(3, 0.1, 1)],
    "calibration": [[-2.0, 0.1], [0.1, 0.45], [2.0, 0.9]], "about": {},
}  # fmt: skip


@cache
def model() -> Model:
    return load_model(json.dumps(MODEL))


def asking(mode: str, *rules: str) -> Policy:
    """A policy whose model may do so much, beside the protections."""
    off = {f"protections.{rule}": 0 for rule in RULES if rule not in rules}
    ai = {"mode": mode, "model": model().digest, "minimum": 0.45, "weight": 0.6}
    return varied({**BASE, **WARY, **off, "ai": ai})
