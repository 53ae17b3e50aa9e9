"""Plain Python and numba: the same source, the same bits, bar by bar."""

import importlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from signalengine.events import MAX_EVENTS, ROW
from signalengine.exits.levels import EXITS_SIZE
from signalengine.exits.rules import POSITION_SIZE
from signalengine.facts.stream import BarsFact
from signalengine.fold import advance
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS
from signalengine.layout import BLOCK, BLOCKS, GAP_S, REVISION
from signalengine.rules import COOL_SIZE, OUT_SIZE
from signalengine.signals import COMPONENTS
from signalengine.snapshot import SIZE as SNAPSHOT_SIZE
from signalengine.verdicts import EMITTED
from signalengine.volume_profile import BINS

from research.compiled import LIBRARY, NUMERIC, compiled_strategy, core

from .markets import (
    WalkRegime,
    after_warm,
    everywhere,
    facts_of,
    flows_beside,
    recorded,
    walk,
    warm_state,
)

pytestmark = pytest.mark.slow  # numba compiles

POLICY = everywhere()
Modules = Mapping[str, ModuleType]
Row = Sequence[float]


def plain() -> Modules:
    return {name: importlib.import_module(f"signalengine.{name}") for name in NUMERIC}


def buffers(make: Callable[[Sequence[Any]], Any], state: Row) -> dict[str, Any]:
    sizes = {"ev": 1 + ROW * MAX_EVENTS, "bins": BINS, "cool": COOL_SIZE}
    unknown = {"f": SNAPSHOT_SIZE, "out": OUT_SIZE, "scratch": len(COMPONENTS)}
    unknown |= {"long": EXITS_SIZE, "short": EXITS_SIZE}
    made = {name: make([0.0] * size) for name, size in sizes.items()}
    made |= {name: make([math.nan] * size) for name, size in unknown.items()}
    made["intervals"] = make(list(range(len(INTERVALS))))
    code = POLICY.code if make is list else compiled_strategy("classic").code
    return {**made, "s": make(list(state)), "p": make(POLICY.numbers), "code": code}


