"""The replay's report: counts at both ends, and nothing flattering about what is missing."""

from dataclasses import replace

from signalengine.facts.stream import Quality
from signalengine.settlement import StoredBar
from signalengine.signals import Outcome, Settlement, Signal

from infra.local.replay.listener import Received
from infra.local.replay.report import (
    Delivery,
    ReplaySnapshot,
    build,
    expected_events,
    overdue,
    percentiles,
)

MINUTE = 60_000


def _signal(name: str, *, closed: bool) -> Signal:
    end = Settlement(
        Outcome.TP_HIT, 5 * MINUTE, 102.0, 2_000_000, 120_000, 0, 1_880_000, "bar",
        ambiguous=False, bars_held=4, mfe=0, mae=0, next_open=100.0,
    )  # fmt: skip
    return Signal(
        name, "BTCUSDT", "long", 0.6, MINUTE, 100.0, 102.0, 99.0, 1.0, "15m", 61 * MINUTE,
        {"trend": 1.0}, (), (), Quality(), "recording", "digest", "1", 5.0, 1.0,
        end if closed else None,
    )  # fmt: skip


def _seen() -> ReplaySnapshot:
    signals = (_signal("a", closed=True), _signal("b", closed=False))
    due = expected_events(signals)
    return ReplaySnapshot(
        bars_sent={"BTCUSDT": 10},
        bars_stored={"BTCUSDT": 10},
        sent_counts={"ticks": 600},
        sent_at={("BTCUSDT", MINUTE): 1000.0},
        events=2,
        decisions=(),
        signals=signals,
        deliveries=[Delivery(e, "delivered", n) for n, e in enumerate(due, 1)],
        telegram_at=dict.fromkeys(range(1, len(due) + 1), 1300.0),
        received=[
            Received(e, "signal", 1200.0, {"symbol": "BTCUSDT", "close_time": MINUTE}) for e in due
        ],
        overdue=0,
        dead_letters=0,
        wall_s=1.0,
    )


def test_a_complete_replay_has_no_lost_or_duplicate_messages() -> None:
    report = build(_seen())
    assert report["lost"] == report["duplicated"] == report["overdue"] == 0
    assert (report["telegram_opened"], report["telegram_closed"]) == (2, 1)
    assert (report["signals"], report["open_at_end"], report["outcomes"]) == (2, 1, {"tp_hit": 1})
    assert report["latency_ms"]["websocket"] == {"n": 3, "p50": 200.0, "p99": 200.0}
    assert report["latency_ms"]["telegram"] == {"n": 2, "p50": 300.0, "p99": 300.0}


def test_a_message_that_one_channel_did_not_get_is_lost() -> None:
    seen = _seen()
    report = build(replace(seen, received=seen.received[1:], deliveries=seen.deliveries[:-1]))
    assert report["lost_by"] == {"bars": 0, "telegram": 1, "websocket": 1}


def test_a_delivery_that_failed_is_lost() -> None:
    seen = _seen()
    failed = [replace(seen.deliveries[0], status="failed"), *seen.deliveries[1:]]
    assert build(replace(seen, deliveries=failed))["lost_by"]["telegram"] == 1


def test_a_message_sent_twice_is_a_duplicate() -> None:
    seen = _seen()
    twice = replace(
        seen,
        received=[*seen.received, seen.received[0]],
        telegram_at={**seen.telegram_at, 99: 1400.0},
    )
    assert build(twice)["duplicated_by"] == {"telegram": 1, "websocket": 1}


def test_an_answer_that_repeats_what_was_pushed_is_no_duplicate() -> None:
    seen = _seen()
    requested = [replace(row, requested=True) for row in seen.received]
    for received in ([*requested, *seen.received], [*seen.received, *requested, *requested]):
        report = build(replace(seen, received=received))
        assert (report["lost"], report["duplicated"]) == (0, 0)
        assert report["websocket_requested"] == len(received) - len(seen.received)
    assert build(replace(seen, received=requested))["lost"] == 0


def test_a_bar_that_was_sent_and_not_stored_is_lost() -> None:
    assert build(replace(_seen(), bars_stored={"BTCUSDT": 7}))["lost_by"]["bars"] == 3


def test_a_signal_that_had_time_to_end_and_did_not_is_overdue() -> None:
    signal = _signal("late", closed=False)
    assert overdue(signal, [], signal.expires_at)
    assert not overdue(signal, [], signal.expires_at - 1)
    calm = StoredBar(MINUTE, 100.0, 101.0, 99.5, 100.0)
    touch = StoredBar(2 * MINUTE, 100.0, 102.0, 100.0, 101.0)
    assert not overdue(signal, [calm], 2 * MINUTE)
    assert overdue(signal, [calm, touch], 3 * MINUTE)
    assert not overdue(signal, [touch], 3 * MINUTE)  # a hole: nothing is known yet
    assert not overdue(_signal("closed", closed=True), [], signal.expires_at)


def test_percentiles_of_nothing_are_none() -> None:
    assert percentiles([]) == {"n": 0, "p50": None, "p99": None}
    assert percentiles([3.0, 1.0, 2.0]) == {"n": 3, "p50": 2.0, "p99": 3.0}
