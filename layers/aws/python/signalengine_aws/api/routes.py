"""Every endpoint of the HTTP API."""

import json
import re
from typing import Any, Final

from signalengine.facts.stream import MARKETS
from signalengine.intervals import INTERVALS
from signalengine.params import KINDS
from signalengine.signals import DIRECTIONS, Verdict

from ..runtime.clock import day_of
from ..stores.gaps import public as public_gap
from ..stores.pagination import AHEAD_MS
from ..stores.signals import STATUSES
from . import parameters as p
from . import swagger
from .parameters import BARS_LIMIT, EVENTS_LIMIT, TOP_LIMIT
from .queries import record_shapes, shapes, signal_shapes
from .routing import Request, Route, Text
from .services import Services

MAX_BARS: Final = 1_500
SECONDS: Final = 10
"""How long what changes once a minute may be kept."""


ASSET_S: Final = 3_600
MAX_BODY_CHARS: Final = 16_384
PROMETHEUS: Final = "text/plain"


class MissingError(LookupError):
    """What was asked for by its name is not there; the words are for the caller."""


def detail(services: Services, _: Request, *, signal_id: str) -> dict[str, Any]:
    found = services.journal.signal(signal_id)
    if found is None:
        raise MissingError(f"signal_id: no signal {signal_id}")
    return found


def described(services: Services, _: Request) -> dict[str, Any]:
    from .openapi import document

    return document(ROUTES, version=services.env.code_version)


def ledger(services: Services, _: Request, **asked: Any) -> dict[str, Any]:
    day = asked["day"] or day_of(services.record.newest_time() - AHEAD_MS)
    rows = services.gaps.of_day(day, asked["limit"] + 1, asked["cursor"])
    more = len(rows) > asked["limit"]
    shown = rows[: asked["limit"]]
    return {
        "gaps": [public_gap(entry) for entry in shown],
        "count": len(shown),
        "cursor": shown[-1].gap_id if more else None,
        "day": day,
    }


def exposition(services: Services, request: Request) -> Text:
    body, kind = services.operations.exposition(request.accept)
    return Text(body, kind)


def chat(services: Services, request: Request) -> dict[str, Any]:
    from ..chat.engine import MessageError

    raw = read_body(request.body)
    caller = f"http:{request.client}"
    try:
        return services.rate_limited_chat.answer(
            caller, raw.get("message"), raw.get("history") or ()
        )
    except MessageError as error:
        raise p.QueryError(str(error)) from error


def chat_body() -> dict[str, Any]:
    """Return the JSON schema of a question."""
    from ..chat.engine import MAX_HISTORY, MAX_MESSAGE_CHARS

    turn = {
        "type": "object",
        "required": ["role", "content"],
        "properties": {"role": {"enum": ["user", "assistant"]}, "content": {"type": "string"}},
    }
    return {
        "type": "object",
        "required": ["message"],
        "properties": {
            "message": {"type": "string", "minLength": 1, "maxLength": MAX_MESSAGE_CHARS},
            "history": {"type": "array", "maxItems": MAX_HISTORY, "items": turn},
        },
    }


def read_body(text: str) -> dict[str, Any]:
    """Read a JSON object; raises QueryError."""
    if len(text) > MAX_BODY_CHARS:
        raise p.QueryError(f"body: expected at most {MAX_BODY_CHARS} characters")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise p.QueryError("body: not JSON") from None
    if not isinstance(raw, dict):
        raise p.QueryError("body: expected a JSON object")
    return raw


