"""Metrics for Prometheus, and as the JSON of earlier versions, from stored numbers only (pure).

Counters inside a Lambda cover one of many processes; the stored numbers cover all of them. An
unknown number is left out (Prometheus) or null (JSON), never zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...costs.shapes import Cost
from ...runtime.channels import QUEUES, title
from .health import is_well
from .latencies import Histogram, Series


@dataclass(frozen=True, slots=True)
class Numbers:
    """The stored numbers of one scrape."""

    beat: Mapping[str, Any] | None
    now: int
    progress: int
    policy_digest: str
    statistics: Mapping[str, Any] = field(default_factory=dict)
    """As `PerformanceQueries.stats` returns them."""
    sent: Mapping[str, int] = field(default_factory=dict)
    """Delivered messages by channel."""
    websocket_clients: int | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    gaps: Mapping[str, int] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)
    """The stages of `/health`."""
    unpublished: int | None = None
    parked: Mapping[str, int] = field(default_factory=dict)
    """Paused addresses by channel."""
    cost: Cost | None = None
    latencies: Mapping[Series, Histogram] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """One sample of a metric; `name` is without `_total`."""

    name: str
    about: str
    value: float
    kind: str = "gauge"
    labels: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    """What a histogram's sample has behind the name: `_bucket`, `_sum` or `_count`."""


def metrics(n: Numbers) -> Iterator[Metric]:
    """Yield everything that is known."""
    yield from _signals(n)
    yield from _delivery(n)
    if n.beat is not None:
        yield from _feed(n.beat, n)
    for name, value in n.gaps.items():
        yield Metric(f"feed_gaps_{name}", "Entries of the feed's ledger", value)
    yield from _by_label(n)
    yield from _cost(n.cost)
    for series, histogram in n.latencies.items():
        yield from _latency(*series, histogram)


def _signals(n: Numbers) -> Iterator[Metric]:
    found = n.statistics
    if not found or found["market"] is None:
        return
    labels = {"policy_digest": n.policy_digest, "market": str(found["market"])}
    closed, still_open = found["n"], found["open_signals"]
    totals = {
        "signals_emitted": ("Signals opened", found["total_signals"]),
        "signals_closed": ("Signals closed", closed),
        "signals_tp_hit": ("Signals that hit TP", found["tp_hits"]),
        "signals_sl_hit": ("Signals that hit SL", found["sl_hits"]),
        "signals_expired": ("Signals that expired", found["expired"]),
        "signals_left": ("Signals that their strategy closed", found["left"]),
        "signals_won": ("Closed signals with a net gain", found["wins"]),
    }
    for name, (about, value) in totals.items():
        yield Metric(name, about, value, "counter", labels)
    yield Metric("signals_open", "Signals open now", still_open, labels=labels)
    yield Metric(
        "signals_return_pct_sum", "Sum of net returns of closed signals, percent",
        found["total_return"], labels=labels,
    )  # fmt: skip


def _delivery(n: Numbers) -> Iterator[Metric]:
    for channel, sent in n.sent.items():
        about = f"Messages that {title(channel)} accepted"
        yield Metric(f"{channel}_sent", about, sent, "counter")
    if n.websocket_clients is not None:
        yield Metric("websocket_clients", "Registered WebSocket clients", n.websocket_clients)
    names: dict[str, tuple[str, str]] = {}
    for one in QUEUES:
        names |= {
            one: (f"{one}_queue_size", f"Messages waiting for {title(one)}"),
            f"{one}_dead": (f"{one}_dead_letters", f"Messages that {title(one)} rejected"),
        }
    names |= {"dead_letters": ("dead_letters_queue_size", "Records that could not be used")}
    for queue, (name, about) in names.items():
        if queue in n.queues:
            yield Metric(name, about, n.queues[queue])


