"""The market: symbols, current scores, events and bars."""

from typing import Any, Final, Literal, TypedDict

from signalengine.intervals import INTERVALS
from signalengine.kinds import KINDS
from signalengine.signals import ENTRY

from .. import parameters as p
from ..field_types import Components, Direction
from ..parameters import BARS_LIMIT, CHART_LIMIT, EVENTS_LIMIT, TOP_LIMIT
from ..routing import Request, Route
from ..services import Services

MAX_BARS: Final = 1_500
MAX_CHART_BARS: Final = 500
LEVELS: Final = ("ema", "vwap", "bands", "profile", "swings")
"""Groups of `signalengine.chart.overlays`: what is there at each bar."""
SECONDS: Final = 10
"""Cache time of what changes once a minute."""


class Lot(TypedDict):
    """Which quantities can be ordered: steps and minimum in base, the notional in quote currency;
    0: no such limit is listed."""

    step: float
    min_quantity: float
    min_notional: float


class TradeCosts(TypedDict):
    """What the policy counts for each side of a trade, in hundredths of a percent."""

    fee_bps: float
    slippage_bps: float


class Symbols(TypedDict):
    """The symbols that the feed follows, with their last prices, and the smallest step of each
    price where the exchange lists one.
    """

    symbols: list[str]
    count: int
    prices: dict[str, float]
    tick_sizes: dict[str, float]
    lot_sizes: dict[str, Lot]
    costs: TradeCosts
    time: int | None


class CurrentScores(TypedDict):
    """A symbol's scores at its last folded close. `backed`: an event supports the direction."""

    symbol: str
    direction: Direction | None
    score: float
    long_score: float
    short_score: float
    components: Components
    missing: list[str]
    backed: bool
    price: float | None
    tick_size: float | None
    close_time: int
    warm: bool


class Top(TypedDict):
    """Followed symbols, best score first."""

    top: list[CurrentScores]
    time: int | None


class ListedEvent(TypedDict):
    """An event in a list; `timestamp` is its bar's close in seconds."""

    symbol: str
    timestamp: float
    close_time: int
    event_type: str
    interval: str
    direction: Direction
    strength: float
    details: dict[str, float]
    strategy: str
    """`classic` for events of the market; another set's events are its entries."""


class Events(TypedDict):
    """A page of events, newest first."""

    events: list[ListedEvent]
    count: int
    cursor: str | None
    unreadable: int


class EventStats(TypedDict):
    """A day's events. `truncated`: only the newest 3,000 closes with events were counted."""

    total: int
    by_type: dict[str, int]
    by_symbol: dict[str, int]
    day: str
    truncated: bool
    unreadable: int


class Bars(TypedDict):
    """Bars, oldest first: [open_time, open, high, low, close, volume]."""

    symbol: str
    interval: Literal["1m", "5m", "15m", "1h", "4h", "1d"]
    bars: list[list[float]]
    count: int
    unreadable: int


class ChartEvent(TypedDict):
    """An event of the market on a chart."""

    close_time: int
    event_type: str
    interval: str
    direction: Direction
    strength: float


class ChartEvents(TypedDict):
    """Events, oldest first; `since`: from which time (ms) on there are all."""

    since: int
    rows: list[ChartEvent]


class ChartSide(TypedDict):
    """Scores of a direction, and its components, each at `close_times`."""

    score: list[float]
    components: dict[str, list[float | None]]


class ChartScores(TypedDict):
    """Scores over time, from `since` (ms) on. `basis`: `closes`, all of them, or `decisions`: those
    with events."""

    basis: Literal["closes", "decisions"]
    since: int
    close_times: list[int]
    long: ChartSide
    short: ChartSide


class ChartValue(TypedDict):
    """A value that a strategy names, at `close_times`; `price`: a level of the price."""

    name: str
    price: bool
    about: str
    points: list[float | None]


class ChartStrategy(TypedDict):
    """The values of a parameter set at the closes of `every`."""

    strategy: str
    status: str
    every: str
    close_times: list[int]
    values: list[ChartValue]


class Chart(TypedDict):
    """Bars as those of `/bars`, and what was chosen; `overlays` by name, at each bar."""

    symbol: str
    interval: Literal["1m", "5m", "15m", "1h", "4h", "1d"]
    tick_size: float | None
    bars: list[list[float]]
    count: int
    overlays: dict[str, list[float | None]]
    events: ChartEvents | None
    scores: ChartScores | None
    strategies: list[ChartStrategy] | None
    cursor: str | None
    unreadable: int


def symbols(services: Services, _: Request) -> dict[str, Any]:
    """The symbols that the feed follows, with their last prices and tick sizes."""
    from ..queries.feed import FeedQueries

    return services.query(FeedQueries).symbols()


def top(services: Services, _: Request, *, limit: int) -> dict[str, Any]:
    """Each symbol's state at its last folded close, scored as decisions are, best first. These
    scores decide nothing: a signal needs an event that supports its direction (`backed`); without
    one the event component is 0.
    """
    from ..queries.current_scores import CurrentScoresQueries

    return services.query(CurrentScoresQueries).top(limit)


