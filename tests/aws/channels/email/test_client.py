"""The transports against real servers on loopback: every way in which a mail may fail."""

import contextlib
import re
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from signalengine_aws.channels.email.client import ONCE, SesTransport, SmtpTransport
from signalengine_aws.channels.email.settings import MailSettings
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)

from tests.aws.channels.email.samples import ADDRESS, CONTACT, KEY, MAIL, certificate, settings
from tests.channel_server import RunningChannels, running_channels
from tests.mail_server import RunningMail, running_mail

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def mail() -> Iterator[RunningMail]:
    with running_mail() as server:
        yield server


def transport(mail: RunningMail, **changes: Any) -> SmtpTransport:
    return SmtpTransport(settings(mail, **changes), timeout_s=0.5)


def test_a_mail_arrives_as_it_was_made(mail: RunningMail) -> None:
    assert transport(mail).send(MAIL) == "<one@sender.example>"
    (found,) = mail.mails
    assert found["Message-ID"] == "<one@sender.example>"
    assert found["Subject"] == "🟢 LONG BTCUSDT"
    text = found.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert mail.recipients == [ADDRESS]


FAULTS: list[tuple[str, dict[str, Any], type[Exception], str, int]] = [
    # fault, its fields, our error, its text, mails that arrived
    ("error", {"error": "closing"}, UnavailableError, "421 4.3.2", 0),
    ("error", {"error": "greylisted"}, RetryAfterError, "120 s", 0),
    ("429", {}, RetryAfterError, "120 s", 0),
    ("500", {}, RetryAfterError, "120 s", 0),
    ("error", {"error": "no_such_mailbox"}, UnreachableError, "550 5.1.1", 0),
    ("error", {"error": "mailbox_full"}, UnreachableError, "552 5.2.2", 0),
    ("error", {"error": "too_large"}, RejectedError, "552 5.3.4", 0),
    ("error", {"error": "policy"}, RejectedError, "554 5.7.1", 0),
    ("timeout_before", {}, UnavailableError, "Disconnected", 0),
    ("timeout_after_delivery", {}, UnavailableError, "Disconnected", 1),
    ("reset_before", {}, UnavailableError, "Disconnected", 0),
    ("reset_after_delivery", {}, UnavailableError, "Disconnected", 1),
]


@pytest.mark.parametrize(("kind", "more", "expected", "text", "arrived"), FAULTS)
def test_each_failure_of_a_server_is_one_of_ours(
    mail: RunningMail, kind: str, more: dict[str, Any], expected: type[Exception], text: str,
    arrived: int,
) -> None:  # fmt: skip
    mail.fault(kind, **more)
    with pytest.raises(expected, match=re.escape(text)) as found:
        transport(mail).send(MAIL)
    assert ADDRESS not in str(found.value), "servers repeat the address, logs must not"
    assert found.value.__cause__ is None
    assert len(mail.mails) == arrived
    if isinstance(found.value, UnavailableError):
        assert found.value.ambiguous == kind.startswith(("timeout", "reset"))
    transport(mail).send(MAIL)
    assert len(mail.mails) == arrived + 1


def test_without_a_server_nothing_was_sent() -> None:
    with running_mail() as mail:
        gone = settings(mail)
    with pytest.raises(UnavailableError) as found:
        SmtpTransport(gone, timeout_s=0.5).send(MAIL)
    assert not found.value.ambiguous


def test_starttls_and_a_password_are_used(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path)
    with running_mail(tls=server, login=("signals", "made up")) as mail:
        known = settings(mail, tls=True, user="signals", password="made up")
        SmtpTransport(known, timeout_s=2, trust=trust).send(MAIL)
        wrong = settings(mail, tls=True, user="signals", password="wrong")
        with pytest.raises(UnauthorizedError, match="535") as found:
            SmtpTransport(wrong, timeout_s=2, trust=trust).send(MAIL)
        nobody = settings(mail, tls=True)
        with pytest.raises(UnauthorizedError, match="530"):
            SmtpTransport(nobody, timeout_s=2, trust=trust).send(MAIL)
        assert "wrong" not in str(found.value)
        assert len(mail.mails) == 1


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path)
    with running_mail(tls=server, implicit_tls=True) as mail:
        known = settings(mail, tls=True, implicit_tls=True)
        SmtpTransport(known, timeout_s=2, trust=trust).send(MAIL)
        assert len(mail.mails) == 1


@pytest.mark.parametrize("implicit", [True, False])
def test_a_server_with_a_foreign_certificate_gets_nothing(tmp_path: Path, implicit: bool) -> None:
    server, _ = certificate(tmp_path)
    with running_mail(tls=server, implicit_tls=implicit) as mail:
        known = settings(mail, tls=True, implicit_tls=implicit, user="signals", password="made up")
        with pytest.raises(UnavailableError, match="certificate is not valid") as found:
            SmtpTransport(known, timeout_s=2).send(MAIL)
        assert not found.value.ambiguous
        assert mail.mails == []


