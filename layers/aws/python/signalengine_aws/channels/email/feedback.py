"""Bounces and complaints, as SES reports them: events of a configuration set, by SNS.

A mailbox that does not exist ends its subscription, a failure that may pass pauses it, and a
complaint ends it and is stored, so that nobody else has mails sent there. An event names the
contact and its mailbox by the tags that its mail had; the address that SES puts beside them is not
read.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ...delivery import pacing
from ...delivery.deliveries import change_address_state
from ...runtime.clock import Clock
from .address import is_id, key_of
from .opt_in import ended

if TYPE_CHECKING:
    from ...ports import Deliveries, Subscriptions
    from .contacts import Contacts

Kind: TypeAlias = Literal["bounced", "delayed", "complained", "other"]
NO_COMPLAINT: Final = ("not-spam", "auth-failure")
"""Types of SES's feedback that are no person's complaint of a mail."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of a mail to a contact; of kind `other` where nothing follows from it."""

    kind: Kind
    contact_id: str = ""
    mailbox_id: str = ""
    reason: str = ""
    """SES's own names of the kind; no address."""


OTHER: Final = Feedback("other")


def read_feedback(body: str) -> Feedback | None:
    """Return what a message reports; None for one that is no event of SES."""
    try:
        raw = json.loads(body)
        kind, mail = raw["eventType"], raw["mail"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if not isinstance(kind, str) or not isinstance(mail, dict):
        return None
    contact_id, mailbox_id = _tag(mail, "contact"), _tag(mail, "mailbox")
    if not contact_id:
        return OTHER
    if kind == "Complaint":
        return _complaint(contact_id, mailbox_id or contact_id, raw)
    return _bounce(contact_id, raw) if kind == "Bounce" else OTHER


def _tag(mail: dict[str, Any], name: str) -> str:
    """Return the id in a tag of a mail; "" without one."""
    tags = mail.get("tags")
    values = tags.get(name) if isinstance(tags, dict) else None
    found = str(values[0]) if isinstance(values, list) and values else ""
    return found if is_id(found) else ""


def _complaint(contact_id: str, mailbox_id: str, raw: dict[str, Any]) -> Feedback:
    complaint = raw.get("complaint")
    kind = complaint.get("complaintFeedbackType") if isinstance(complaint, dict) else None
    if kind in NO_COMPLAINT:
        return OTHER
    return Feedback("complained", contact_id, mailbox_id, "complaint")


def _bounce(contact_id: str, raw: dict[str, Any]) -> Feedback:
    bounce = raw.get("bounce") if isinstance(raw.get("bounce"), dict) else {}
    names = [_name(bounce, "bounceType"), _name(bounce, "bounceSubType")]
    reason = f"bounce: {' '.join(name for name in names if name)}"
    return Feedback("bounced" if names[0] == "Permanent" else "delayed", contact_id, "", reason)


def _name(bounce: Any, field: str) -> str:
    """Return a name of SES's; "" for anything else, which might be an address."""
    found = str(bounce.get(field, ""))
    return found if found.isascii() and found.isalpha() and len(found) <= 40 else ""


class FeedbackHandler:
    """Applies reports; each of them may come more than once."""

    def __init__(
        self,
        *,
        deliveries: "Deliveries",
        contacts: "Contacts",
        subscriptions: "Subscriptions",
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._contacts = contacts
        self._subscriptions = subscriptions
        self._clock = clock

    def apply(self, body: str) -> bool:
        """Apply a report; False for a message that is none. Raises as `handle` does."""
        found = read_feedback(body)
        if found is not None:
            self.handle(found)
        return found is not None

    def handle(self, feedback: Feedback) -> None:
        """End or pause a subscription; raises TransientError while that cannot be stored.

        Of an address that has not confirmed, a complaint alone is stored.
        """
        one = feedback.contact_id
        if feedback.kind == "complained":
            self._contacts.complain(feedback.mailbox_id, one, self._clock())
            ended(self._contacts, self._subscriptions, one, self._clock)
        elif feedback.kind == "other" or self._contacts.get(one) is None:
            return
        elif feedback.kind == "bounced":
            ended(self._contacts, self._subscriptions, one, self._clock)
        else:
            change_address_state(
                self._deliveries,
                key_of(one),
                lambda state: pacing.parked(state, self._clock(), feedback.reason),
            )
