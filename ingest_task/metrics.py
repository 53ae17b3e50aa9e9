"""Metrics of the task: one for CloudWatch once a minute, all of them for Prometheus.

CloudWatch reads them from one line of the log (embedded metric format); each custom metric costs
0.30 USD a month, so only what an alarm reads is one, and no symbol is a dimension. Prometheus
reads them over HTTP when METRICS_PORT is set.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TextIO

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .loopback import ISOLATION, is_loopback, refusal

SERVICE: Final = "ingest_task"
EMF: Final = {"FeedSilence": "Seconds"}
"""Metrics for CloudWatch and their units; the line's other values are for queries."""

Status = Callable[[], Mapping[str, Any]]
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""A WSGI application."""


class MinuteLine:
    """Writes the metrics for CloudWatch, one line a minute."""

    def __init__(self, namespace: str, out: TextIO | None = None) -> None:
        self._namespace, self._out = namespace, out
        self._before = {"FeedReconnects": 0, "FeedBarsLost": 0}

    def write(self, status: Mapping[str, Any], silent_s: float) -> None:
        """Write one line; nothing without a namespace."""
        if not self._namespace:
            return
        totals = {
            "FeedReconnects": status["reconnects"],
            "FeedBarsLost": status["ledger"].get("bars_lost", 0),
        }
        since = {name: total - self._before[name] for name, total in totals.items()}
        self._before = totals
        values = {
            "FeedSilence": round(silent_s, 1), "FeedBacklog": status["sink"]["backlog"], **since,
        }  # fmt: skip
        metrics = [{"Name": name, "Unit": unit} for name, unit in EMF.items()]
        directive = {"Namespace": self._namespace, "Dimensions": [["service"]], "Metrics": metrics}
        head = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
        out = self._out or sys.stderr
        out.write(json.dumps({"_aws": head, "service": SERVICE, **values}) + "\n")
        out.flush()


class TaskCollector(Collector):
    """The task's status as Prometheus metrics, made at each request."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Yield every family once."""
        status = self._status()
        sink = status["sink"]
        for name, text, value in (
            ("clock_seconds", "Exchange time of the newest event", status["clock"] / 1000),
            ("symbols", "Symbols followed", status["symbols"]),
            ("connections", "Connections subscribed", status["connections"]),
            ("silent_streams", "Streams that are silent", len(status["silent"])),
            ("silent_symbols", "Symbols silent alone", status["silent_symbols"]),
            ("lease_held", "1 while this task holds the lease", int(status["holds_lease"])),
            ("backlog_records", "Durable records not acknowledged", sink["backlog"]),
            ("spool_bytes", "Bytes waiting on disk", sink["spool_bytes"]),
            ("resident_memory_bytes", "Memory", status["rss_bytes"]),
            ("cpu_ratio", "Share of one core", status["cpu_percent"] / 100),
        ):
            yield GaugeMetricFamily(f"signalengine_ingest_{name}", text, value=value)
        if status["skew_ms"] is not None:
            skew = status["skew_ms"] / 1000
            yield GaugeMetricFamily(
                "signalengine_ingest_clock_skew_seconds", "Wall minus exchange", value=skew
            )
        for name, text, total in (
            ("reconnects", "Connections lost", status["reconnects"]),
            ("malformed", "Frames and messages that could not be read", status["malformed"]),
            ("differing", "Bars received twice with different values", status["differing"]),
            ("spooled", "Records written to disk", sink["spooled"]),
            ("dropped", "Replaceable records dropped", sink["dropped"]),
            ("superseded", "Replaceable records superseded", sink["superseded"]),
            ("retried", "Records not accepted at once", sink["retried"]),
            ("refused", "Records never accepted", sink["refused"]),
        ):
            yield CounterMetricFamily(f"signalengine_ingest_{name}", text, value=total)
        for name, label, counts in (
            ("messages_used", "stream", status["used"]),
            ("messages_passed", "reason", status["passed"]),
            ("records_sent", "kind", sink["sent"]),
            ("ledger", "count", status["ledger"]),
        ):
            family = CounterMetricFamily(f"signalengine_ingest_{name}", name, labels=[label])
            for value, count in counts.items():
                family.add_metric([value], count)
            yield family


def guarded(app: App, port: int, *, any_host: bool) -> App:
    """Return the application with a 403 for foreign pages, and for a foreign Host on loopback."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = [
            (name.removeprefix("HTTP_").replace("_", "-").lower(), str(value))
            for name, value in environ.items()
            if name.startswith("HTTP_")
        ]
        reason = refusal(headers, port, any_host=any_host)
        if not reason:
            return app(environ, start_response)
        kind = ("Content-Type", "text/plain; charset=utf-8")
        start_response("403 Forbidden", [kind, *ISOLATION.items()])
        return [f"{reason}\n".encode()]

    return answer


class Endpoint:
    """Serves a collector over HTTP."""

    def __init__(self, status: Status, port: int, bind: str) -> None:
        """Raises OSError when the port cannot be opened."""
        registry = CollectorRegistry()
        registry.register(TaskCollector(status))
        self._server, self._thread = start_http_server(port, bind, registry)
        self.port = int(self._server.server_port)
        app: Any = self._server.get_app()
        self._server.set_app(guarded(app, self.port, any_host=not is_loopback(bind)))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5.0)
