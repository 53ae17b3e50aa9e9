"""What a chat received of a burst: what is missing, and what came twice."""

from typing import Any

import pytest
from signalengine.digests import digest_to_json, with_signal

from infra.local.benchmarks.burst.comparison import compared
from infra.local.benchmarks.burst.signals import burst, signal_id
from tests.telegram_samples import NOON

EVENTS = [f"{signal_id(number)}#opened" for number in range(3)]
ALONE, *GROUPED = EVENTS
DONE: dict[str, Any] = {"status": "delivered"}


def rows() -> dict[str, dict[str, Any]]:
    return {ALONE: DONE} | {one: {**DONE, "digest": "d1"} for one in GROUPED}


def digests(size: int = 2) -> dict[str, dict[str, Any]]:
    said = None
    for one in burst(size, NOON):
        assert one.signal is not None
        said = with_signal(said, one.signal)
    assert said is not None
    return {"d1": {**DONE, "summary": digest_to_json(said)}}


TEXTS = [f"LONG … {signal_id(0)} …", "2 signals in one message"]


def test_one_message_and_a_digest_have_three_signals_once() -> None:
    assert compared(EVENTS, rows(), digests(), TEXTS) == {"lost": 0, "duplicated": 0}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"messages": TEXTS[1:]}, {"lost": 1, "duplicated": 0}),
        ({"messages": [*TEXTS, TEXTS[0]]}, {"lost": 0, "duplicated": 1}),
        ({"messages": [*TEXTS, TEXTS[1]]}, {"lost": 0, "duplicated": 1}),
        ({"digests": digests(3)}, {"lost": 0, "duplicated": 1}),
        ({"digests": {}}, {"lost": 2, "duplicated": 3}),
        ({"rows": {**rows(), ALONE: {"status": "waiting"}}}, {"lost": 1, "duplicated": 0}),
    ],
)
def test_what_is_missing_or_comes_twice_is_counted(
    changed: dict[str, Any], expected: dict[str, int]
) -> None:
    given = {"rows": rows(), "digests": digests(), "messages": TEXTS, **changed}
    assert compared(EVENTS, given["rows"], given["digests"], given["messages"]) == expected
