"""The service itself: health, operational data, metrics."""

from typing import Any, Final, Literal, NotRequired, TypedDict

from ...costs.shapes import Cost
from ..field_types import Market
from ..routing import MissingError, Request, Route, Text
from ..services import Services

PROMETHEUS: Final = "text/plain"
SECONDS: Final = 10
"""Cache time of what changes every few seconds."""


class Gaps(TypedDict):
    """Holes in the bars."""

    open: int
    last_24h: int
    lost_bars_24h: int


class Health(TypedDict):
    """Health of the service. Before the first heartbeat most fields are absent."""

    status: Literal["ok", "degraded"]
    components: dict[str, str]
    uptime_seconds: NotRequired[int]
    feed_age_seconds: NotRequired[float]
    lag_ms: NotRequired[int | None]
    watermark: NotRequired[int]
    market: NotRequired[Market]
    symbols: NotRequired[int]
    gaps: NotRequired[Gaps]
    policy_digest: NotRequired[str]
    policy_name: NotRequired[str]
    code_version: NotRequired[str]


class Hop(TypedDict):
    """Latency of one step of newly opened signals; null where none was delivered."""

    name: str
    p50_ms: float | None
    p95_ms: float | None
    n: int


class System(TypedDict):
    """Operational data. The hop from a bar's close covers live markets only: a replay's clock
    differs from wall time. Hops end with a channel's acknowledgement; WebSocket clients send none.
    """

    hops: list[Hop]
    queues: dict[str, int]
    cost: Cost
    feed: dict[str, Any] | None
    websocket_clients: int


class LegacySystem(TypedDict):
    cpu_percent: float | None
    rss_mb: float | None
    threads: int | None
    uptime_seconds: int | None


class LegacyCounters(TypedDict):
    events_triggered: int | None
    signals_emitted: int | None
    telegram_sent: int | None
    signal_long: int | None
    signal_short: int | None


class LegacyGauges(TypedDict):
    signal_queue_size: int | None
    telegram_queue_size: int | None


class LegacyMetrics(TypedDict):
    """Metrics in the form of earlier versions; null: not known."""

    system: LegacySystem
    counters: LegacyCounters
    gauges: LegacyGauges


def health(services: Services, _: Request) -> dict[str, Any]:
    """`components` has each stage of a bar's path: `ok`, or what is wrong, and then the service is
    `degraded`. A stage of which nothing is known yet is absent, and open `gaps` alone degrade
    nothing.

    `feed`: no heartbeat for a minute. `streams`: one that always carries messages is silent for a
    minute; one that has sent nothing in the first minute of a task is `starting`, which degrades
    nothing. `fold`: bars are folded more than three minutes behind. `scoring`: a close of three
    minutes ago with events has no decision. `publication`: a notification has waited for four
    minutes. `telegram`: it refuses the bot's token, or each of the chats. `websocket`: the probe
    has seen no heartbeat for a quarter of an hour. A replay's minutes are as much shorter as it is
    faster.

    `lag_ms` is the time from the newest folded close to the newest heartbeat, both in exchange
    time, 0 where the fold is ahead; `gaps` are counts of the feed's ledger.
    """
    from ..queries.feed import FeedQueries

    return services.query(FeedQueries).health()


def system(services: Services, _: Request) -> dict[str, Any]:
    """Latencies of the newest signals within 24 hours, by their receipts (from a bar's close only
    on live markets: a replay's clock differs from wall time); approximate numbers of messages in
    the queues; the ingest task's own report; connected WebSocket clients.

    `cost` is an estimate from what was counted since `since` (see [cost.md](cost.md)):
    `usd_estimate` in all and `by_service`, and `months` of 730 hours for the followed symbols, for
    20 and for 500. `usd_estimate` is null where nothing is counted yet; `basis` gives the reason,
    or what the estimate is based on.
    """
    from ..queries.operations import OperationsQueries

    return services.query(OperationsQueries).system()


def metrics(services: Services, request: Request) -> Text:
    """The format (classic text or OpenMetrics) follows the request's `Accept`.

    Signals, by policy and market: `signals_emitted_total`, `signals_closed_total`,
    `signals_tp_hit_total`, `signals_sl_hit_total`, `signals_expired_total`, `signals_left_total`,
    `signals_won_total`, `signals_open`, `signals_return_pct_sum`. Of the service:
    `service_component_ok` (by stage of `/health`), `signals_unpublished`, `events_triggered_total`,
    `websocket_clients`, `cost_usd`, `cost_month_usd`. Delivery: `addresses_parked` by
    channel; `messages_sent_total`, `queue_messages` and `dead_letters` by queue; with older names
    `telegram_sent_total`, `telegram_queue_size`, `telegram_dead_letters`,
    `dead_letters_queue_size`. The ingest task: `cpu_percent`, `memory_rss_bytes`,
    `feed_age_seconds`, `feed_lag_seconds`, `feed_stream_age_seconds`, `feed_symbols`,
    `feed_backlog`, `feed_reconnects_total`, `feed_gaps_open`, `feed_gaps_last_24h`,
    `feed_gaps_lost_bars_24h`.

    `signal_latency_seconds` is a histogram (`_bucket`, `_sum`, `_count`) by hop, and by channel
    where it ends with a delivery: `close_to_commit` (live markets only), `commit_to_publication`,
    `publication_to_delivery`, `commit_to_delivery`. It has the receipts of the market's UTC day,
    and begins again with the next ([monitoring.md](monitoring.md)).

    With the stack's parameter `EnablePrometheus` (`ENABLE_PROMETHEUS` on one machine) false, the
    answer is 404. With a token, configure Prometheus with `authorization: {credentials: ...}`. A
    scrape each minute costs about $0.30 a month, one every 15 s $1.10.
    """
    from ..queries.operations import OperationsQueries

    if services.env.enable_prometheus == "false":
        raise MissingError("metrics are switched off (ENABLE_PROMETHEUS)")
    body, kind = services.query(OperationsQueries).exposition(request.accept)
    return Text(body, kind)


