"""Which IP addresses requests may go to (pure).

A name that somebody chose may resolve to any address: one of this network, of this machine, or of a
service that gives credentials to whoever asks from here. `is_global` of the standard library is
not enough: IPv6 has forms of IPv4 addresses, and newer ranges are missing from older versions.
"""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_UNICAST: Final = ip_network("2000::/3")
"""All IPv6 addresses that are assigned to the public Internet."""
_NAT64: Final = ip_network("64:ff9b::/96")
"""IPv4 addresses as they are reached from a network with IPv6 only."""
_NOT_PUBLIC: Final = (
    ip_network("168.63.129.16/32"),  # a service of Azure's own machines
    ip_network("192.0.0.0/24"),  # IETF's protocols, and a service of Oracle's own machines
    ip_network("192.88.99.0/24"),  # relays of 6to4
    ip_network("2001::/23"),  # Teredo, ORCHID, benchmarks
    ip_network("2002::/16"),  # 6to4
    ip_network("3fff::/20"),  # documentation
)
"""Ranges that the standard library, or an older version of it, takes for public ones."""
_PRIVATE: Final = (
    ip_network("10.0.0.0/8"),
    ip_network("172.16.0.0/12"),
    ip_network("192.168.0.0/16"),
    ip_network("100.64.0.0/10"),  # of providers, and of overlays such as Tailscale's
    ip_network("127.0.0.0/8"),
    ip_network("::1/128"),
    ip_network("fc00::/7"),
)
_CREDENTIALS: Final = (
    ip_network("100.100.100.200/32"),  # Alibaba Cloud
    ip_network("fd00:ec2::/32"),  # AWS
    ip_network("fd20:ce::254/128"),  # Google Cloud
)
"""Services of clouds inside of private ranges; the others are link-local."""


def is_public(text: str) -> bool:
    """Return whether an address is one of the public Internet; False for any other text."""
    address = _parsed(text)
    if address is None or address.is_multicast or not address.is_global:
        return False
    return (address.version == 4 or address in _UNICAST) and not _within(address, _NOT_PUBLIC)


def is_private(text: str) -> bool:
    """Return whether an address is one of a private network, or of this machine.

    False for those where clouds give credentials, and for all other link-local ones.
    """
    address = _parsed(text)
    if address is None or _within(address, _CREDENTIALS):
        return False
    return _within(address, _PRIVATE)


def _parsed(text: str) -> Address | None:
    """Return the address at which a text is reached: IPv4 for what stands for it in IPv6."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
