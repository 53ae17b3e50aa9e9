"""Discord's answers, each with the error that it becomes; and what is sent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.discord.channel import DiscordChannel
from signalengine_aws.channels.discord.client import CODES, FOLLOWS, SILENT, DiscordClient
from signalengine_aws.channels.http.client import Response
from signalengine_aws.channels.http.refusals import Meaning
from signalengine_aws.delivery.destinations import Destination
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)

from infra.local.channels.discord import ERRORS
from tests.channel_clients import (
    NAME,
    MemoryDestinations,
    MemoryPoster,
    PatientPoster,
    destination,
)
from tests.channel_server import RunningChannels, running_channels

pytestmark = pytest.mark.enable_socket

DOCUMENT = {"embeds": [{"title": "LONG"}], "allowed_mentions": {"parse": []}}
MESSAGE = {**DOCUMENT, FOLLOWS: "↩ Opening"}
TO = Destination("team", "https://discord.example/api/webhooks/1/token", {"guild": "77"})
STORED = json.dumps({"id": "9", "channel_id": "8"}).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[RunningChannels]:
    with running_channels() as running:
        yield running


def send(server: RunningChannels, **changes: Any) -> str:
    client = DiscordClient(PatientPoster(server))
    given = {"reply_to": None, "silent": False, **changes}
    return client.send(destination(server, "discord"), MESSAGE, **given)


def failure(server: RunningChannels, **changes: Any) -> Exception:
    with pytest.raises((TransientError, PermanentError)) as caught:
        send(server, **changes)
    assert "/api/webhooks" not in str(caught.value)
    return caught.value


def test_a_message_is_sent_and_its_receipt_names_channel_and_message(
    server: RunningChannels,
) -> None:
    channel, _, message = send(server).partition("/")
    assert (channel, message.isdecimal()) == ("1100000000000000002", True)
    shown = server.received("discord")[-1]
    assert (shown["text"], shown["silent"]) == ("LONG", False)
    assert "flags" not in shown["payload"]


def test_a_silent_message_that_follows_another_names_it(server: RunningChannels) -> None:
    first = send(server)
    send(server, reply_to=first, silent=True)
    shown = server.received("discord")[-1]
    guild = server.destination("discord")["guild"]
    address = f"https://discord.com/channels/{guild}/{first}"
    assert shown["payload"]["content"] == f"[↩ Opening]({address})"
    assert shown["payload"]["flags"] == SILENT
    assert shown["silent"]


def test_without_the_servers_id_there_is_no_reference() -> None:
    poster = MemoryPoster(Response(200, {}, STORED))
    to = Destination("team", f"{TO.url}?thread_id=5")
    receipt = DiscordClient(poster).send(to, MESSAGE, reply_to="8/9", silent=False)
    ((url, body, headers),) = poster.requests
    assert (receipt, json.loads(body)) == ("8/9", DOCUMENT)
    assert url == f"{TO.url}?thread_id=5&wait=true"
    assert headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("code", [code for code in ERRORS if code != "130000"])
def test_each_code_becomes_its_error(server: RunningChannels, code: str) -> None:
    server.fault("discord", "error", error=code)
    error = failure(server)
    assert code in str(error)
    match CODES[int(code)]:
        case Meaning.REJECT:
            assert isinstance(error, RejectedError)
            assert not error.unknown
        case meaning:
            assert isinstance(error, UnreachableError)
            assert error.by_recipient == (meaning is Meaning.LEAVE)


@pytest.mark.parametrize(("kind", "more"), [("500", {}), ("500", {"status": 502}),
                                            ("error", {"error": "130000"})])  # fmt: skip
def test_a_fault_of_the_service_may_have_been_a_delivery(
    server: RunningChannels, kind: str, more: dict[str, Any]
) -> None:
    server.fault("discord", kind, **more)
    error = failure(server)
    assert isinstance(error, UnavailableError)
    assert error.ambiguous


@pytest.mark.parametrize(
    ("kind", "more", "seconds"),
    [
        ("429", {"retry_after": 0.3}, 1),
        ("429", {"retry_after": 64.57}, 65),
        ("error", {"error": "global", "retry_after": 7.2}, 8),
        ("error", {"error": "1015", "retry_after": 29}, 29),
    ],
)
def test_a_rate_limit_names_its_seconds(
    server: RunningChannels, kind: str, more: dict[str, Any], seconds: int
) -> None:
    server.fault("discord", kind, **more)
    error = failure(server)
    assert isinstance(error, RetryAfterError)
    assert error.seconds == seconds


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after_delivery", "reset_before"])
def test_no_answer_may_have_been_a_delivery(server: RunningChannels, kind: str) -> None:
    server.fault("discord", kind)
    error = failure(server)
    assert isinstance(error, UnavailableError)
    assert error.ambiguous


@pytest.mark.parametrize(
    ("status", "body", "kind", "unknown"),
    [
        (400, b'{"code": 99999, "message": "New"}', RejectedError, True),
        (400, b"<html>", RejectedError, True),
        (400, b'{"code": "50035"}', RejectedError, True),
        (401, b'{"code": 0, "message": "401: Unauthorized"}', UnreachableError, None),
        (404, b'{"code": 0, "message": "404: Not Found"}', UnreachableError, None),
        (413, b"", RejectedError, False),
        (302, b"", UnreachableError, None),
        (200, b"<html>", UnavailableError, None),
        (200, b'{"id": 9, "channel_id": "8"}', UnavailableError, None),
        (204, b"", UnavailableError, None),
        (200, b"[" * 100_000, UnavailableError, None),
    ],
)
def test_every_other_answer_becomes_an_error_of_ours(
    status: int, body: bytes, kind: type[Exception], unknown: bool | None
) -> None:
    client = DiscordClient(MemoryPoster(Response(status, {}, body)))
    with pytest.raises(kind) as caught:
        client.send(TO, MESSAGE, reply_to=None, silent=False)
    assert getattr(caught.value, "unknown", None) == unknown


def test_a_webhook_that_is_used_up_is_not_called_before_its_time() -> None:
    now = [100.0]
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "1.5"}
    poster = MemoryPoster(Response(200, headers, STORED))
    client = DiscordClient(poster, lambda: now[0])
    client.send(TO, MESSAGE, reply_to=None, silent=False)
    with pytest.raises(RetryAfterError) as caught:
        client.send(TO, MESSAGE, reply_to=None, silent=False)
    assert (caught.value.seconds, len(poster.requests)) == (2, 1)
    other = Destination("other", "https://discord.example/api/webhooks/2/token")
    client.send(other, MESSAGE, reply_to=None, silent=False)
    now[0] += 1.6
    poster.answer = Response(200, {"x-ratelimit-remaining": "4"}, STORED)
    for _ in range(2):
        client.send(TO, MESSAGE, reply_to=None, silent=False)
    assert len(poster.requests) == 4


def test_the_next_invocation_remembers_what_is_used_up(server: RunningChannels) -> None:
    poster = PatientPoster(server)
    known = MemoryDestinations({f"discord:{NAME}": destination(server, "discord")})
    first, second = (DiscordChannel(known, poster) for _ in range(2))
    assert first._client is second._client
    assert first._client is not DiscordChannel(known, PatientPoster(server))._client


@pytest.mark.parametrize(("code", "said"), [(50035, "code 50035"), (99999, "no known code")])
def test_the_words_of_a_refusal_are_in_no_reason(code: int, said: str) -> None:
    body = json.dumps({"code": code, "message": "bad: https://hooks.example/secret"}).encode()
    with pytest.raises(RejectedError) as caught:
        DiscordClient(MemoryPoster(Response(400, {}, body))).send(
            TO, MESSAGE, reply_to=None, silent=False
        )
    assert str(caught.value) == f"400: {said}"