def legacy_metrics(services: Services, _: Request) -> dict[str, Any]:
    """`threads`, like CPU and memory, is of the ingest task. `signal_long` and `signal_short` count
    all signals of the policy and market, as `signals_emitted` does; `signal_queue_size` counts
    signals with a publication to come, at most 10,000. A number that is not known is null.
    """
    from ..queries.operations import OperationsQueries

    return services.query(OperationsQueries).legacy()


HEALTH: Final = """\
{"status": "ok", "uptime_seconds": 7200,
 "components": {"database": "ok", "feed": "ok", "streams": "ok", "fold": "ok", "scoring": "ok",
                "publication": "ok", "telegram": "ok", "websocket": "ok", "gaps": "ok"},
 "feed_age_seconds": 3.0, "lag_ms": 2000, "watermark": 1747620000000, "market": "live",
 "symbols": 2, "gaps": {"open": 0, "last_24h": 0, "lost_bars_24h": 0},
 "policy_digest": "5dd6a6097a63", "policy_name": "default",
 "code_version": "4.0.0+1a2b3c4d"}"""
SYSTEM: Final = """\
{"hops": [{"name": "bar close to commit", "p50_ms": 500, "p95_ms": 900, "n": 12},
          {"name": "commit to publication", "p50_ms": 50, "p95_ms": 90, "n": 12},
          {"name": "publication to Telegram", "p50_ms": 350, "p95_ms": 610, "n": 12},
          {"name": "commit to Telegram", "p50_ms": 400, "p95_ms": 700, "n": 12}],
 "queues": {"telegram": 0, "telegram_dead": 0, "dead_letters": 0}, "websocket_clients": 1,
 "cost": {"since": 1747612860000, "hours": 24.0, "usd_estimate": 1.2012,
   "basis": "Counted: 24.0 h, 10,080 closes (553 with events), ...", "billed": true,
   "own_pace": true, "region": "ap-northeast-1", "priced_on": "2026-11-22",
   "counted": {"hours": 24.0, "closes": 10080.0, "...": 0},
   "by_service": [{"service": "Kinesis", "usd": 0.4703, "...": 0}],
   "months": [{"symbols": 7, "usd": 36.69, "watching_usd": 0.69, "front_usd": 0.46,
               "channels_usd": 0.53, "by_service": {"Kinesis": 14.31}},
              {"symbols": 20, "usd": 39.31, "watching_usd": 0.69, "front_usd": 0.46,
               "channels_usd": 0.53, "by_service": {}}]},
 "feed": {"task": "ingest_task", "stream_ages_ms": {"kline": 250, "mark": 900}, "reconnects": 0,
          "backlog": 0, "...": 0}}"""
METRICS: Final = """\
signals_emitted_total{market="live",policy_digest="5dd6a6097a63"} 41.0
telegram_sent_total 40.0
feed_age_seconds 3.0"""
LEGACY: Final = """\
{"system": {"cpu_percent": 1.5, "rss_mb": 50.0, "threads": 8, "uptime_seconds": 7200},
 "counters": {"events_triggered": 142, "signals_emitted": 41, "telegram_sent": 40,
              "signal_long": 25, "signal_short": 16},
 "gauges": {"signal_queue_size": 0, "telegram_queue_size": 0}}"""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/health", "Health of the service", "Service", health, Health,
        shared=True, open=True, example=HEALTH,
    ),
    Route(
        "/system", "Latencies, queues, clients, and the feed's own report", "Service", system,
        System, max_age_s=SECONDS, shared=True, example=SYSTEM,
    ),
    Route(
        "/metrics", "Metrics for Prometheus, in the form its scraper takes", "Service", metrics,
        kinds=(PROMETHEUS,), raises=("404",), example=METRICS,
    ),
    Route(
        "/metrics/legacy", "Metrics as JSON, in the form of earlier versions", "Service",
        legacy_metrics, LegacyMetrics, example=LEGACY,
    ),
)  # fmt: skip
