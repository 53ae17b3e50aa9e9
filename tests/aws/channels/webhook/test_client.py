"""What each answer of a receiver means."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.http.client import Response
from signalengine_aws.channels.webhook.client import (
    LONGEST_PAUSE_S,
    PAUSE_S,
    post,
    retry_after_s,
)
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)

NOW = 1_747_700_000_000


class Answer:
    """A receiver with one answer."""

    def __init__(self, status: int, **headers: str) -> None:
        self.response = Response(status, headers, b"")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        return self.response


def error(status: int, retry_after: str | None = None) -> Exception:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    answer = Answer(status)
    answer.response = Response(status, headers, b"")
    with pytest.raises((TransientError, PermanentError)) as caught:
        post(answer, "https://x/", b"", {}, lambda: NOW)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_one(status: int) -> None:
    assert post(Answer(status), "https://x/", b"", {}, lambda: NOW) == f"HTTP {status}"


@pytest.mark.parametrize(
    ("status", "ambiguous"), [(408, False), (425, False), (500, True), (502, True), (503, True)]
)
def test_what_may_pass_is_tried_again(status: int, ambiguous: bool) -> None:
    found = error(status)
    assert isinstance(found, UnavailableError)
    assert found.ambiguous == ambiguous


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "7", 7),
        (429, None, PAUSE_S),
        (429, "soon", PAUSE_S),
        (429, "0", 1),
        (429, "-5", PAUSE_S),
        (429, "999999999999999999999", LONGEST_PAUSE_S),
        (503, "12", 12),
        (429, "Tue, 20 May 2025 00:14:20 GMT", 60),
        (429, "Tue, 20 May 2025 00:00:00 GMT", 1),
    ],
)
def test_a_receiver_that_asks_to_wait_is_left_alone(
    status: int, header: str | None, seconds: int
) -> None:
    found = error(status, header)
    assert isinstance(found, RetryAfterError)
    assert found.seconds == seconds


def test_gone_is_for_good() -> None:
    found = error(410)
    assert isinstance(found, UnreachableError)
    assert found.by_recipient


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304, 400, 401, 403, 404, 422, 100])
def test_others_are_set_aside_and_the_cause_may_be_the_destination(status: int) -> None:
    found = error(status)
    assert isinstance(found, RejectedError)
    assert found.unknown


@given(st.text())
def test_any_header_is_a_pause_within_bounds_or_none(value: str) -> None:
    found = retry_after_s(value, lambda: NOW)
    assert found is None or 1 <= found <= LONGEST_PAUSE_S
