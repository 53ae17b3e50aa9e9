"""Health from the stored heartbeat."""

from typing import Any

import pytest
from signalengine_aws.api.queries.health import SILENT_MS, health

BEAT: dict[str, Any] = {
    "received_at": 1_000_000, "up_since": 400_000, "time": 50_000, "watermark": 49_000,
    "market": "live", "symbols": ["BTCUSDT"], "stream_ages_ms": {"kline": 10, "liquidation": None},
}  # fmt: skip


def test_without_a_heartbeat_the_service_is_degraded() -> None:
    assert health(None, 0, 5)["status"] == "degraded"


def test_a_recent_heartbeat_is_ok() -> None:
    found = health(BEAT, 48_000, 1_003_000, {"open": 0})
    assert (found["status"], found["feed_age_seconds"], found["lag_ms"]) == ("ok", 3.0, 2_000)
    assert found["uptime_seconds"] == 603
    assert found["components"]["gaps"] == "ok"


def test_an_old_heartbeat_is_degraded() -> None:
    found = health(BEAT, 0, 1_000_000 + SILENT_MS + 1)
    assert (found["status"], found["components"]["feed"]) == ("degraded", "silent")
    assert (found["uptime_seconds"], found["lag_ms"]) == (0, None)


@pytest.mark.parametrize("age", [None, SILENT_MS + 1])
def test_a_silent_vital_stream_is_degraded(age: int | None) -> None:
    found = health(BEAT | {"stream_ages_ms": {"mark": age}}, 0, 1_000_000)
    assert (found["status"], found["components"]["streams"]) == ("degraded", "silent: mark")
