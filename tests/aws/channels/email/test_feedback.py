"""Bounces and complaints of SES: parked, counted, or ended."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.email.address import key_of
from signalengine_aws.channels.email.contacts import Contact
from signalengine_aws.channels.email.feedback import (
    BOUNCED_MS,
    Feedback,
    FeedbackHandler,
    read_feedback,
)
from signalengine_aws.delivery.pacing import REFUSALS
from signalengine_aws.delivery.subscriptions import Subscription

from tests.aws.channels.email.samples import ADDRESS, CONTACT, NOW, MemoryContacts
from tests.aws.fakes import ManualClock, MemoryDeliveries, MemorySubscriptions
from tests.telegram_samples import body, signal


def event(kind: str, **more: Any) -> str:
    """An event of a configuration set as SNS delivers it raw, with the address that SES names."""
    mail = {
        "destination": [ADDRESS],
        "tags": {"contact": [CONTACT], "ses:operation": ["SendEmail"]},
    }
    return json.dumps({"eventType": kind, "mail": mail, **more})


def bounce(kind: str, sub: str = "General") -> str:
    who = [{"emailAddress": ADDRESS, "diagnosticCode": f"smtp; 550 5.1.1 <{ADDRESS}>"}]
    return event(
        "Bounce", bounce={"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": who}
    )


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        (bounce("Permanent"), "bounced", "bounce: Permanent General"),
        (bounce("Permanent", "NoEmail"), "bounced", "bounce: Permanent NoEmail"),
        (bounce("Transient", "MailboxFull"), "delayed", "bounce: Transient MailboxFull"),
        (bounce("Undetermined", ADDRESS), "delayed", "bounce: Undetermined"),
        (
            event("Complaint", complaint={"complaintFeedbackType": "abuse"}),
            "complained",
            "complaint",
        ),
    ],
)
def test_an_event_names_the_contact_and_never_the_address(
    text: str, kind: str, reason: str
) -> None:
    found = read_feedback(text)
    assert found is not None
    assert (found.kind, found.contact_id, found.reason) == (kind, CONTACT, reason)
    assert ADDRESS not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "null", '{"eventType": "Bounce"}', event("Delivery"), body(signal()),
        '{"eventType": "Bounce", "mail": {"tags": {"contact": ["x"]}}}',
        '{"eventType": "Bounce", "mail": {"tags": {"contact": []}}}',
        '{"eventType": "Complaint", "mail": {"tags": []}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_everything_else_is_none(text: str) -> None:
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


def test_a_mailbox_that_is_not_there_is_parked_for_a_month() -> None:
    one = Fixture()
    for _ in range(2):
        one.come(bounce("Permanent"))
        state = one.deliveries.address_state(key_of(CONTACT))
        assert state.parked_until == one.clock() + BOUNCED_MS
        assert state.parked_reason == "bounce: Permanent General"
    assert one.subscriptions.items[key_of(CONTACT)].active


def test_failures_that_may_pass_are_counted_and_the_third_parks() -> None:
    one = Fixture()
    for number in range(1, REFUSALS + 1):
        one.come(bounce("Transient"))
        state = one.deliveries.address_state(key_of(CONTACT))
        assert state.refusals == number
        assert bool(state.parked_reason) == (number == REFUSALS)


def test_a_complaint_ends_the_subscription_and_removes_the_address() -> None:
    one = Fixture()
    for _ in range(2):
        one.come(event("Complaint"))
        found = one.subscriptions.items[key_of(CONTACT)]
        assert (found.active, found.left_at) == (False, one.clock())
        assert one.contacts.items == {}
