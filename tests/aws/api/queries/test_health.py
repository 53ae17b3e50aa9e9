"""Health from what is stored: each stage by itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.api.queries.health import (
    LATE_MS,
    SILENT_MS,
    UNPROBED_MS,
    UNPUBLISHED_MS,
    Stages,
    health,
    late_ms,
)

BEAT: dict[str, Any] = {
    "received_at": 1_000_000, "up_since": 400_000, "time": 50_000, "watermark": 49_000,
    "market": "live", "symbols": ["BTCUSDT"], "stream_ages_ms": {"kline": 10, "liquidation": None},
}  # fmt: skip
WELL = Stages(paused={"telegram": ""}, probed_at=1_000_000)
STAGES = ("feed", "streams", "fold", "scoring", "publication", "telegram", "websocket")


def evaluated(**changes: Any) -> dict[str, Any]:
    """The health with one thing changed: of the heartbeat, of the stages, or progress or now."""
    beat = BEAT | {name: value for name, value in changes.items() if name in BEAT}
    stages = {name: getattr(WELL, name) for name in WELL.__slots__}
    stages |= {name: value for name, value in changes.items() if name in stages}
    progress, now = changes.get("progress", 48_000), changes.get("now", 1_003_000)
    return health(beat, progress, now, {"open": 0}, Stages(**stages))


def test_without_a_heartbeat_the_service_is_degraded() -> None:
    assert health(None, 0, 5)["status"] == "degraded"


def test_a_recent_heartbeat_is_ok() -> None:
    found = health(BEAT, 48_000, 1_003_000, {"open": 0})
    assert (found["status"], found["feed_age_seconds"], found["lag_ms"]) == ("ok", 3.0, 2_000)
    assert found["uptime_seconds"] == 603
    assert found["components"]["gaps"] == "ok"


def test_all_stages_of_a_bars_path_are_evaluated() -> None:
    found = evaluated()
    assert found["status"] == "ok"
    assert found["components"] == dict.fromkeys(("database", *STAGES, "gaps"), "ok")


@pytest.mark.parametrize(
    ("stage", "words", "changes"),
    [
        ("feed", "silent", {"now": 1_000_000 + SILENT_MS + 1}),
        ("streams", "silent: mark", {"stream_ages_ms": {"mark": None}}),
        ("streams", "silent: mark", {"stream_ages_ms": {"mark": SILENT_MS + 1}}),
        ("fold", "3 min behind", {"time": 48_000 + LATE_MS + 1}),
        ("fold", "no bar computed yet", {"progress": 0}),
        ("scoring", "not scored: BTCUSDT at 7", {"unscored": ("BTCUSDT", 7)}),
        (
            "publication", "a notification waits for 4 min",
            {"unpublished_at": 1_003_000 - UNPUBLISHED_MS - 1},
        ),
        ("telegram", "paused: 401: Unauthorized", {"paused": {"telegram": "401: Unauthorized"}}),
        ("websocket", "no heartbeat for 15 min", {"probed_at": 1_003_000 - UNPROBED_MS - 1}),
    ],
)  # fmt: skip
def test_a_stage_that_stands_still_degrades_the_service_and_is_named(
    stage: str, words: str, changes: dict[str, Any]
) -> None:
    found = evaluated(**changes)
    wrong = {name: state for name, state in found["components"].items() if state != "ok"}
    assert (found["status"], wrong) == ("degraded", {stage: words})


@pytest.mark.parametrize(
    ("age_s", "ages", "state"),
    [
        (60, {"mark": None, "kline": None}, "starting: kline, mark"),
        (60, {"mark": None, "kline": 10}, "starting: mark"),
        (60, {"mark": None, "kline": SILENT_MS + 1}, "silent: kline"),
        (61, {"mark": None, "kline": 10}, "silent: mark"),
    ],
)
def test_a_stream_that_had_no_time_to_send_is_starting_for_a_minute(
    age_s: int, ages: dict[str, int | None], state: str
) -> None:
    """Which degrades nothing: a service that has just started is no broken one."""
    found = evaluated(up_since=1_000_000 - age_s * 1_000, stream_ages_ms=ages)
    assert found["components"]["streams"] == state
    assert (found["status"] == "ok") == state.startswith("starting")


@pytest.mark.parametrize(
    "changes",
    [
        {"time": 48_000 + LATE_MS},
        {"progress": 0, "up_since": 1_000_000 - LATE_MS},
        {"unpublished_at": 1_003_000 - UNPUBLISHED_MS},
        {"probed_at": 1_003_000 - UNPROBED_MS},
        {"stream_ages_ms": {"kline": 1, "liquidation": None}},
    ],
)
def test_a_stage_is_not_evaluated_too_early(changes: dict[str, Any]) -> None:
    assert evaluated(**changes)["status"] == "ok"


def test_a_stage_of_which_nothing_is_known_is_left_out() -> None:
    assert "websocket" not in evaluated(probed_at=None)["components"]
    assert set(health(BEAT, 48_000, 1_003_000)["components"]) == {
        "database", "feed", "streams", "fold",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("market", "speed", "late"), [("live", 60, 1), ("recording", 60, 60), ("simulated", 0, 1)]
)
def test_lags_of_a_replay_count_by_its_speed(market: str, speed: int, late: int) -> None:
    meter = {"since": 900_000, "market_ms": 100_000 * speed}
    assert late_ms(BEAT | {"market": market, "metered": meter}) == late * LATE_MS


@given(
    time=st.integers(0, 10**13),
    progress=st.integers(0, 10**13),
    received_at=st.integers(0, 10**13),
    now=st.integers(0, 10**13),
)
def test_no_age_and_no_lag_is_negative(
    time: int, progress: int, received_at: int, now: int
) -> None:
    """Clocks differ, and the fold may be ahead of the newest heartbeat."""
    found = evaluated(time=time, progress=progress, received_at=received_at, now=now)
    assert found["lag_ms"] is None or found["lag_ms"] >= 0
    assert found["feed_age_seconds"] >= 0
    assert found["uptime_seconds"] >= 0
