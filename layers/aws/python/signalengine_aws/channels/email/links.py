"""The links in mails: each opens a page of the API, and does nothing before its button is pressed.

Programs that look at a mail's links before its reader does open the page, and press no button.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .tokens import signed

CONFIRMED_WITHIN_MS: Final = 48 * 3_600_000
CONFIRM: Final = "email/confirm"
UNSUBSCRIBE: Final = "email/unsubscribe"


@dataclass(frozen=True, slots=True)
class Links:
    """`site` is the dashboard's address, whose `/api` is the API; "" makes no links."""

    site: str
    key: bytes = field(repr=False)

    def confirm(self, address: str, now: int, wanted: Mapping[str, Any] | None = None) -> str:
        """Return the link that confirms an address, for a while; `now` is wall ms.

        `wanted` are the fields of a subscription that it sets: nothing is stored before it is used.
        """
        subject = json.dumps([address, dict(wanted or {})], separators=(",", ":"))
        return self._link(CONFIRM, signed("confirm", subject, self.key, now + CONFIRMED_WITHIN_MS))

    def unsubscribe(self, contact_id: str) -> str:
        """Return the link that ends a contact's subscription, for ever."""
        return self._link(UNSUBSCRIBE, signed("unsubscribe", contact_id, self.key))

    def _link(self, path: str, token: str) -> str:
        return f"{self.site.rstrip('/')}/api/{path}?token={token}" if self.site else ""


def read_subject(subject: str) -> tuple[str, dict[str, Any]]:
    """Return the address of a confirmation link, and the fields of a subscription that it sets."""
    address, wanted = json.loads(subject)
    return str(address), {name: _tuple(one) for name, one in wanted.items()}


def _tuple(value: Any) -> Any:
    """Return a value of a subscription: its lists are tuples."""
    return tuple(value) if isinstance(value, list) else value
