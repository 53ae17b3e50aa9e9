"""What answers mean, by their status and by the service's own code."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.http.client import Response
from signalengine_aws.channels.http.refusals import (
    DEFAULT_RETRY_AFTER_S,
    LONGEST_RETRY_AFTER_S,
    Meaning,
    refused,
    retry_after_s,
    unreadable,
)
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)

from tests.examples import examples

PARKED = (301, 302, 307, 308, 401, 403, 404, 405, 407)
AGAIN = (408, 425, 500, 502, 503, 504, 520, 599)


def answer(status: int, **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


@pytest.mark.parametrize("status", range(300, 600))
def test_each_status_has_one_meaning(status: int) -> None:
    error = refused(answer(status), "words")
    if status == 429:
        assert isinstance(error, RetryAfterError)
    elif status in (408, 425) or status >= 500:
        assert isinstance(error, UnavailableError)
        assert error.ambiguous == (status >= 500)
    elif status < 400 or status in PARKED or status == 410:
        assert isinstance(error, UnreachableError)
        assert error.by_recipient == (status == 410)
    else:
        assert isinstance(error, RejectedError)
        assert error.unknown == (status != 413)
    assert str(status) in str(error) or status == 429


@pytest.mark.parametrize("status", [400, 401, 404, 410, 413, 499])
def test_a_services_own_code_goes_before_its_status(status: int) -> None:
    found = [refused(answer(status), "words", meaning) for meaning in Meaning]
    assert [type(error) for error in found] == [UnreachableError, UnreachableError, RejectedError]
    assert [getattr(error, "by_recipient", None) for error in found] == [False, True, None]
    assert not getattr(found[2], "unknown", True)


@pytest.mark.parametrize("status", AGAIN)
def test_no_code_makes_a_fault_of_the_server_permanent(status: int) -> None:
    assert isinstance(refused(answer(status), "words", Meaning.REJECT), UnavailableError)


@pytest.mark.parametrize(
    ("seconds", "header", "waits"),
    [
        (None, "", DEFAULT_RETRY_AFTER_S), (0.3, "", 1), (64.57, "65", 65), (70.2, "65", 71),
        (None, "7", 7), (None, "0", 1), (None, "soon", DEFAULT_RETRY_AFTER_S),
        (float("nan"), "-3", DEFAULT_RETRY_AFTER_S), (float("inf"), "2", 2),
        (1e9, "", LONGEST_RETRY_AFTER_S),
    ],
)  # fmt: skip
def test_the_longest_time_that_is_named_is_waited(
    seconds: float | None, header: str, waits: int
) -> None:
    assert retry_after_s(answer(429, retry_after=header), seconds) == waits


def test_a_time_of_a_clock_is_a_wait_too() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=3_600), usegmt=True)
    assert 3_000 < retry_after_s(answer(429, retry_after=at)) <= 3_601


@examples(100)
@given(st.text(max_size=30), st.one_of(st.none(), st.floats()))
def test_no_answer_breaks_the_reading_of_a_wait(header: str, seconds: float | None) -> None:
    assert 1 <= retry_after_s(answer(429, retry_after=header), seconds) <= LONGEST_RETRY_AFTER_S


def test_a_success_of_somebody_else_may_be_a_delivery() -> None:
    error = unreadable(answer(200))
    assert isinstance(error, UnavailableError)
    assert error.ambiguous
