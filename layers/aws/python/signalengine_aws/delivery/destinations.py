"""The operator's destinations: URLs that messages go to, by their channel keys.

URLs and what signs or opens them are secrets: they are in one secret, and nowhere else. Its JSON:

    {"public_id_key": "…", "allowed": ["home.lan:8080"],
     "destinations": {"<channel>:<name>": {"url": "https://…", "<field>": "…"}}}

It is read again every five minutes, and when a name is not in it, so that a new destination needs
no deployment.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..runtime.clock import Clock, wall_ms
from ..runtime.config import ConfigError
from ..runtime.ttl_cache import TtlCache

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""The second part of the channel key of a destination that an operator names."""
AGAIN_MS: Final = 10_000
"""A name that is not found is looked for again after this."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where messages of one channel key go; its text has nothing secret."""

    name: str
    """The second part of its channel key."""
    url: str = field(repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the channel itself needs to know, such as a key that signs; all of it is secret."""

    def get(self, name: str) -> str:
        """Return a field; "" without it."""
        return self.fields.get(name, "")


@dataclass(frozen=True, slots=True)
class DestinationSecret:
    """The secret, as read; its text has nothing of it."""

    destinations: Mapping[str, Destination] = field(default_factory=dict, repr=False)
    """By channel key."""
    allowed: frozenset[str] = field(default=frozenset(), repr=False)
    """Hosts that the operator has opened: `host` or `host:port`."""
    public_id_key: bytes = field(default=b"", repr=False)


def read_destinations(text: str) -> DestinationSecret:
    """Read the JSON of the secret; raises ConfigError without repeating any of it."""
    try:
        raw = json.loads(text)
    except ValueError:
        raise ConfigError("the secret of the destinations is not JSON") from None
    found = raw.get("destinations", {}) if isinstance(raw, dict) else None
    allowed = raw.get("allowed", []) if isinstance(raw, dict) else None
    if not isinstance(found, dict) or not isinstance(allowed, list):
        raise ConfigError("the secret of the destinations has another form")
    return DestinationSecret(
        {key: _destination(key, one) for key, one in found.items()},
        frozenset(map(str, allowed)),
        str(raw.get("public_id_key") or "").encode(),
    )


def _destination(key: str, raw: Any) -> Destination:
    if not isinstance(raw, dict):
        raise ConfigError("a destination of the secret has another form")
    fields = {name: str(value) for name, value in raw.items() if name != "url"}
    return Destination(key.partition(":")[2], str(raw.get("url") or ""), fields)


class Destinations:
    """Finds destinations in the secret that `read` returns."""

    def __init__(self, read: Callable[[], str], clock: Clock = wall_ms) -> None:
        self._secret = TtlCache(lambda: read_destinations(read()), clock)

    def of(self, channel_key: str) -> Destination | None:
        """Return the destination of a channel key; None when the secret has none.

        Raises TransientError or PermanentError when the secret cannot be read.
        """
        found = self._secret().destinations.get(channel_key)
        if found is None and self._secret.age() >= AGAIN_MS:
            found = self._secret.renewed().destinations.get(channel_key)
        return found

    @property
    def allowed(self) -> frozenset[str]:
        return self._secret().allowed

    @property
    def public_id_key(self) -> bytes:
        """The key of the addresses' public ids; empty without one."""
        return self._secret().public_id_key
