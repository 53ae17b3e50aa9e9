"""Forgetting an address: what is stored under its channel key is removed, at once.

Its deliveries are found by their events only, so they stay until they expire, but for an operator's
`signalengine forget`, which reads the whole table.
"""

from typing import Protocol


class Preferences(Protocol):
    """The preferences of addresses."""

    def remove(self, channel: str, /) -> None:
        """Remove an address's row; none is there afterwards, whether there was or not."""
        ...


class Addresses(Protocol):
    """The states of addresses."""

    def remove_address_state(self, channel: str, /) -> None:
        """Remove an address's state; none is there afterwards, whether there was or not."""
        ...


def forget(channel: str, subscriptions: Preferences, addresses: Addresses) -> None:
    """Remove an address's preferences, then its state; again is harmless."""
    subscriptions.remove(channel)
    addresses.remove_address_state(channel)
