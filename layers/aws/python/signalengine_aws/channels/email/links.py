"""The links in mails: each opens a page of the API, and does nothing before its button is pressed.

Programs that look at a mail's links before its reader does open the page, and press no button.
"""

from dataclasses import dataclass, field
from typing import Final

from .tokens import signed

CONFIRMED_WITHIN_MS: Final = 48 * 3_600_000
CONFIRM: Final = "email/confirm"
UNSUBSCRIBE: Final = "email/unsubscribe"


@dataclass(frozen=True, slots=True)
class Links:
    """`site` is the dashboard's address, whose `/api` is the API; "" makes no links."""

    site: str
    key: bytes = field(repr=False)

    def confirm(self, address: str, now: int) -> str:
        """Return the link that confirms an address, for a while; `now` is wall ms."""
        return self._link(CONFIRM, signed("confirm", address, self.key, now + CONFIRMED_WITHIN_MS))

    def unsubscribe(self, contact_id: str) -> str:
        """Return the link that ends a contact's subscription, for ever."""
        return self._link(UNSUBSCRIBE, signed("unsubscribe", contact_id, self.key))

    def _link(self, path: str, token: str) -> str:
        return f"{self.site.rstrip('/')}/api/{path}?token={token}" if self.site else ""
