"""An ntfy server's answers, each with the error that it becomes; and what is sent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.http.client import Response
from signalengine_aws.channels.http.refusals import Meaning
from signalengine_aws.channels.ntfy.client import CODES, LOW, NtfyClient, server_and_topic
from signalengine_aws.delivery.destinations import Destination
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)

from infra.local.channels.ntfy import ERRORS
from tests.channel_clients import MemoryPoster, PatientPoster, destination
from tests.channel_server import RunningChannels, running_channels

pytestmark = pytest.mark.enable_socket

MESSAGE = {"title": "LONG", "message": "Entry 50"}
TO = Destination("team", "https://ntfy.example/signals")
LIMITS = [code for code in ERRORS if code.startswith("429")]
FAULTS = [code for code in ERRORS if code.startswith("5")]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningChannels]:
    with running_channels() as running:
        yield running


def send(server: RunningChannels, *, silent: bool = False, **changes: str) -> str:
    client = NtfyClient(PatientPoster(server))
    return client.send(destination(server, "ntfy", **changes), MESSAGE, silent=silent)


def failure(server: RunningChannels, **changes: Any) -> Exception:
    with pytest.raises((TransientError, PermanentError)) as caught:
        send(server, **changes)
    return caught.value


def test_a_message_is_sent_to_its_topic_with_the_token(server: RunningChannels) -> None:
    assert len(send(server)) == 12
    payload = server.received("ntfy")[-1]["payload"]
    assert payload == {"topic": "signals", **MESSAGE}


def test_a_silent_message_has_a_low_priority(server: RunningChannels) -> None:
    send(server, silent=True)
    shown = server.received("ntfy")[-1]
    assert (shown["payload"]["priority"], shown["silent"]) == (LOW, True)


@pytest.mark.parametrize(("token", "code"), [("", "40301"), ("tk_wrong", "40101")])
def test_a_token_that_does_not_open_the_topic_parks_it(
    server: RunningChannels, token: str, code: str
) -> None:
    error = failure(server, secret=token)
    assert isinstance(error, UnreachableError)
    assert code in str(error)
    assert "tk_" not in str(error)


@pytest.mark.parametrize("code", [one for one in ERRORS if one not in (*LIMITS, *FAULTS)])
def test_each_code_becomes_its_error(server: RunningChannels, code: str) -> None:
    server.fault("ntfy", "error", error=code)
    error = failure(server)
    assert code in str(error)
    if CODES[int(code)] is Meaning.REJECT:
        assert isinstance(error, RejectedError)
        assert not error.unknown
    else:
        assert isinstance(error, UnreachableError)
        assert not error.by_recipient


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_of_the_server_may_have_been_a_delivery(server: RunningChannels, code: str) -> None:
    server.fault("ntfy", "error", error=code)
    error = failure(server)
    assert isinstance(error, UnavailableError)
    assert error.ambiguous


def test_each_limit_has_its_seconds_and_a_longer_time_of_a_header_counts(
    server: RunningChannels,
) -> None:
    waits = {}
    for code in LIMITS:
        server.fault("ntfy", "error", error=code)
        error = failure(server)
        assert isinstance(error, RetryAfterError)
        waits[code] = error.seconds
    assert waits == {"42901": 5, "42905": 3_600, "42908": 3_600, "42909": 60}
    server.fault("ntfy", "429", retry_after=35.0)
    error = failure(server)
    assert isinstance(error, RetryAfterError)
    assert error.seconds == 35


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after_delivery", "reset_before"])
def test_no_answer_may_have_been_a_delivery(server: RunningChannels, kind: str) -> None:
    server.fault("ntfy", kind)
    error = failure(server)
    assert isinstance(error, UnavailableError)
    assert error.ambiguous


@pytest.mark.parametrize(
    ("status", "body", "kind", "unknown"),
    [
        (400, b'{"code": 40099, "error": "new"}', RejectedError, True),
        (400, b"<html>", RejectedError, True),
        (404, b"<html>", UnreachableError, None),
        (429, b"<html>", RetryAfterError, None),
        (302, b"", UnreachableError, None),
        (200, b"<html>", UnavailableError, None),
        (200, b'{"id": 5}', UnavailableError, None),
        (200, b"[]", UnavailableError, None),
    ],
)
def test_every_other_answer_becomes_an_error_of_ours(
    status: int, body: bytes, kind: type[Exception], unknown: bool | None
) -> None:
    with pytest.raises(kind) as caught:
        NtfyClient(MemoryPoster(Response(status, {}, body))).send(TO, MESSAGE, silent=False)
    assert getattr(caught.value, "unknown", None) == unknown


@pytest.mark.parametrize(
    "url",
    [
        "https://ntfy.example/", "https://ntfy.example", "https://ntfy.example/a/b",
        "https://ntfy.example/a?x=1", "https://ntfy.example/a b", "ftp://ntfy.example/a", "",
    ],
)  # fmt: skip
def test_a_url_that_is_no_topics_is_refused(url: str) -> None:
    with pytest.raises(UnreachableError) as caught:
        server_and_topic(Destination("team", url))
    assert "ntfy.example" not in str(caught.value)


def test_a_topic_of_a_server_is_read_from_its_url() -> None:
    found = server_and_topic(Destination("team", "http://ntfy.lan:8080/My_topic-1/"))
    assert found == ("http://ntfy.lan:8080", "My_topic-1")


def test_the_request_goes_to_the_servers_root() -> None:
    poster = MemoryPoster(Response(200, {}, b'{"id": "abc"}'))
    assert NtfyClient(poster).send(TO, MESSAGE, silent=False) == "abc"
    ((url, body, headers),) = poster.requests
    assert (url, json.loads(body)["topic"]) == ("https://ntfy.example/", "signals")
    assert "Authorization" not in headers


@pytest.mark.parametrize(("code", "said"), [(40018, "code 40018"), (99999, "no known code")])
def test_the_words_of_a_refusal_are_in_no_reason(code: int, said: str) -> None:
    body = json.dumps({"code": code, "error": "bad: https://hooks.example/secret"}).encode()
    with pytest.raises(RejectedError) as caught:
        NtfyClient(MemoryPoster(Response(400, {}, body))).send(TO, MESSAGE, silent=False)
    assert str(caught.value) == f"400: {said}"