def minute(m: Modules, h: dict[str, Any], fact: BarsFact) -> None:
    """Fold, snapshot and evaluate one minute: what `fold` and `decide` do, in numbers only."""
    s, p, ev = h["s"], h["p"], h["ev"]
    bar = fact.bars[0]
    ev[0] = 0.0
    long, short, oi = (
        known(x) for x in (fact.liq_long_usd, fact.liq_short_usd, fact.open_interest)
    )
    quote = known(bar.quote_volume)
    value = quote if quote == quote else bar.volume * bar.close
    m["flows"].fold_minute(s, float(bar.open_time // MINUTE_MS), oi, long, short, value)
    m["flows"].fold_flow(s, long, short)
    m["flows"].set_latest(s, known(fact.funding_rate), known(fact.mark_price))
    for one in sorted(fact.bars, key=lambda b: -INTERVAL_MS[b.interval]):
        i = INTERVALS.index(one.interval)
        b = BLOCKS[i]
        block = s[b : b + BLOCK]
        m["events"].fold_bar(
            block, i, float(INTERVAL_MS[one.interval]), float(one.open_time), one.open,
            one.high, one.low, one.close, one.volume, known(one.quote_volume), p, ev,
        )  # fmt: skip
        s[b : b + BLOCK] = block
        m["flows"].close_flow(s, b, oi)
    m["flows"].detect_flows(s, known(fact.funding_hours), p, ev)
    for k in range(int(ev[0])):
        m["flows"].remember_event(s, float(ev[3 + k * ROW]), float(ev[4 + k * ROW]))
    m["snapshot"].snapshot(s, h["f"], h["bins"], h["intervals"])
    t = float(fact.close_time)
    tick = known(fact.tick_size)
    f, out = h["f"], h["out"]
    for side, exits in ((1.0, h["long"]), (-1.0, h["short"])):
        h["code"].components(f, f, side, p, h["scratch"])
        m["rules"].score_side(h["scratch"], side, p, out)
        m["exits.levels"].clear(exits)
        h["code"].exits(f, f, side, p, exits)
    entered = [bool(h["code"].entry(f, f, side, p)) for side in (1.0, -1.0)]
    m["rules"].rule(
        t, 0.0, False, False, f[0], tick, *entered, h["long"], h["short"], h["cool"], p, out
    )
    side = float(h["out"][1]) if h["out"][0] == EMITTED else 0.0
    m["rules"].cool_down(h["cool"], t, side, p)


def known(value: float | None) -> float:
    return math.nan if value is None else value


def bits(values: Any) -> bytes:
    return np.asarray(values, dtype=np.float64).tobytes()


def differences(facts: Sequence[BarsFact], state: Row) -> Iterator[str]:
    """Where the two differ: (minute, buffer)."""
    both = [(plain(), buffers(list, state)), (core(), buffers(np.array, state))]
    for n, fact in enumerate(facts):
        for modules, held in both:
            minute(modules, held, fact)
        for name in ("s", "ev", "f", "out", "cool", "long", "short"):
            mine, theirs = both[0][1][name], both[1][1][name]
            if bits(mine) != bits(theirs):
                yield f"minute {n}: {name}"


# --- the law --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "regime",
    [
        WalkRegime(),
        WalkRegime(price=2e-5, decimals=10, step=2e-3, volume=1e8, quotes=False),
        WalkRegime(calm=0.5, dead=0.3),
    ],
)
def test_a_walk_leaves_the_same_bits(regime: WalkRegime) -> None:
    minutes = walk(1500, 7, regime)
    del minutes[700:704]
    facts = facts_of(minutes, flows_beside(minutes, 7, known=0.95))
    assert list(differences(facts, warm_state().buffer)) == []


@pytest.mark.parametrize("symbol", ["BTC", "XRP"])
def test_recorded_bars_leave_the_same_bits(symbol: str) -> None:
    minutes = recorded(symbol, 3000)
    facts = facts_of(minutes, flows_beside(minutes, 3))
    assert list(differences(facts, type(warm_state()).fresh("X").buffer)) == []


def test_the_numbers_are_those_of_the_fold() -> None:
    """What is compared here is what Lambda does: state, minute by minute."""
    minutes = after_warm(400, 11)
    state, held = warm_state(), buffers(list, warm_state().buffer)
    for fact in facts_of(minutes, flows_beside(minutes, 11)):
        state = advance(state, fact, POLICY).state
        minute(plain(), held, fact)
        # the fold also counts facts and notes gaps
        held["s"][REVISION], held["s"][GAP_S] = state.buffer[REVISION], state.buffer[GAP_S]
        assert bits(state.buffer) == bits(held["s"])


def exits(m: Modules, x: Any, w: Any) -> list[float]:
    """Write, rule and fold a row of exits of each side."""
    levels, rules, found = m["exits.levels"], m["exits.rules"], []
    for side in (1.0, -1.0):
        levels.clear(x)
        levels.bracket_atr(x, 100.1, side, 1.3, 3.0, 1.1)
        found += [float(levels.is_bracket(x)), x[levels.TARGET]]
        levels.bracket_pct(x, 100.1, side, 3.3, 1.1)
        levels.target(x, 0, x[levels.TARGET], 1.0 / 3.0)
        levels.last_target(x, 1, 100.1 + side * 7.7)
        levels.break_even(x)
        levels.trail(x, 2.3, 1.0)
        levels.trail_in_steps(x, 2.3, 0.7, 1.0)
        levels.expire(x, 60.0)
        found += [levels.verdict(x, 100.1, side, 0.001), levels.fault(x, 100.1, side), *x]
        rules.enter(x, 100.1, w)
        for n, at in enumerate((101.7, 99.3, 103.9, 104.2, 102.9, 99.1)):
            o = 100.1 + side * (at - 100.1)
            h, lo = max(o, 100.0) + 0.3, min(o, 100.0) - 0.1
            found += [rules.fold_bar(x, side, 100.1, float(n), o, h, lo, o, n == 5, False, w), *w]
    return found


def test_exits_leave_the_same_bits() -> None:
    made = [
        exits(modules, make([0.0] * EXITS_SIZE), make([0.0] * POSITION_SIZE))
        for modules, make in ((plain(), list), (core(), np.array))
    ]
    assert bits(made[0]) == bits(made[1])


def test_every_numeric_function_compiles() -> None:
    """Each of them was called, by the walks above or by another that was."""
    minutes = walk(60)
    list(differences(facts_of(minutes, flows_beside(minutes)), warm_state().buffer))
    modules, s = core(), np.array(warm_state().buffer)
    modules["flows"].forget_flow(s, BLOCKS[0])
    modules["indicators"].last_close(s, BLOCKS[0])
    modules["rules"].touched(1.0, 2.0, 1.0, 0.5, 1.5)
    modules["rules"].stop_fill(1.0, 2.0, 1.0)
    modules["rules"].blend(np.zeros(OUT_SIZE), 0.5, 0.5, 0.5)
    modules["rules"].gate(np.zeros(OUT_SIZE), 0.5, 0.5, 0.5)
    modules["rules"].protect(np.zeros(OUT_SIZE))
    exits(modules, np.zeros(EXITS_SIZE), np.zeros(POSITION_SIZE))
    named = {"by_name", "flat", "_known"}  # they make dictionaries
    idle = [
        f"{name}.{function}"
        for name in NUMERIC
        if name not in LIBRARY  # by the tests of the library
        for function, value in vars(modules[name]).items()
        if getattr(value, "__module__", "") == modules[name].__name__
        and function not in named
        and not getattr(value, "signatures", None)
    ]
    assert idle == []
