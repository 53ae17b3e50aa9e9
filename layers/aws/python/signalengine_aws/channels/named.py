"""Channels whose addresses are names that the operator gave to destinations."""

from collections.abc import Mapping
from typing import Final, Protocol

from ..delivery.destinations import Destination
from ..delivery.errors import UnreachableError
from .http.client import Response

JSON: Final = "application/json; charset=utf-8"
AGENT: Final = "SignalEngine"


class Named(Protocol):
    """Finds destinations by their channel keys."""

    def of(self, channel_key: str, /) -> Destination | None: ...


class Poster(Protocol):
    """Sends one request; raises the errors of `delivery.errors`."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], /) -> Response: ...

    def __hash__(self) -> int: ...


def destination_of(destinations: Named, channel: str, address: str) -> Destination:
    """Return a destination; raises UnreachableError for a name that has none."""
    found = destinations.of(f"{channel}:{address}")
    if found is None or not found.url:
        raise UnreachableError("no destination has this name")
    return found
