"""Every endpoint of the HTTP API."""

from typing import Any, Final

from signalengine.facts import MARKETS
from signalengine.intervals import INTERVALS
from signalengine.params import KINDS
from signalengine.signals import DIRECTIONS, Verdict

from .openapi import document
from .routing import Route
from .services import Services
from .serving import parameters as p
from .serving import shapes
from .serving.journal import BARS_LIMIT, EVENTS_LIMIT
from .serving.standings import TOP_LIMIT
from .signals import STATUSES

MAX_BARS: Final = 1_500
SECONDS: Final = 10
"""How long what changes once a minute may be kept."""


class MissingError(LookupError):
    """What was asked for by its name is not there; the words are for the caller."""


def detail(services: Services, *, signal_id: str) -> dict[str, Any]:
    found = services.journal.signal(signal_id)
    if found is None:
        raise MissingError(f"signal_id: no signal {signal_id}")
    return found


def described(services: Services) -> dict[str, Any]:
    return document(ROUTES, version=services.env.code_version)


DIRECTION: Final = p.choice("direction", "Only this side", DIRECTIONS)
STATUS: Final = p.choice("status", "`closed` is every outcome", STATUSES)
VERDICT: Final = p.choice("verdict", "Only this verdict", tuple(Verdict))
KIND: Final = p.choice("type", "Only this kind of event", KINDS, argument="kind")
INTERVAL: Final = p.choice("interval", "Length of a bar", INTERVALS, default="1m")
DAYS: Final = p.whole("days", "UTC days, the running one included", low=1, high=366, default=30)
PERIOD: Final = (p.start(), p.end())
WHOSE: Final = (p.policy(), p.choice("market", "Kind of market", MARKETS))

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/health", "How the service is", "Service",
        lambda s: s.record.health(), shapes.Health, open=True,
    ),
    Route("/symbols", "Followed symbols", "Market", lambda s: s.record.symbols(), shapes.Symbols),
    Route(
        "/signals", "Signals, newest first", "Signals",
        lambda s, **asked: s.record.signals(**asked), shapes.Signals,
        (p.symbol(), DIRECTION, STATUS, *PERIOD, p.limit(), p.cursor()),
    ),
    Route(
        "/signals/stats", "Statistics of a policy on a market", "Performance",
        lambda s, **asked: s.record.stats(**asked), shapes.SignalStats, WHOSE,
    ),
    Route(
        "/signals/{signal_id}", "All that is known of a signal", "Signals", detail,
        shapes.SignalDetail, (p.signal_id(),), raises=("404",),
    ),
    Route(
        "/decisions", "Decisions, newest first: why, and why not", "Signals",
        lambda s, **asked: s.journal.decisions(**asked), shapes.Decisions,
        (p.symbol(), VERDICT, *PERIOD, p.limit(), p.cursor()),
    ),
    Route(
        "/events", "Market events, newest first", "Market",
        lambda s, **asked: s.journal.events(**asked), shapes.Events,
        (p.symbol(), KIND, p.limit(EVENTS_LIMIT), p.cursor()),
    ),
    Route(
        "/events/stats", "A day's events by kind and symbol", "Market",
        lambda s, **asked: s.journal.event_stats(**asked), shapes.EventStats, (p.day(),),
        max_age_s=60,
    ),
    Route(
        "/performance", "Track record of a window", "Performance",
        lambda s, **asked: s.record.performance(**asked), shapes.Performance,
        (DAYS, *WHOSE, p.symbol()), max_age_s=SECONDS,
    ),
    Route(
        "/performance/stats", "Statistics by symbol", "Performance",
        lambda s, **asked: s.record.performance_stats(**asked), shapes.PerformanceStats, WHOSE,
    ),
    Route(
        "/equity", "Equity by day, over a policy's whole life", "Performance",
        lambda s, **asked: s.record.equity(**asked), shapes.Equity, WHOSE,
    ),
    Route(
        "/top", "Scores of all followed symbols now", "Market",
        lambda s, **asked: s.standings.top(**asked), shapes.Top, (p.limit(TOP_LIMIT),),
        max_age_s=SECONDS,
    ),
    Route(
        "/bars", "Closed bars, oldest first", "Market",
        lambda s, **asked: s.journal.bars(**asked), shapes.Bars,
        (p.symbol(required=True), INTERVAL, *PERIOD, p.limit(BARS_LIMIT, MAX_BARS)),
    ),
    Route(
        "/openapi.json", "This document", "Service", described, shapes.Document,
        max_age_s=3_600, open=True,
    ),
)  # fmt: skip