DIRECTION: Final = p.choice("direction", "Only this side", DIRECTIONS)
STATUS: Final = p.choice("status", "`closed` is every outcome", STATUSES)
VERDICT: Final = p.choice("verdict", "Only this verdict", tuple(Verdict))
KIND: Final = p.choice("type", "Only this kind of event", KINDS, argument="kind")
INTERVAL: Final = p.choice("interval", "Length of a bar", INTERVALS, default="1m")
DAYS: Final = p.whole("days", "UTC days, the running one included", low=1, high=366, default=30)
GAP_CURSOR: Final = p.matching(
    "cursor", "Where the last page ended", re.compile(r"[\w#:.,-]{1,120}"), "one of ours"
)
PERIOD: Final = (p.start(), p.end())
WHOSE: Final = (p.policy(), p.choice("market", "Kind of market", MARKETS))

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/health", "How the service is", "Service",
        lambda s, _: s.record.health(), shapes.Health, open=True,
    ),
    Route(
        "/symbols", "Followed symbols", "Market", lambda s, _: s.record.symbols(), shapes.Symbols
    ),
    Route(
        "/signals", "Signals, newest first", "Signals",
        lambda s, _, **asked: s.record.signals(**asked), signal_shapes.Signals,
        (p.symbol(), DIRECTION, STATUS, *PERIOD, p.limit(), p.cursor()),
    ),
    Route(
        "/signals/stats", "Statistics of a policy on a market", "Performance",
        lambda s, _, **asked: s.record.stats(**asked), record_shapes.SignalStats, WHOSE,
    ),
    Route(
        "/signals/{signal_id}", "All that is known of a signal", "Signals", detail,
        signal_shapes.SignalDetail, (p.signal_id(),), raises=("404",),
    ),
    Route(
        "/decisions", "Decisions, newest first: why, and why not", "Signals",
        lambda s, _, **asked: s.journal.decisions(**asked), signal_shapes.Decisions,
        (p.symbol(), VERDICT, *PERIOD, p.limit(), p.cursor()),
    ),
    Route(
        "/events", "Market events, newest first", "Market",
        lambda s, _, **asked: s.journal.events(**asked), signal_shapes.Events,
        (p.symbol(), KIND, p.limit(EVENTS_LIMIT), p.cursor()),
    ),
    Route(
        "/events/stats", "A day's events by kind and symbol", "Market",
        lambda s, _, **asked: s.journal.event_stats(**asked), signal_shapes.EventStats, (p.day(),),
        max_age_s=60,
    ),
    Route(
        "/performance", "Track record of a window", "Performance",
        lambda s, _, **asked: s.record.performance(**asked), record_shapes.Performance,
        (DAYS, *WHOSE, p.symbol()), max_age_s=SECONDS,
    ),
    Route(
        "/performance/stats", "Statistics by symbol", "Performance",
        lambda s, _, **asked: s.record.performance_stats(**asked),
        record_shapes.PerformanceStats, WHOSE,
    ),
    Route(
        "/equity", "Equity by day, over a policy's whole life", "Performance",
        lambda s, _, **asked: s.record.equity(**asked), record_shapes.Equity, WHOSE,
    ),
    Route(
        "/top", "Scores of all followed symbols now", "Market",
        lambda s, _, **asked: s.standings.top(**asked), shapes.Top, (p.limit(TOP_LIMIT),),
        max_age_s=SECONDS,
    ),
    Route(
        "/bars", "Closed bars, oldest first", "Market",
        lambda s, _, **asked: s.journal.bars(**asked), shapes.Bars,
        (p.symbol(required=True), INTERVAL, *PERIOD, p.limit(BARS_LIMIT, MAX_BARS)),
    ),
    Route(
        "/gaps", "The feed's ledger of a day: what was missed, and what became of it", "Feed",
        ledger, shapes.GapList, (p.day(), p.limit(), GAP_CURSOR),
    ),
    Route(
        "/system", "Latencies, queues, clients, and the feed's own report", "Service",
        lambda s, _: s.operations.system(), shapes.System, max_age_s=SECONDS,
    ),
    Route(
        "/metrics", "Metrics for Prometheus, in the form its scraper takes", "Service",
        exposition, kinds=(PROMETHEUS,),
    ),
    Route(
        "/metrics/legacy", "Metrics as JSON, as earlier versions told them", "Service",
        lambda s, _: s.operations.legacy(), shapes.LegacyMetrics,
    ),
    Route(
        "/chat", "A free question, answered from the engine's own data", "Chat", chat,
        shapes.ChatAnswer, method="POST", body=chat_body, raises=("429",),
    ),
    Route(
        "/openapi.json", "This document", "Service", described, shapes.Document,
        max_age_s=ASSET_S, open=True,
    ),
    Route(
        "/swagger", "This document, to read and to try", "Service", lambda *_: swagger.page(),
        max_age_s=ASSET_S, open=True, kinds=("text/html",),
    ),
    Route(
        "/swagger/ui.js", "Swagger's script", "Service", lambda *_: swagger.script(),
        max_age_s=ASSET_S, open=True, kinds=("text/javascript",),
    ),
    Route(
        "/swagger/start.js", "What starts it", "Service", lambda *_: swagger.start(),
        max_age_s=ASSET_S, open=True, kinds=("text/javascript",),
    ),
    Route(
        "/swagger/ui.css", "Swagger's style", "Service", lambda *_: swagger.style(),
        max_age_s=ASSET_S, open=True, kinds=("text/css",),
    ),
)  # fmt: skip