def _by_label(n: Numbers) -> Iterator[Metric]:
    """Yield what rules and graphs read of every stage, channel and queue alike."""
    for name, state in n.components.items():
        about = "Whether a stage of /health is ok"
        ok = 1 if is_well(state) else 0
        yield Metric("service_component_ok", about, ok, labels={"component": name})
    if n.unpublished is not None:
        about = "Signals with a publication to come"
        yield Metric("signals_unpublished", about, n.unpublished)
    for queue, sent in n.sent.items():
        about = "Messages of a queue that were accepted by their services"
        yield Metric("messages_sent", about, sent, "counter", {"queue": queue})
    for channel, count in n.parked.items():
        about = "Addresses that are paused since they were refused"
        yield Metric("addresses_parked", about, count, labels={"channel": channel})
    for name, size in n.queues.items():
        if name == "dead_letters":
            yield Metric("dead_letters", _DEAD, size, labels={"queue": "records"})
        elif name.endswith("_dead"):
            yield Metric("dead_letters", _DEAD, size, labels={"queue": name.removesuffix("_dead")})
        else:
            about = "Messages that wait in a queue"
            yield Metric("queue_messages", about, size, labels={"queue": name})


_DEAD: Final = "Messages that were set aside"


def _cost(cost: Cost | None) -> Iterator[Metric]:
    if cost is None or cost["usd_estimate"] is None:
        return
    about = "Estimated cost on AWS since counting began, US dollars"
    yield Metric("cost_usd", about, cost["usd_estimate"])
    about = "Estimated cost of a month at this pace on AWS, US dollars"
    yield Metric("cost_month_usd", about, cost["months"][0]["usd"])


def _latency(hop: str, channel: str, found: Histogram) -> Iterator[Metric]:
    name, about = (
        "signal_latency_seconds",
        "Time that openings took, by hop, since the UTC day began",
    )
    labels = {"hop": hop, **({"channel": channel} if channel else {})}
    total = 0
    for bound, total in found.cumulated():
        le = "+Inf" if bound == float("inf") else str(bound)
        yield Metric(name, about, total, "histogram", {**labels, "le": le}, "_bucket")
    yield Metric(name, about, found.sum, "histogram", labels, "_sum")
    yield Metric(name, about, total, "histogram", labels, "_count")


def _feed(beat: Mapping[str, Any], n: Numbers) -> Iterator[Metric]:
    own = beat["metrics"]
    yield Metric("cpu_percent", "CPU of the ingest task", own["cpu_percent"])
    yield Metric("memory_rss_bytes", "Memory of the ingest task", own["rss_bytes"])
    age = (n.now - int(beat["received_at"])) / 1000
    yield Metric("feed_age_seconds", "Since the newest heartbeat", age)
    if n.progress:
        lag = (int(beat["time"]) - n.progress) / 1000
        yield Metric("feed_lag_seconds", "From the newest folded close to the heartbeat", lag)
    yield Metric("feed_symbols", "Symbols that are followed", len(beat["symbols"]))
    yield Metric("feed_backlog", "Facts that wait to be sent", beat["backlog"])
    yield Metric("feed_reconnects", "Reconnects of the task", beat["reconnects"], "counter")
    for stream, ms in beat["stream_ages_ms"].items():
        if ms is not None:
            about = "Since the last message of a stream"
            yield Metric("feed_stream_age_seconds", about, ms / 1000, labels={"stream": stream})
    counted = beat.get("counted") or {}
    if counted.get("total") is not None:
        yield Metric(
            "events_triggered", "Market events since counting began", counted["total"], "counter"
        )


def legacy(n: Numbers, unpublished: int | None) -> dict[str, Any]:
    """Return the JSON metrics of earlier versions; null: not known.

    `unpublished` counts the signals in the outbox.
    """
    beat = n.beat or {}
    own = beat.get("metrics", {})
    found = n.statistics or {}
    known = bool(found.get("market"))
    sides: Mapping[str, int | None] = found["by_direction"] if known else {}
    alive = bool(beat) and n.now - int(beat["received_at"]) <= 60_000
    return {
        "system": {
            "cpu_percent": own.get("cpu_percent"),
            "rss_mb": None if not own else own["rss_bytes"] / 1_000_000,
            "threads": own.get("threads"),
            "uptime_seconds": (n.now - int(beat["up_since"])) // 1000 if alive else None,
        },
        "counters": {
            "events_triggered": (beat.get("counted") or {}).get("total"),
            "signals_emitted": found["total_signals"] if known else None,
            "telegram_sent": n.sent.get("telegram"),
            "signal_long": sides.get("long"),
            "signal_short": sides.get("short"),
        },
        "gauges": {
            "signal_queue_size": unpublished,
            "telegram_queue_size": n.queues.get("telegram"),
        },
    }
