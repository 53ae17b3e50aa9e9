"""The push services of browsers: an endpoint is where a browser's service takes its messages.

A caller names the endpoint, and we post to it. So none but the services of the known browsers are
accepted, whatever a name resolves to (pure).
"""

import hashlib
from collections.abc import Collection
from typing import Final

from ...delivery.errors import RejectedError
from ..http.urls import Target, target_of

NAME: Final = "push"
HOSTS: Final = frozenset({"fcm.googleapis.com", "updates.push.services.mozilla.com"})
DOMAINS: Final = (".push.apple.com", ".notify.windows.com")
ID_LENGTH: Final = 24


def endpoint_of(url: str, allowed: Collection[str] = ()) -> Target:
    """Read an endpoint; raises RejectedError, whose text has none of it.

    `allowed` are hosts that the operator opened, `host` or `host:port`.
    """
    target = target_of(url, allowed)
    if not (target.opened or target.host in HOSTS or target.host.endswith(DOMAINS)):
        raise RejectedError("not an endpoint of a known push service")
    return target


def id_of(endpoint: str) -> str:
    """Return the id of a subscription: its key is `push:<id>`, and shows nothing of it."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:ID_LENGTH]


def key_of(contact_id: str) -> str:
    """Return the channel key of a subscription."""
    return f"{NAME}:{contact_id}"
