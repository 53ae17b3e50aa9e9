"""URLs that requests go to: what could be read in two ways is refused (pure)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from ...delivery.errors import RejectedError

LONGEST: Final = 2_000
PORTS: Final = {"https": 443, "http": 80}
_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<six>[0-9a-fA-F:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:[/?][!$-;=?-Z_a-z~%]*)?)"
)
"""Printable ASCII without what ends a URL elsewhere: no user, no backslash, no fragment."""


class ForbiddenAddressError(RejectedError):
    """The URL, or the address that its host resolves to, is none that requests may go to.

    Its reason is `unknown`: no message of this destination can be sent, so it is parked.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason, unknown=True)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes; its text has neither host nor path."""

    scheme: str
    host: str = field(repr=False)
    port: int
    path: str = field(repr=False)
    opened: bool = False
    """The operator opened this host: its address may be private, and it may be plain HTTP."""

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = bracketed(self.host)
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str, opened: Collection[str] = ()) -> Target:
    """Read a URL; raises ForbiddenAddressError, whose text has none of it.

    `opened` are hosts of the operator's own: `host` for the usual ports, or `host:port`.
    """
    found = _URL.fullmatch(url) if len(url) <= LONGEST else None
    if found is None:
        raise ForbiddenAddressError("not a URL of the form https://host/path")
    scheme, host = found["scheme"], (found["six"] or found["name"]).lower()
    port = int(found["port"] or PORTS[scheme])
    usual = port == PORTS[scheme]
    mine = {one.lower() for one in opened}
    own = f"{bracketed(host)}:{port}" in mine or (usual and mine & {host, bracketed(host)})
    if not own:
        _refuse_unusual(scheme, port)
    if not 0 < port < 65_536:
        raise ForbiddenAddressError("no such port")
    path = found["path"]
    return Target(scheme, host, port, path if path[:1] == "/" else f"/{path}", bool(own))


def _refuse_unusual(scheme: str, port: int) -> None:
    """Refuse plain HTTP and other ports at hosts that the operator has not opened."""
    if scheme != "https":
        raise ForbiddenAddressError("not https")
    if port != PORTS["https"]:
        raise ForbiddenAddressError(f"port {port} is not 443")


def bracketed(host: str) -> str:
    """Return a host as it is written before a port."""
    return f"[{host}]" if ":" in host else host
