"""Each component as a function of its inputs, by the engine's own functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Final

from signalengine.flows import event_memory, fold_minute, remember_event
from signalengine.indicators import ATR_14, BREAK, EMA_21, EMA_BEFORE, VWAP
from signalengine.indicators import PRICE as CLOSE
from signalengine.layout import EVENT_LONG, fresh_buffer
from signalengine.policy import default_policy
from signalengine.snapshot import (
    ATR_SLOW,
    EVENTS_LONG,
    LIQ_LONG_5M,
    LIQ_SHORT_5M,
    OI_CHANGE,
    PRICE_CHANGE,
    QUOTE_5M,
    ROOM_LONG,
    ROOM_SHORT,
    SIZE,
    VWAP_BARS,
    WIDTH,
)
from signalengine.strategies import classic

P: Final = default_policy().numbers
LONG: Final = 1.0
SHORT: Final = -1.0
QUARTER, HOUR = 2 * WIDTH, 3 * WIDTH
STEPS: Final = 240
PRICE, ATR = 100.0, 1.0
Component = Callable[[list[float], float, Sequence[float]], float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: its name, how it is drawn (classes of the picture), and its points."""

    name: str
    style: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot of a component against an input."""

    title: str
    x_title: str
    curves: tuple[Curve, ...]
    marks: tuple[tuple[float, str], ...]
    """Places on the input's axis, with what they are called."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The picture of one component."""

    component: str
    caption: str
    """What is to be seen, for those who do not see it."""
    panels: tuple[Panel, ...]


def curve(name: str, style: str, low: float, high: float, value: Callable[[float], float]) -> Curve:
    """Ask `value` at even steps over low..high; points inside a straight part are left out."""
    xs = [low + (high - low) * k / STEPS for k in range(STEPS + 1)]
    return Curve(name, style, _corners([(x, value(x)) for x in xs]))


def _corners(points: Sequence[Point]) -> tuple[Point, ...]:
    known = [point for point in points if point[1] == point[1]]
    inner = [
        here
        for before, here, after in zip(known, known[1:], known[2:], strict=False)
        if abs((here[1] - before[1]) - (after[1] - here[1])) > 1e-9
    ]
    return (known[0], *inner, known[-1])


def snapshot() -> list[float]:
    """A snapshot of which nothing is known but the price and the ATRs."""
    f = [nan] * SIZE
    for i in range(4):
        f[i * WIDTH + CLOSE], f[i * WIDTH + ATR_14], f[i * WIDTH + BREAK] = PRICE, ATR, 0.0
    return f


def trend() -> Figure:
    def value(slope: float, side: float, intervals: Sequence[int]) -> float:
        f = snapshot()
        for i in range(4):
            f[i * WIDTH + EMA_BEFORE] = PRICE
            f[i * WIDTH + EMA_21] = PRICE + 3.0 * ATR * (slope if i in intervals else 0.0)
        return classic.trend(f, side, P)

    every, hour, minute = (0, 1, 2, 3), (3,), (0,)
    reach = 0.5
    panel = Panel(
        "EMA 21 slopes",
        "slope of EMA 21, in ATR a bar",
        (
            curve("long", "long", -reach, reach, lambda x: value(x, LONG, every)),
            curve("short", "short", -reach, reach, lambda x: value(x, SHORT, every)),
            curve("1h alone", "long thin", -reach, reach, lambda x: value(x, LONG, hour)),
            curve("1m alone", "long dots", -reach, reach, lambda x: value(x, LONG, minute)),
        ),
        ((-0.3, "−0.3"), (0.0, "0"), (0.3, "0.3")),
    )
    caption = "Trend rises from 0 at a flat EMA to 1 at 0.3 ATR a bar on all four intervals."
    return Figure("trend", caption, (panel,))


def liquidation() -> Figure:
    def value(lean: float, share: float, side: float) -> float:
        f = snapshot()
        f[QUOTE_5M] = 1e6
        total = share * f[QUOTE_5M]
        f[LIQ_SHORT_5M], f[LIQ_LONG_5M] = total * (1 + lean) / 2, total * (1 - lean) / 2
        return classic.liquidation(f, side, P)

    who = Panel(
        "who was liquidated (1 % of the volume)",
        "(short − long) / (short + long)",
        (
            curve("long", "long", -1, 1, lambda x: value(x, 0.01, LONG)),
            curve("short", "short", -1, 1, lambda x: value(x, 0.01, SHORT)),
            curve("half as much", "long thin", -1, 1, lambda x: value(x, 0.005, LONG)),
        ),
        ((-1.0, "longs"), (0.0, "0"), (1.0, "shorts")),
    )
    much = Panel(
        "how much (only shorts)",
        "share of 5 minutes' quote volume (below 0.1 %: quiet)",
        (curve("long", "long", 0.0, 0.015, lambda x: value(1.0, x, LONG)),),
        ((0.0, "0"), (0.005, "0.5 %"), (0.01, "1 %"), (0.015, "1.5 %")),
    )
    caption = "Liquidation is the imbalance of sides times the amount; under 0.1 % it is quiet."
    return Figure("liquidation", caption, (who, much))