def events(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """[policy.md](policy.md) explains the types. `from` and `to` are about the bar's close."""
    from ..queries.history import HistoryQueries

    return services.query(HistoryQueries).events(**values)


def event_stats(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """By default of the newest day. At most the newest 3,000 closes with events are counted (else
    `truncated`).
    """
    from ..queries.history import HistoryQueries

    return services.query(HistoryQueries).event_stats(**values)


def bars(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """The first bars from `from` on where it is given, else the newest; `from` and `to` are about
    the opening. Bars are stored for 35 days.
    """
    from ..queries.history import HistoryQueries

    return services.query(HistoryQueries).bars(**values)


def chart(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """`overlays` are the fold's own: at each bar what it had at that close, to the last bit. They
    are computed from states of the past, of which one in four hours is stored for 35 days, and the
    bars after them. Null is what was not warm, what is older than the first such state, and what
    comes after missing bars until the next one.

    `scores` are those of every close where the interval is `1m` and of decisions elsewhere, without
    closes at which the fold was not warm. `strategies` has the named values of the parameter sets
    that run, `events` those of the interval and longer ones. The page before begins at `cursor`.
    A bar that closed after `to` is not among them.
    """
    from ..queries.chart import ChartQueries

    return services.query(ChartQueries).chart(**values)


KIND: Final = p.choice("type", "Only this kind of event", (*KINDS, ENTRY), argument="kind")
INTERVAL: Final = p.choice("interval", "Length of a bar", INTERVALS, default="1m")
OVERLAYS: Final = p.several(
    "overlays", "What the chart has beside its bars, separated by commas",
    (*LEVELS, "events", "scores", "strategies"), LEVELS,
)  # fmt: skip

SYMBOLS: Final = """\
{"symbols": ["BTCUSDT", "ETHUSDT"], "count": 2, "prices": {"BTCUSDT": 103.26, "ETHUSDT": 94.43},
 "tick_sizes": {"BTCUSDT": 0.01, "ETHUSDT": 0.001},
 "lot_sizes": {"BTCUSDT": {"step": 0.001, "min_quantity": 0.001, "min_notional": 5.0}},
 "costs": {"fee_bps": 5.0, "slippage_bps": 1.0}, "time": 1747620002000}"""
TOP: Final = """\
{"top": [{"symbol": "ETHUSDT", "direction": "short", "score": 0.265, "long_score": 0.1329,
  "short_score": 0.265, "components": {"trend": 0.4024, "liquidation": null, "volatility": 0.0,
    "vwap": 0.0, "oi": null, "structure": 0.7, "event": 0.0},
  "missing": ["liquidation", "oi"], "backed": false, "price": 94.426, "tick_size": 0.001,
  "close_time": 1747627200000, "warm": true}], "time": 1747627202000}"""
EVENTS: Final = """\
{"events": [{"symbol": "BTCUSDT", "timestamp": 1747620000.0, "close_time": 1747620000000,
  "event_type": "structure_break", "interval": "5m", "direction": "long", "strength": 0.1026,
  "details": {"close": 103.2612, "level": 103.2151}, "strategy": "classic"}],
 "count": 1, "cursor": "WzE3NDc2MjAwMDAwMDAsIkJUQ1VTRFQiLDFd", "unreadable": 0}"""
EVENT_STATS: Final = """\
{"total": 23, "by_type": {"structure_break": 7, "rsi_extreme": 7, "volume_spike": 4},
 "by_symbol": {"BTCUSDT": 13, "ETHUSDT": 10}, "day": "2025-05-19", "truncated": false,
 "unreadable": 0}"""
BARS: Final = """\
{"symbol": "BTCUSDT", "interval": "1m",
 "bars": [[1747619940000, 103.1, 103.3, 103.0, 103.26, 8.56]], "count": 1, "unreadable": 0}"""
CHART: Final = """\
{"symbol": "BTCUSDT", "interval": "1m", "tick_size": 0.01,
 "bars": [[1747619940000, 103.1, 103.3, 103.0, 103.26, 8.56]], "count": 1,
 "overlays": {"ema_9": [103.17180339887], "vwap": [102.9917], "swing_high": [null]},
 "events": {"since": 1747619940000, "rows": [{"close_time": 1747620000000,
   "event_type": "structure_break", "interval": "5m", "direction": "long", "strength": 0.1026}]},
 "scores": null, "strategies": null, "cursor": null, "unreadable": 0}"""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/top", "Scores of all followed symbols now", "Market", top, Top, (p.limit(TOP_LIMIT),),
        max_age_s=SECONDS, shared=True, example=TOP,
    ),
    Route("/symbols", "Followed symbols", "Market", symbols, Symbols, example=SYMBOLS),
    Route(
        "/events", "Market events, newest first", "Market", events, Events,
        (p.symbol(), KIND, *p.sets(), *p.period(), p.limit(EVENTS_LIMIT), p.cursor()),
        shared=True, example=EVENTS,
    ),
    Route(
        "/events/stats", "A day's events by kind and symbol", "Market", event_stats, EventStats,
        (p.day(),), max_age_s=60, example=EVENT_STATS,
    ),
    Route(
        "/bars", "Closed bars, oldest first", "Market", bars, Bars,
        (p.symbol(required=True), INTERVAL, *p.period(), p.limit(BARS_LIMIT, MAX_BARS)),
        example=BARS,
    ),
    Route(
        "/chart", "A symbol's bars with the fold's own indicators", "Market", chart, Chart,
        (
            p.symbol(required=True), INTERVAL, OVERLAYS, p.end(),
            p.limit(CHART_LIMIT, MAX_CHART_BARS), p.cursor(),
        ),
        shared=True, example=CHART,
    ),
)  # fmt: skip
