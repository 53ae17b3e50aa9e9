"""Silence of streams that stopped or never began, and a clock that stands still."""

import threading

from ingest_task.watching.liveness import (
    FIRST_REPEAT_MS,
    HEARTBEAT_S,
    STILL_S,
    Liveness,
    Silence,
    Stillness,
    Usage,
)
from ingest_task.watching.silence_threshold import KLINES

T = 1_000_000


def checks(liveness: Liveness, until: int, after: int = T) -> list[tuple[int, Silence]]:
    """Check once a second; returns what was found, with when (s after T)."""
    found = []
    for second in range((after - T) // 1000 + 1, until + 1):
        found += [(second, silence) for silence in liveness.check(T + second * 1000)]
    return found


def test_a_stream_that_never_began_is_silent_from_when_it_was_expected() -> None:
    liveness = Liveness()
    liveness.expect("kline", 0, T)
    assert checks(liveness, 29) == []
    ((second, silence),) = checks(liveness, 31, T + 29_000)
    assert (second * 1000, silence) == (KLINES.unlearnt_ms, Silence("kline", 0, T))
    assert liveness.silent == ("kline",)
    assert liveness.ages_ms(T + 31_000)["kline"] is None


def test_a_silent_stream_is_reported_less_and_less_often_until_it_is_back() -> None:
    liveness = Liveness()
    liveness.expect("mark", 0, T)
    seconds = [second for second, _ in checks(liveness, 1000)]
    wait = FIRST_REPEAT_MS // 1000
    assert seconds == [10, 10 + wait, 10 + 3 * wait, 10 + 7 * wait, 10 + 15 * wait]
    assert liveness.note("mark", T + 1_000_000)
    assert not liveness.note("mark", T + 1_001_000)
    assert liveness.silent == ()


def test_each_connection_has_its_own_klines() -> None:
    liveness = Liveness()
    for shard in (0, 1):
        liveness.expect("kline", shard, T)
    for second in range(60):
        liveness.note("kline", T + second * 1000, shard=0)
        liveness.check(T + second * 1000)
    assert liveness.silent == ("kline#1",)
    assert liveness.is_silent("kline", 1)
    assert liveness.ages_ms(T + 60_000) == {
        "kline": 1000, "mark": None, "liquidation": None, "open_interest": None,
    }  # fmt: skip


def test_a_pause_of_the_whole_market_is_not_silence_of_a_stream() -> None:
    liveness = Liveness()
    liveness.expect("mark", 0, T)
    liveness.note("mark", T + 500)
    assert liveness.check(T + 1000) == []
    assert liveness.check(T + 3_600_000) == [], "its clock leapt"
    assert liveness.check(T + 3_605_000) == []
    assert liveness.check(T + 3_610_000) != []


def test_a_lost_connection_is_not_silent_as_well() -> None:
    liveness = Liveness()
    liveness.expect("kline", 1, T)
    liveness.suspend(1)
    assert checks(liveness, 100) == []


def test_the_threshold_of_a_quiet_symbol_adapts_and_its_silence_is_still_noticed() -> None:
    """One that trades every 40 s is reported once, and then no more."""
    liveness, found = Liveness(), list[int]()
    liveness.expect("kline", 0, T)
    for second in range(1, 7_200):
        if second % 40 == 0:
            liveness.note("kline", T + second * 1000)
        found += [second for _ in liveness.check(T + second * 1000)]
    assert found == [30]
    ((noticed, _),) = checks(liveness, 7_300, T + 7_200_000)
    assert noticed == 7_160 + 120


def test_a_clock_that_stands_still_is_reported_soon_and_then_every_ten_seconds() -> None:
    still = Stillness()
    assert not still.due(T, 100.0)
    assert not still.due(T, 100.0 + STILL_S - 0.1)
    assert still.due(T, 100.0 + STILL_S)
    still.sent(T, 100.0 + STILL_S)
    assert not still.due(T, 100.0 + STILL_S + HEARTBEAT_S - 0.1)
    assert still.due(T, 100.0 + STILL_S + HEARTBEAT_S)
    assert not still.due(T + 1, 200.0), "it moves again"


def test_the_threads_of_this_process_are_counted() -> None:
    usage, ended = Usage(), threading.Event()
    before = usage.threads
    another = threading.Thread(target=ended.wait)
    another.start()
    try:
        assert usage.threads == before + 1
    finally:
        ended.set()
        another.join()