def volatility() -> Figure:
    def value(times: float) -> float:
        f = snapshot()
        f[QUARTER + ATR_14], f[ATR_SLOW] = times, 1.0
        return classic.volatility(f, LONG, P)

    panel = Panel(
        "ATR of 15m against its day",
        "ATR 15m / its EMA 96",
        (curve("long and short", "both", 0.5, 2.5, value),),
        ((0.5, "½ ×"), (1.0, "1 ×"), (1.5, "1½ ×"), (2.0, "2 ×"), (2.5, "2½ ×")),
    )
    caption = (
        "Volatility rises from 0 at the usual ATR to 1 at twice the usual, for both directions."
    )
    return Figure("volatility", caption, (panel,))


def vwap() -> Figure:
    def value(distance: float, side: float) -> float:
        f = snapshot()
        f[VWAP], f[VWAP_BARS] = PRICE - distance * ATR, 600.0
        return classic.vwap_side(f, side, P)

    panel = Panel(
        "distance from the session VWAP",
        "(close − VWAP), in ATR of 1h",
        (
            curve("long", "long", -3, 3, lambda x: value(x, LONG)),
            curve("short", "short", -3, 3, lambda x: value(x, SHORT)),
        ),
        ((-2.0, "−2"), (-1.0, "−1"), (0.0, "0"), (1.0, "1"), (2.0, "2")),
    )
    caption = "VWAP rises from 0 at the session VWAP to 1 two hourly ATRs on the direction's side."
    return Figure("vwap", caption, (panel,))


def oi() -> Figure:
    def value(change: float, moved: float, side: float) -> float:
        f = snapshot()
        f[OI_CHANGE], f[PRICE_CHANGE] = change, moved
        return classic.oi(f, side, P)

    def panel(title: str, moved: float) -> Panel:
        return Panel(
            title,
            "change of open interest over 15 minutes",
            (
                curve("long", "long", -0.01, 0.015, lambda x: value(x, moved, LONG)),
                curve("short", "short", -0.01, 0.015, lambda x: value(x, moved, SHORT)),
            ),
            ((-0.01, "−1 %"), (0.0, "0"), (0.005, "0.5 %"), (0.01, "1 %")),
        )

    caption = "Growing open interest supports the direction of the price, in full at 1 %."
    return Figure("oi", caption, (panel("the price rose", 0.002), panel("the price fell", -0.002)))


def structure() -> Figure:
    def value(room: float, intervals: Sequence[int], side: float) -> float:
        f = snapshot()
        for i in intervals:
            f[i * WIDTH + BREAK] = LONG
        f[ROOM_LONG] = f[ROOM_SHORT] = room * ATR
        return classic.structure(f, side, P)

    every = (0, 1, 2, 3)
    panel = Panel(
        "room ahead, last breaks upwards",
        "distance to the next 15m or 1h swing, in ATR of 15m",
        (
            curve("long", "long", 0, 3, lambda x: value(x, every, LONG)),
            curve("short", "short", 0, 3, lambda x: value(x, every, SHORT)),
            curve("15m and 1h", "long thin", 0, 3, lambda x: value(x, (2, 3), LONG)),
            curve("1m and 5m", "long dots", 0, 3, lambda x: value(x, (0, 1), LONG)),
        ),
        ((0.0, "0"), (1.0, "1"), (2.0, "2"), (3.0, "3")),
    )
    caption = "Structure is the weight of intervals that broke in this direction, times the room."
    return Figure("structure", caption, (panel,))


def event() -> Figure:
    minute = 1_000_000

    def value(age: float, strength: float) -> float:
        s, f = fresh_buffer(), snapshot()
        fold_minute(s, float(minute), nan, nan, nan, nan)
        remember_event(s, LONG, strength)
        for later in range(1, round(age) + 1):
            fold_minute(s, float(minute + later), nan, nan, nan, nan)
        f[EVENTS_LONG] = event_memory(s, EVENT_LONG)
        return classic.event(f, LONG, P)

    def steps(name: str, style: str, strength: float) -> Curve:
        return Curve(name, style, tuple((float(a), value(a, strength)) for a in range(19)))

    panel = Panel(
        "one long event, fading",
        "minutes since the event",
        (
            steps("strength 1", "long", 1.0),
            steps("strength ½", "long thin", 0.5),
            steps("strength 0", "long dots", 0.0),
        ),
        ((0.0, "0"), (5.0, "5"), (10.0, "10"), (15.0, "15")),
    )
    caption = "An event counts 0.25 to 1 by its strength, and fades to 0 within 15 minutes."
    return Figure("event", caption, (panel,))


def figures() -> tuple[Figure, ...]:
    """Every component's picture, in the order of `signals.COMPONENTS`."""
    return (trend(), liquidation(), volatility(), vwap(), oi(), structure(), event())
