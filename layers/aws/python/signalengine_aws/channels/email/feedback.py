"""Bounces and complaints, as SES reports them: events of a configuration set, by SNS.

A mailbox that does not exist is not written to for a month, a failure that may pass is counted as a
refusal, and a complaint ends the subscription for good. An event names the contact by the tag that
its mail had; the address that SES puts beside it is not read.
"""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ...delivery import pacing
from ...delivery.deliveries import change_address_state
from ...delivery.pacing import AddressState
from ...runtime.clock import Clock
from .address import is_id, key_of
from .opt_in import ended

if TYPE_CHECKING:
    from ...ports import Deliveries, Subscriptions
    from .contacts import Contacts

Kind: TypeAlias = Literal["bounced", "delayed", "complained"]
BOUNCED_MS: Final = 30 * 86_400_000


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of a mail to a contact."""

    kind: Kind
    contact_id: str
    reason: str
    """SES's own names of the kind; no address."""


def read_feedback(body: str) -> Feedback | None:
    """Return what a message reports; None for one that is no event of SES about a contact."""
    try:
        raw = json.loads(body)
        kind = str(raw["eventType"]) if isinstance(raw, dict) else ""
        tags = raw["mail"]["tags"]["contact"] if kind in ("Bounce", "Complaint") else []
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    contact_id = str(tags[0]) if isinstance(tags, list) and tags else ""
    if not is_id(contact_id):
        return None
    return _feedback(kind, contact_id, raw)


def _feedback(kind: str, contact_id: str, raw: dict[str, Any]) -> Feedback:
    if kind == "Complaint":
        return Feedback("complained", contact_id, "complaint")
    bounce = raw.get("bounce") if isinstance(raw.get("bounce"), dict) else {}
    names = [_name(bounce, "bounceType"), _name(bounce, "bounceSubType")]
    permanent = names[0] == "Permanent"
    reason = f"bounce: {' '.join(name for name in names if name)}"
    return Feedback("bounced" if permanent else "delayed", contact_id, reason)


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
        """Park, count or end; raises TransientError while it cannot be stored."""
        if feedback.kind == "complained":
            ended(
                self._contacts, self._subscriptions, feedback.contact_id, self._clock,
                complained=True,
            )  # fmt: skip
            return
        change_address_state(
            self._deliveries,
            key_of(feedback.contact_id),
            lambda state: self._after(state, feedback),
        )

    def _after(self, state: AddressState, feedback: Feedback) -> AddressState:
        now = self._clock()
        if feedback.kind == "delayed":
            return pacing.refused(state, now, feedback.reason)
        return replace(state, parked_until=now + BOUNCED_MS, parked_reason=feedback.reason)
