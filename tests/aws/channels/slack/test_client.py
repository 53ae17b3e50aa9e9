"""Slack's answers, each with the error that it becomes."""

from collections.abc import Iterator
from typing import Any

import pytest
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.http.client import Response
from signalengine_aws.channels.http.refusals import Meaning
from signalengine_aws.channels.slack.client import ACCEPTED, WORDS, SlackClient
from signalengine_aws.delivery.destinations import Destination
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)

from infra.local.channels.slack import ERRORS
from tests.channel_clients import MemoryPoster, PatientPoster, destination
from tests.channel_server import RunningChannels, running_channels

pytestmark = pytest.mark.enable_socket

MESSAGE = {"text": "LONG"}
TO = Destination("team", "https://hooks.slack.example/services/T1/B1/x")


@pytest.fixture(scope="module")
def server() -> Iterator[RunningChannels]:
    with running_channels() as running:
        yield running


def send(server: RunningChannels) -> str:
    client = SlackClient(PatientPoster(server))
    return client.send(destination(server, "slack"), MESSAGE)


def failure(server: RunningChannels) -> Exception:
    with pytest.raises((TransientError, PermanentError)) as caught:
        send(server)
    assert "/services" not in str(caught.value)
    return caught.value


def test_a_message_is_sent(server: RunningChannels) -> None:
    assert send(server) == ACCEPTED
    assert server.received("slack")[-1]["payload"] == MESSAGE


@pytest.mark.parametrize("word", [word for word in ERRORS if word != "rollup_error"])
def test_each_word_becomes_its_error(server: RunningChannels, word: str) -> None:
    server.fault("slack", "error", error=word)
    error = failure(server)
    assert word in str(error)
    match WORDS[word]:
        case Meaning.REJECT:
            assert isinstance(error, RejectedError)
            assert not error.unknown
        case meaning:
            assert isinstance(error, UnreachableError)
            assert error.by_recipient == (meaning is Meaning.LEAVE)


@pytest.mark.parametrize(
    ("kind", "more"), [("500", {"status": 503}), ("error", {"error": "rollup_error"})]
)
def test_a_fault_of_the_service_may_have_been_a_delivery(
    server: RunningChannels, kind: str, more: dict[str, Any]
) -> None:
    server.fault("slack", kind, **more)
    error = failure(server)
    assert isinstance(error, UnavailableError)
    assert error.ambiguous


def test_a_rate_limit_names_its_seconds(server: RunningChannels) -> None:
    server.fault("slack", "429", retry_after=29.2)
    error = failure(server)
    assert isinstance(error, RetryAfterError)
    assert error.seconds == 30


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after_delivery", "reset_before"])
def test_no_answer_may_have_been_a_delivery(server: RunningChannels, kind: str) -> None:
    server.fault("slack", kind)
    error = failure(server)
    assert isinstance(error, UnavailableError)
    assert error.ambiguous


@pytest.mark.parametrize(
    ("status", "body", "kind", "unknown"),
    [
        (400, b"a_new_word", RejectedError, True),
        (400, b"<html>", RejectedError, True),
        (403, b"a_new_word", UnreachableError, None),
        (404, b"<html>", UnreachableError, None),
        (410, b"a_new_word", UnreachableError, None),
        (302, b"", UnreachableError, None),
        (200, b"<html>", UnavailableError, None),
        (200, b"no_service", UnavailableError, None),
        (204, b"", UnavailableError, None),
    ],
)
def test_every_other_answer_becomes_an_error_of_ours(
    status: int, body: bytes, kind: type[Exception], unknown: bool | None
) -> None:
    with pytest.raises(kind) as caught:
        SlackClient(MemoryPoster(Response(status, {}, body))).send(TO, MESSAGE)
    assert getattr(caught.value, "unknown", None) == unknown
    assert "html" not in str(caught.value)
