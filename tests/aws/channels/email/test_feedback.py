"""Bounces and complaints of SES: what ends a subscription, what pauses it, what is stored."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.email.address import key_of
from signalengine_aws.channels.email.contacts import Contact
from signalengine_aws.channels.email.feedback import (
    OTHER,
    Feedback,
    FeedbackHandler,
    read_feedback,
)
from signalengine_aws.delivery.pacing import PARKED_MS
from signalengine_aws.delivery.subscriptions import Subscription

from tests.aws.channels.email.samples import ADDRESS, CONTACT, NOW, MemoryContacts
from tests.aws.fakes import ManualClock, MemoryDeliveries, MemorySubscriptions
from tests.telegram_samples import body, signal

MAILBOX = "89abcdef0123456789abcdef"


def event(kind: str, **more: Any) -> str:
    """An event of a configuration set as SNS delivers it raw, with the address that SES names."""
    mail = {
        "timestamp": "2026-11-30T04:00:00.000Z",
        "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
        "source": "signals@sender.example",
        "destination": [ADDRESS],
        "tags": {
            "contact": [CONTACT], "mailbox": [MAILBOX], "ses:operation": ["SendEmail"],
            "ses:configuration-set": ["SignalEngine-email"],
        },
    }  # fmt: skip
    return json.dumps({"eventType": kind, "mail": mail, **more})


def bounce(kind: str, sub: str = "General") -> str:
    who = {
        "emailAddress": ADDRESS, "action": "failed", "status": "5.1.1",
        "diagnosticCode": f"smtp; 550 5.1.1 <{ADDRESS}>",
    }  # fmt: skip
    found = {
        "bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [who],
        "feedbackId": "0100018c", "reportingMTA": "dns; mta.example",
    }  # fmt: skip
    return event("Bounce", bounce=found)


def complaint(kind: str | None = "abuse") -> str:
    found: dict[str, Any] = {
        "complainedRecipients": [{"emailAddress": ADDRESS}], "feedbackId": "0100018c",
        "complaintSubType": None, "arrivalDate": "2026-11-30T04:01:00.000Z",
    }  # fmt: skip
    return event("Complaint", complaint=found | ({"complaintFeedbackType": kind} if kind else {}))


PERMANENT = (
    "General",
    "NoEmail",
    "Suppressed",
    "OnAccountSuppressionList",
    "UnsubscribedRecipient",
)
TRANSIENT = (
    "General", "MailboxFull", "MessageTooLarge", "CustomTimeoutExceeded", "ContentRejected",
    "AttachmentRejected",
)  # fmt: skip
COMPLAINTS = ("abuse", "fraud", "virus", "other", None)
BOUNCES = [
    *((bounce("Permanent", sub), "bounced", f"bounce: Permanent {sub}") for sub in PERMANENT),
    *((bounce("Transient", sub), "delayed", f"bounce: Transient {sub}") for sub in TRANSIENT),
    (bounce("Undetermined", "Undetermined"), "delayed", "bounce: Undetermined Undetermined"),
    (bounce("Undetermined", ADDRESS), "delayed", "bounce: Undetermined"),
]


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [*BOUNCES, *((complaint(kind), "complained", "complaint") for kind in COMPLAINTS)],
)
def test_an_event_names_the_contact_and_never_the_address(
    text: str, kind: str, reason: str
) -> None:
    found = read_feedback(text)
    assert found is not None
    assert (found.kind, found.contact_id, found.reason) == (kind, CONTACT, reason)
    assert found.mailbox_id == (MAILBOX if kind == "complained" else "")
    assert ADDRESS not in repr(found)


OTHERS = (
    complaint("not-spam"), complaint("auth-failure"), event("Delivery", delivery={}),
    event("DeliveryDelay", deliveryDelay={"delayType": "MailboxFull"}), event("Send", send={}),
    event("Reject", reject={"reason": "Bad content"}), event("Open", open={}),
    event("Rendering Failure", failure={}), event("Subscription", subscription={}),
    '{"eventType": "Bounce", "mail": {}}',
    '{"eventType": "Bounce", "mail": {"tags": {"contact": ["x"]}}}',
    '{"eventType": "Bounce", "mail": {"tags": {"contact": []}}}',
    '{"eventType": "Complaint", "mail": {"tags": []}}',
)  # fmt: skip


@pytest.mark.parametrize("text", OTHERS)
def test_nothing_follows_from_other_events_and_those_of_other_mails(text: str) -> None:
    assert read_feedback(text) == OTHER
    one = Fixture()
    before = dict(one.subscriptions.items)
    assert one.handler.apply(text)
    assert (one.subscriptions.items, one.contacts.complaints) == (before, {})


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "null", '{"eventType": "Bounce"}', '{"eventType": 1, "mail": {}}',
        '{"eventType": "Bounce", "mail": []}', body(signal()), "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_event_of_ses_is_none(text: str) -> None:
    assert read_feedback(text) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda of: st.lists(of, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["bounceType", "bounceSubType"]), JSON), JSON)
def test_no_event_fails(fields: dict[str, Any], other: Any) -> None:
    for value in (fields, other):
        found = read_feedback(event("Bounce", bounce=value))
        assert found is not None
        assert found.reason.isascii()


class Fixture:
    """The handler on memory, with one confirmed subscriber."""

    def __init__(self) -> None:
        self.deliveries, self.clock = MemoryDeliveries(), ManualClock()
        self.contacts = MemoryContacts(Contact(CONTACT, ADDRESS, NOW))
        self.subscriptions = MemorySubscriptions(Subscription(key_of(CONTACT), version=1))
        self.handler = FeedbackHandler(
            deliveries=self.deliveries, contacts=self.contacts, subscriptions=self.subscriptions,
            clock=self.clock,
        )  # fmt: skip

    def come(self, text: str) -> None:
        found = read_feedback(text)
        assert isinstance(found, Feedback)
        self.handler.handle(found)


@pytest.mark.parametrize("sub", PERMANENT)
def test_a_mailbox_that_is_not_there_ends_its_subscription(sub: str) -> None:
    one = Fixture()
    for _ in range(2):
        one.come(bounce("Permanent", sub))
        assert not one.subscriptions.items[key_of(CONTACT)].active
        assert one.contacts.items == {}
    assert one.contacts.ended_at(CONTACT) == one.clock()
    assert one.contacts.complaints == {}


@pytest.mark.parametrize("sub", TRANSIENT)
def test_a_failure_that_may_pass_pauses_the_address(sub: str) -> None:
    one = Fixture()
    one.come(bounce("Transient", sub))
    state = one.deliveries.address_state(key_of(CONTACT))
    assert state.parked_until == one.clock() + PARKED_MS
    assert state.parked_reason == f"bounce: Transient {sub}"
    assert one.subscriptions.items[key_of(CONTACT)].active


@pytest.mark.parametrize("kind", COMPLAINTS)
def test_a_complaint_ends_the_subscription_and_is_stored(kind: str | None) -> None:
    one = Fixture()
    for _ in range(2):
        one.come(complaint(kind))
        assert not one.subscriptions.items[key_of(CONTACT)].active
        assert one.contacts.items == {}
        assert one.contacts.complaints == {MAILBOX: CONTACT}


@pytest.mark.parametrize("text", [bounce("Permanent"), bounce("Transient")])
def test_a_bounce_of_a_confirmation_mail_stores_nothing(text: str) -> None:
    one = Fixture()
    one.contacts.items, one.subscriptions.items = {}, {}
    one.come(text)
    assert (one.subscriptions.items, one.contacts.ended) == ({}, {})
    assert one.deliveries.address_state(key_of(CONTACT)).version == 0


def test_a_complaint_of_a_confirmation_mail_is_stored_too() -> None:
    one = Fixture()
    one.contacts.items, one.subscriptions.items = {}, {}
    one.come(complaint())
    assert one.subscriptions.items == {}
    assert one.contacts.complaints == {MAILBOX: CONTACT}
