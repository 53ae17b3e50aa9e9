"""The comparison: a clean run has no finding, and each broken promise is one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from infra.local.chaos.stack.evidence import Handed, Sent
from infra.local.chaos.stack.reckoning import SHOWN, Expected, Reckoning, drift, reckon
from research.audit import Difference

from .samples import CLOSED, EXPECTED, MINUTE, OPEN, evidence, signal

CLEAN = evidence()
KEY = ("digest:recording", "BTCUSDT")


def test_a_clean_run_has_no_finding_and_equal_counts() -> None:
    found = reckon(CLEAN, EXPECTED)
    assert found.findings == []
    assert set(found.lost.values()) == {0}
    assert set(found.duplicated.values()) == {0}
    assert found.counts["expected"] == found.counts["stored"]
    assert found.counts["published"] == found.counts["delivered"] == {"openings": 2, "closings": 1}
    assert found.slowest_s == {"Telegram": 3.0, "WebSocket": 0.7}


def test_the_slowest_message_is_that_of_the_slowest_client() -> None:
    late = [replace(row, at=row.at + 5_000) for row in CLEAN.received[0]]
    for received in ([late, CLEAN.received[1]], [CLEAN.received[1], late]):
        found = reckon(replace(CLEAN, received=received), EXPECTED)
        assert found.slowest_s["WebSocket"] == 5.7


def seen(**changed: Any) -> Mapping[str, Any]:
    return {"seen": replace(CLEAN.seen, **changed)}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"bars_missing": ["BTCUSDT 60000"]}, "bar lost: BTCUSDT 60000"),
        ({"bars_wrong": ["BTCUSDT 60000: 1/1/1/1, not nothing"]}, "bar is not the exchange's"),
        (seen(overdue=1), "left unsettled: 1 signals"),
        ({"published": {"a#opened": 1, "a#closed": 1}}, "not published: b#opened"),
        ({"published": {**CLEAN.published, "c#opened": 1}}, "published and not expected: c#opened"),
        ({"handed": CLEAN.handed[:2]}, "not delivered: b#opened"),
        ({"handed": [*CLEAN.handed[:2], Handed("b#opened", "waiting", None, 1, 0)]},
         "not delivered: b#opened"),
        ({"sent": CLEAN.sent[:2]}, "marked and not in the chat: b#opened"),
        ({"sent": [*CLEAN.sent, Sent(4, "b", None, 1.0)]}, "sent twice: b#opened: 2 times"),
        ({"sent": [*CLEAN.sent, Sent(4, "c", None, 1.0)]}, "delivered and not expected: c#opened"),
        ({"sent": [CLEAN.sent[0], Sent(2, "a", None, 1.0), CLEAN.sent[2]]},
         "closing without a reply to its opening: a#closed"),
        ({"received": [CLEAN.received[0], CLEAN.received[1][:2]]},
         "WebSocket client 2 lacks: b#opened"),
        ({"waiting": 1}, "left in the queue: 1 messages"),
        ({"letters": ["{}"]}, "dead letter: {}"),
        ({"denied": ["IAM denied sqs:SendMessage to role"]}, "IAM: IAM denied sqs:SendMessage"),
        ({"unreadable": 2}, "unreadable on the stream: 2 records"),
        ({"statistics": {KEY: {**CLEAN.statistics[KEY], "wins": 2}}},
         "statistics: BTCUSDT wins is 2, and a recount 1"),
        ({"statistics": {}}, "statistics: BTCUSDT closed is 0, and a recount 1"),
    ],
)  # fmt: skip
def test_each_broken_promise_is_a_finding(changed: Mapping[str, Any], words: str) -> None:
    findings = reckon(replace(CLEAN, **changed), EXPECTED).findings
    assert [one for one in findings if one.startswith(words)], findings


def test_what_is_expected_and_not_stored_is_lost() -> None:
    more = replace(
        EXPECTED, signals=(CLOSED, signal("b", closed=True), signal("c", closed=False)), decisions=3
    )
    lost = reckon(CLEAN, more).lost
    assert (lost["decisions"], lost["signals"], lost["outcomes"]) == (3, 1, 1)
    assert (lost["published"], lost["telegram"]) == (2, 2)


def test_a_difference_from_the_backtest_is_a_finding() -> None:
    differing = replace(EXPECTED, differences=[Difference("BTCUSDT 60000", "score", 0.5, 0.6)])
    assert reckon(CLEAN, differing).findings == [
        "differs from the backtest: BTCUSDT 60000: score is 0.5, computed again 0.6"
    ]


def test_nothing_to_compare_with_is_a_finding() -> None:
    assert reckon(CLEAN, Expected(0, (), (), "a hole")).findings == ["not comparable: a hole"]


def test_a_repeat_in_the_documented_window_is_counted_apart() -> None:
    handed = [*CLEAN.handed[:2], Handed("b#opened", "delivered", 4, 2, 1)]
    sent = [*CLEAN.sent, Sent(4, "b", None, 5_000.0)]
    found = reckon(replace(CLEAN, handed=handed, sent=sent), EXPECTED)
    assert found.findings == []
    assert found.duplicated == {"telegram": 0}
    assert found.on_purpose["Telegram, in the window from the first byte to the mark"] == 1


def test_a_reply_to_an_earlier_copy_of_the_opening_is_a_reply() -> None:
    handed = [Handed("a#opened", "delivered", 9, 2, 1), *CLEAN.handed[1:]]
    sent = [*CLEAN.sent, Sent(9, "a", None, 5_000.0)]
    assert reckon(replace(CLEAN, handed=handed, sent=sent), EXPECTED).findings == []


def digested(*sent: Sent, possible_duplicates: int = 0) -> Reckoning:
    """Both openings are in one message, 5; the closing is one of its own, a reply to it."""
    handed = [
        Handed("a#opened", "delivered", 5, 1, 0, "digest#a"),
        Handed("a#closed", "delivered", 2, 1, 0),
        Handed("b#opened", "delivered", 5, 1, 0, "digest#a"),
    ]
    digest = Handed("digest#a", "delivered", 5, 1, possible_duplicates)
    messages = [Sent(5, "a", None, 1.0, "2 signals: a, b"), Sent(2, "a", 5, 2.0), *sent]
    return reckon(replace(CLEAN, handed=handed, digests=[digest], sent=messages), EXPECTED)


def test_a_digest_delivers_each_of_its_events() -> None:
    found = digested(Sent(6, "", None, 1.0, "an answer"))
    assert found.findings == []
    assert found.counts["delivered"] == {"openings": 2, "closings": 1}


def test_a_digest_that_came_twice_is_each_of_its_events_twice() -> None:
    again = Sent(6, "a", None, 1.0, "2 signals: a, b")
    assert len([one for one in digested(again).findings if one.startswith("sent twice")]) == 2
    allowed = digested(again, possible_duplicates=1)
    assert (allowed.findings, allowed.duplicated) == ([], {"telegram": 0})


def test_repeats_that_a_receiver_drops_are_no_finding() -> None:
    again = {**CLEAN.published, "b#opened": 3}
    received = [[*CLEAN.received[0], CLEAN.received[0][0]], CLEAN.received[1]]
    found = reckon(replace(CLEAN, published=again, received=received), EXPECTED)
    assert found.findings == []
    assert found.on_purpose["published again"] == 2
    assert found.on_purpose["WebSocket"] == 1


def test_a_closing_holds_its_opening() -> None:
    """A client whose opening got lost on the way has the whole signal with its closing."""
    rows = [row for row in CLEAN.received[0] if row.event_id != "a#opened"]
    assert reckon(replace(CLEAN, received=[rows]), EXPECTED).findings == []


def test_many_findings_of_a_kind_are_summed_up() -> None:
    letters = [f"letter {number}" for number in range(SHOWN + 5)]
    findings = reckon(replace(CLEAN, letters=letters), EXPECTED).findings
    assert len(findings) == SHOWN + 1
    assert findings[-1] == "dead letter: and 5 more"


def test_an_open_signal_is_in_no_statistics() -> None:
    only = replace(CLEAN, statistics={}, seen=replace(CLEAN.seen, signals=(OPEN,)))
    assert reckon(only, Expected(0, (OPEN,), ())).drift == []
    assert OPEN.close_time == MINUTE


def test_signals_are_counted_against_those_of_an_undisturbed_feed() -> None:
    other = [signal("a", closed=False), signal("c", closed=True)]
    assert drift(other, [CLOSED, OPEN]) == {
        "undisturbed": 2, "only undisturbed": 1, "only here": 1, "other outcomes": 1,
        "net of a signal, bps": 188.0, "undisturbed net of a signal, bps": 188.0,
    }  # fmt: skip
    assert set(drift((OPEN,), (OPEN,)).values()) == {0, 1}
