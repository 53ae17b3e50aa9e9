"""send_channels with e-mail: a queue, tables and a secret of AWS's (moto), and a mail server."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from signalengine_aws.channels.email import wiring
from signalengine_aws.channels.email.address import id_of, key_of
from signalengine_aws.channels.email.client import SmtpTransport
from signalengine_aws.channels.email.contacts import Contact, DynamoContacts
from signalengine_aws.channels.email.settings import MOST, MailSettings
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.runtime import clients

from tests.aws.channels.email.samples import CONTACT
from tests.aws.channels.email.test_feedback import MAILBOX, bounce, complaint, event
from tests.aws.world import World
from tests.functions.test_send_channels import CLOSED, OPENED, Stack, forget, send_channels, world
from tests.mail_server import RunningMail, running_mail
from tests.telegram_samples import closed, signal

pytestmark = pytest.mark.enable_socket
__all__ = ["world"]

KEY = "k" * 32
ADDRESS = "ada.lovelace@mail.example"
SITE = "https://signals.example/"
IMPATIENT_S = 0.25


def contact_of(address: str) -> str:
    return id_of(address, KEY.encode())


class MailStack(Stack):
    """The function with a mail server, and confirmed subscribers."""

    def __init__(self, world: World, folder: ExitStack, mail: RunningMail) -> None:
        super().__init__(world, folder)
        self.mail = mail

    def subscribe(self, *addresses: str, **preferences: Any) -> None:
        for address in addresses:
            contact = contact_of(address)
            DynamoContacts("subscriptions_table").put(Contact(contact, address, 1), MOST)
            DynamoSubscriptions("subscriptions_table").save(
                Subscription(key_of(contact), **preferences)
            )
        sender = {"url": self.mail.url, "from": "signals@sender.example", "key": KEY}
        self.write_secret(destinations={"email:sender": sender | {"tls": "plain"}})

    def email(self, address: str = ADDRESS, event_id: str = OPENED) -> Delivery:
        key = key_of(contact_of(address))
        found = send_channels.deliveries_of("deliveries_table").get(event_id, key)
        assert found is not None
        return found

    def all_delivered(self) -> int:
        """Invoke until the queue is empty; return how many invocations that took."""
        for n in range(40):
            if self.drain() == (0, 0):
                return n
            self.pass_s(130)
        raise AssertionError("the queue is not empty")


@pytest.fixture
def stack(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailStack]:
    def impatient(settings: MailSettings) -> SmtpTransport:
        return SmtpTransport(settings, timeout_s=IMPATIENT_S)

    monkeypatch.setattr("signalengine_aws.channels.email.client.SmtpTransport", impatient)
    with ExitStack() as servers:
        world.reset()
        forget()
        wiring.transport_of.cache_clear()
        made = MailStack(world, servers, servers.enter_context(running_mail()))
        for key, value in (made.environment() | {"DASHBOARD_URL": SITE}).items():
            monkeypatch.setenv(key, value)
        yield made
        made.remove()


def ids(mails: list[EmailMessage]) -> list[str]:
    return [str(mail["Message-ID"]) for mail in mails]


def test_each_subscriber_gets_each_event_once_and_closings_in_the_thread(stack: MailStack) -> None:
    stack.subscribe(ADDRESS, "bob@mail.example")
    stack.put(signal(), signal(), closed())
    stack.all_delivered()
    assert sorted(stack.mail.recipients) == [ADDRESS] * 2 + ["bob@mail.example"] * 2
    assert len(set(ids(stack.mail.mails))) == 4
    opening, closing = (mail for mail in stack.mail.mails if mail["To"] == ADDRESS)
    assert closing["In-Reply-To"] == opening["Message-ID"] == stack.email().receipt
    assert opening["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


FAULTS: list[tuple[str, dict[str, Any], int, int]] = [
    # what happens to the first mail, and how often it arrives, and is counted as possibly twice
    ("error", {"error": "closing"}, 1, 0),
    ("error", {"error": "greylisted"}, 1, 0),
    ("500", {}, 1, 0),
    ("reset_before", {}, 1, 1),
    ("timeout_before", {}, 1, 1),
    ("timeout_after_delivery", {}, 2, 1),
    ("reset_after_delivery", {}, 2, 1),
]


@pytest.mark.parametrize(("kind", "more", "copies", "doubtful"), FAULTS)
def test_nothing_is_lost_and_nothing_twice_outside_the_window(
    stack: MailStack, kind: str, more: dict[str, Any], copies: int, doubtful: int
) -> None:
    """A repeat has the message id of the first, by which mailboxes may show one of them."""
    stack.subscribe(ADDRESS)
    stack.mail.fault(kind, **more)
    stack.put(signal(), closed())
    stack.all_delivered()
    opened, ended = stack.email(), stack.email(event_id=CLOSED)
    assert (opened.status, ended.status) == (Status.DELIVERED, Status.DELIVERED)
    assert opened.possible_duplicates == doubtful
    found = ids(stack.mail.mails)
    assert found == [str(opened.receipt)] * copies + [str(ended.receipt)]
    assert stack.letters == []


def test_a_mailbox_that_is_not_there_parks_its_address_alone(stack: MailStack) -> None:
    stack.subscribe(ADDRESS, "bob@mail.example")
    stack.mail.fault("error", error="no_such_mailbox", destination=ADDRESS)
    stack.put(signal())
    assert stack.drain()[1] <= 1
    for _ in range(3):
        stack.drain()
    assert stack.mail.recipients == ["bob@mail.example"]
    state = send_channels.deliveries_of("deliveries_table").address_state(
        key_of(contact_of(ADDRESS))
    )
    assert "550 5.1.1" in state.parked_reason
    stack.pass_s(31 * 60)
    stack.all_delivered()
    assert stack.mail.recipients == ["bob@mail.example", ADDRESS]


@pytest.mark.parametrize("error", ["too_large", "policy"])
def test_a_mail_that_is_refused_is_a_dead_letter(stack: MailStack, error: str) -> None:
    stack.subscribe(ADDRESS)
    stack.mail.fault("error", error=error)
    stack.put(signal())
    stack.all_delivered()
    (letter,) = stack.letters
    assert letter["reason"].startswith(("552", "554", "RejectedError"))
    assert ADDRESS not in json.dumps(letter)


def test_the_address_is_in_one_row_and_nowhere_else(
    stack: MailStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.subscribe(ADDRESS)
    for error in ("greylisted", "no_such_mailbox", "policy"):
        stack.mail.fault("error", error=error)
    stack.put(signal())
    bodies = []
    for _ in range(6):
        got = stack.world.sqs.receive_message(QueueUrl=stack.queue_url, VisibilityTimeout=0)
        bodies += [one["Body"] for one in got.get("Messages", [])]
        stack.drain()
        stack.pass_s(31 * 60)
    assert bodies
    rows = {name: json.dumps(found) for name, found in stack.world.everything().items()}
    rows["queue"], rows["letters"] = json.dumps(bodies), json.dumps(stack.letters)
    rows["log"] = capsys.readouterr().out
    assert {name for name, text in rows.items() if ADDRESS in text} == {"SUBSCRIPTIONS_TABLE"}
    assert rows["SUBSCRIPTIONS_TABLE"].count(ADDRESS) == 1
    assert contact_of(ADDRESS) not in rows["log"]


def test_bounces_and_complaints_come_by_the_queue(stack: MailStack) -> None:
    gone, angry, full = "gone@mail.example", "angry@mail.example", "full@mail.example"
    stack.subscribe(gone, angry, full, ADDRESS)
    contacts = DynamoContacts("subscriptions_table")
    reports = {gone: bounce("Permanent"), angry: complaint(), full: bounce("Transient")}
    for address, report in reports.items():
        stack.put(report.replace(CONTACT, contact_of(address)))
    stack.put(event("Delivery"), complaint("not-spam").replace(CONTACT, contact_of(ADDRESS)))
    stack.drain()
    stack.put(signal())
    stack.all_delivered()
    assert sorted(stack.mail.recipients) == [ADDRESS, full]
    assert stack.mail.recipients[0] == ADDRESS, "the other one is paused for half an hour"
    for address in (gone, angry):
        known = DynamoSubscriptions("subscriptions_table").get(key_of(contact_of(address)))
        assert known is not None
        assert not known.active
        assert contacts.get(contact_of(address)) is None
    assert contacts.count() == 2, "two places are free"
    assert contacts.complained(MAILBOX)
    assert stack.letters == []


def test_a_sender_that_cannot_be_used_has_its_mail_wait_and_no_others(stack: MailStack) -> None:
    other = stack.add("one")
    stack.subscribe(ADDRESS)
    hook = {"url": f"http://127.0.0.1:{other.port}/hidden", "secret": "s"}
    sender = {"url": "smtp://", "from": "x", "key": "short"}
    stack.write_secret(destinations={"webhook:one": hook, "email:sender": sender})
    stack.put(signal())
    for _ in range(2):  # the second takes the copies that the first has made
        stack.drain()
    assert len(other.requests) == 1
    assert stack.mail.mails == []
    assert not stack.email().final
    stack.subscribe("other@mail.example")  # with a sender that can be used
    forget()
    stack.pass_s(900)
    stack.all_delivered()
    assert ADDRESS in stack.mail.recipients
    assert stack.letters == []


def test_by_ses_the_mail_goes_out_as_its_identity(stack: MailStack) -> None:
    sent: list[str] = []

    def answer(**call: Any) -> Any:
        sent.append(call["params"]["body"])
        return SimpleNamespace(status_code=200), {"MessageId": "one"}

    stack.subscribe(ADDRESS)
    sender = {
        "url": "ses:", "from": "signals@sender.example", "key": KEY, "configuration_set": "a-set",
    }  # fmt: skip
    stack.write_secret(destinations={"email:sender": sender})
    session = clients.session()
    session.register("before-call.sesv2.SendEmail", answer)
    try:
        stack.put(signal())
        stack.all_delivered()
    finally:
        session.unregister("before-call.sesv2.SendEmail", answer)
    assert len(sent) == 1
    assert str(stack.email().receipt).endswith(".amazonses.com>")