def test_a_server_without_tls_gets_neither_password_nor_mail(mail: RunningMail) -> None:
    known = settings(mail, tls=True, user="signals", password="made up")
    with pytest.raises(UnauthorizedError, match="no TLS"):
        SmtpTransport(known, timeout_s=2).send(MAIL)
    assert mail.mails == []


# --- SES -----------------------------------------------------------------------------------------


@pytest.fixture
def services() -> Iterator[RunningChannels]:
    with running_channels() as running:
        yield running


def ses(running: RunningChannels, **changes: Any) -> SesTransport:
    session = get_session()
    session.set_credentials("made", "up")
    client = session.create_client(
        "sesv2", region_name="eu-central-1", endpoint_url=running.base,
        config=ONCE.merge(type(ONCE)(read_timeout=0.5)),
    )  # fmt: skip
    known = MailSettings("ses", "signals@sender.example", KEY, **changes)
    return SesTransport(client, known, "eu-central-1")


def test_ses_gives_a_mail_its_own_message_id(services: RunningChannels) -> None:
    receipt = ses(services, configuration_set="signals").send(MAIL)
    assert re.fullmatch(r"<[0-9a-f-]{36}@eu-central-1\.amazonses\.com>", receipt)
    (found,) = services.received("email")
    assert found["destination"] == ADDRESS
    assert "LONG BTCUSDT" in found["text"]


OF_SES: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("429", {}, RetryAfterError, "1 s"),
    ("500", {}, UnavailableError, "SES failed"),
    ("error", {"error": "account_suspended"}, UnauthorizedError, "suspended"),
    ("error", {"error": "sending_paused"}, UnauthorizedError, "paused"),
    ("error", {"error": "rate"}, RetryAfterError, "1 s"),
    ("error", {"error": "quota"}, RetryAfterError, "3600 s"),
    ("error", {"error": "sandbox"}, UnreachableError, "sandbox"),
    ("error", {"error": "sender_not_verified"}, UnauthorizedError, "not verified"),
    ("error", {"error": "rejected"}, RejectedError, "MessageRejected"),
    ("error", {"error": "no_configuration_set"}, UnauthorizedError, "configuration set"),
    ("error", {"error": "mail_from"}, UnauthorizedError, "MAIL FROM"),
    ("timeout_before", {}, UnavailableError, "ReadTimeoutError"),
    ("timeout_after_delivery", {}, UnavailableError, "ReadTimeoutError"),
    ("reset_after_delivery", {}, UnavailableError, "Error"),
]


@pytest.mark.parametrize(("kind", "more", "expected", "text"), OF_SES)
def test_each_failure_of_ses_is_one_of_ours_and_is_not_tried_again(
    services: RunningChannels, kind: str, more: dict[str, Any], expected: type[Exception], text: str
) -> None:
    services.fault("email", kind, **more)
    with pytest.raises(expected, match=re.escape(text)) as found:
        ses(services).send(MAIL)
    assert ADDRESS not in str(found.value)
    assert len(services.received("email")) == int(kind.endswith("after_delivery"))
    if isinstance(found.value, UnavailableError):
        assert found.value.ambiguous


def test_without_a_connection_to_ses_nothing_was_sent() -> None:
    with running_channels() as gone:
        transport_ = ses(gone)
    with pytest.raises(UnavailableError) as found:
        transport_.send(MAIL)
    assert not found.value.ambiguous


def test_ses_is_told_the_contact_not_the_address(services: RunningChannels) -> None:
    sent: list[Any] = []
    transport_ = ses(services)
    transport_._client.meta.events.register(
        "before-send.sesv2.SendEmail", lambda request, **_: sent.append(request.body)
    )
    transport_.send(MAIL)
    assert f'"Name": "contact", "Value": "{CONTACT}"' in sent[0].decode()
    raw = re.search(r'"Data": "([^"]+)"', sent[0].decode())
    assert raw is not None
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in b64decode(raw[1])


def test_a_server_that_never_ends_its_answer_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                while not ended.wait(0.05):
                    connection.sendall(b"220-\r\n")
            ended.set()

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        running = RunningMail(server.getsockname()[1])
        chosen = settings(running, host="127.0.0.1")
        with pytest.raises(UnavailableError) as found:
            SmtpTransport(chosen, timeout_s=60, deadline_s=0.2).send(MAIL)
        assert not found.value.ambiguous
        thread.join(60)
        assert ended.is_set()
