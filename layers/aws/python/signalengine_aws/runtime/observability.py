"""Logs and metrics of an invocation: a structured line, and the metrics that are not zero.

Each custom metric is charged, and a name in two services is two: each of `METRICS` is measured by
one. None has a symbol in its dimensions. What AWS counts by itself (errors, dead letters, the age
of what is read, messages of a queue) is no metric here, and counts of what goes well are fields of
the line: a metric is what an alarm reads, or what exists in bad hours only. There is no tracer,
which would be charged every second for a function that runs every second.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit
from signalengine.text.escaping import escaped

from .channels import COUNTED, QUEUES, metric
from .config import ConfigError

METRICS: Final = {
    "PublicationLag": MetricUnit.Milliseconds,  # publish_signals: close of the bar -> published
    "HeartbeatAge": MetricUnit.Milliseconds,  # probe_service: heartbeat stored -> with a client
    "OldestMessage": MetricUnit.Seconds,  # the sender of a channel: in its queue, if long
} | {metric(queue, counted): MetricUnit.Count for queue in QUEUES for counted in COUNTED}
_FIRST = [True]
_UNREADABLE: set[tuple[str, str]] = set()


@cache
def logger() -> Logger:
    """Return the service's logger; raises ConfigError without the variables that name it."""
    for key in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"):
        if not os.environ.get(key):
            raise ConfigError(f"cannot start without {key}")
    return Logger(
        utc=True,
        use_rfc3339=True,
        location=None,  # always the same line of this file
        sampling_rate=None,
        log_record_order=["level", "timestamp", "service", "message"],
        json_serializer=_json,
    )


def _json(line: dict[str, Any]) -> str:
    text = json.dumps(line, default=str, separators=(",", ":"), ensure_ascii=False)
    return escaped(text)


def unreadable(what: str, key: str, error: Exception) -> None:
    """Warn, once a process, of a stored item that another version wrote and this cannot read."""
    if (what, key) in _UNREADABLE:
        return
    _UNREADABLE.add((what, key))
    reason = f"{type(error).__name__}: {error}"
    logger().warning("unreadable", extra={"what": what, "key": key, "reason": reason[:500]})


class LogLine:
    """The log line of one invocation: counts, facts and metrics.

    Written once, at its end, if anything happened; else at level DEBUG, since some functions run
    every second and each line is charged.
    """

    __slots__ = ("_routine", "_traced", "fields", "metrics")

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self._routine: set[str] = set()
        self.metrics: dict[str, float] = {}
        self._traced: dict[str, set[str]] = {}

    def trace(self, symbol: str, close_time: int, signal_id: str | None = None) -> None:
        """Add what the invocation worked on, under the names that all functions share.

        `symbols`, `close_times` (ms) and `signals` (ids) are lists in one text each, so that one
        query finds every line of a bar, from its fold to its messages.
        """
        found = {"symbols": symbol, "close_times": str(close_time), "signals": signal_id}
        for name, value in found.items():
            if value is not None:
                self._traced.setdefault(name, set()).add(value)

    def written(self) -> dict[str, Any]:
        """Return all fields of the line."""
        return self.fields | {name: " ".join(sorted(ids)) for name, ids in self._traced.items()}

    @property
    def happened(self) -> bool:
        """Whether there is more in it than what every invocation has."""
        return bool(self._traced or self.metrics or self.fields.keys() - self._routine)

    def routine(self, **facts: Any) -> None:
        """Set facts that are no reason for a line by themselves; None and 0 are not written."""
        self._routine |= facts.keys()
        self.note(**{name: value for name, value in facts.items() if value != 0})

    def count(self, **counts: int) -> None:
        """Add to counts; zeros are not written."""
        for name, n in counts.items():
            if n:
                self.fields[name] = self.fields.get(name, 0) + n

    def note(self, **facts: Any) -> None:
        """Set facts; None is not written."""
        self.fields |= {name: value for name, value in facts.items() if value is not None}

    def measure(self, name: str, value: float) -> None:
        """Add to a metric of `METRICS`; zero is not written."""
        if name not in METRICS:
            raise KeyError(f"{name} is not one of our metrics")
        if value:
            self.metrics[name] = self.metrics.get(name, 0.0) + value

    def measure_worst(self, name: str, value: float) -> None:
        """As `measure`, but the line's metric is the largest value instead of the sum."""
        self.measure(name, max(0.0, value - self.metrics.get(name, 0.0)))


@contextmanager
def invocation(context: object) -> Iterator[LogLine]:
    """Write the line and the metrics at the end of the block, also when it raises."""
    line, log, began = LogLine(), logger(), time.perf_counter()
    line.routine(request_id=getattr(context, "aws_request_id", None), ms=None)
    line.note(cold=_cold())
    try:
        yield line
    except Exception as error:
        line.note(error=f"{type(error).__name__}: {error}", ms=_since(began))
        log.exception("failed", extra=line.written())
        raise
    else:
        line.note(ms=_since(began))
        write = log.info if line.happened else log.debug
        write("done", extra=line.written())
    finally:
        _flush(line)


def _cold() -> bool | None:
    first, _FIRST[0] = _FIRST[0], False
    return first or None


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def _flush(line: LogLine) -> None:
    if not line.metrics:
        return
    metrics = Metrics()
    for name, value in line.metrics.items():
        metrics.add_metric(name=name, unit=METRICS[name], value=value)
    metrics.flush_metrics()
