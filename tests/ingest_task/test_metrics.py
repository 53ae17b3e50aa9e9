"""Metrics for CloudWatch and Prometheus: few, and no symbol among them."""

import io
import json
from typing import Any

import pytest
import requests

from ingest_task.metrics import EMF, Endpoint, MinuteLine
from tests.ingest_task.recorder_harness import SYMBOLS, RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, mark


def status() -> dict[str, Any]:
    harness = RecorderHarness()
    harness.send(
        mark("BTCUSDT", T0 + 5), kline("ETHUSDT", minute_bar("ETHUSDT", 0), T0 + 9), "junk"
    )
    harness.recorder.on_lost(0, "cut")
    return harness.recorder.status()


def test_a_line_a_minute_in_the_embedded_metric_format() -> None:
    out = io.StringIO()
    line = MinuteLine("SignalEngine", out)
    made = status()
    line.write(made, 1.23)
    line.write(made | {"reconnects": 3}, 0.0)
    first, second = (json.loads(text) for text in out.getvalue().splitlines())
    (directive,) = first["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"] for metric in directive["Metrics"]} == set(EMF)
    assert (directive["Namespace"], directive["Dimensions"]) == ("SignalEngine", [["service"]])
    assert (first["service"], first["FeedSilence"], first["FeedBacklog"]) == ("ingest_task", 1.2, 4)
    assert (first["FeedReconnects"], second["FeedReconnects"]) == (1, 2), "since the line before"


def test_without_a_namespace_nothing_is_written() -> None:
    out = io.StringIO()
    MinuteLine("", out).write(status(), 0.0)
    assert out.getvalue() == ""


@pytest.mark.enable_socket
def test_prometheus_is_answered_on_loopback_without_a_symbol() -> None:
    made = status()
    endpoint = Endpoint(lambda: made, 0, "127.0.0.1")
    try:
        text = requests.get(f"http://127.0.0.1:{endpoint.port}/metrics", timeout=5).text
    finally:
        endpoint.close()
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines["signalengine_ingest_symbols"] == "2.0"
    assert float(lines["signalengine_ingest_clock_seconds"]) == (T0 + 9) / 1000
    assert lines["signalengine_ingest_reconnects_total"] == "1.0"
    assert lines['signalengine_ingest_messages_used_total{stream="kline"}'] == "1.0"
    assert lines['signalengine_ingest_messages_passed_total{reason="malformed"}'] == "1.0"
    assert not any(symbol in text for symbol in SYMBOLS)


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("bind", "headers", "expected"),
    [
        ("127.0.0.1", {"Host": "evil.example"}, 403),
        ("127.0.0.1", {"Host": "127.0.0.1.nip.example"}, 403),
        ("127.0.0.1", {"Origin": "http://evil.example"}, 403),
        ("127.0.0.1", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("127.0.0.1", {}, 200),
        ("0.0.0.0", {"Host": "metrics.internal"}, 200),  # noqa: S104 - a container's address
        ("0.0.0.0", {"Origin": "http://evil.example"}, 403),  # noqa: S104
        ("0.0.0.0", {"Sec-Fetch-Site": "same-site"}, 403),  # noqa: S104
    ],
)  # fmt: skip
def test_pages_and_on_loopback_foreign_hosts_are_refused(
    bind: str, headers: dict[str, str], expected: int
) -> None:
    made = status()
    endpoint = Endpoint(lambda: made, 0, bind)
    try:
        answer = requests.get(
            f"http://127.0.0.1:{endpoint.port}/metrics", headers=headers, timeout=5
        )
    finally:
        endpoint.close()
    assert answer.status_code == expected
    assert ("signalengine_ingest" in answer.text) == (expected == 200)
