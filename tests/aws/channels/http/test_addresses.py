"""Which addresses are public, and which an operator may open."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.http.addresses import is_private, is_public

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700::6810:84e5", "::ffff:1.1.1.1", "64:ff9b::101:101"]
PRIVATE = [
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "127.8.8.8", "::1",
    "100.64.0.1", "fd12::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::a00:1",
]  # fmt: skip
"""Of a private network or this machine: an operator may open them."""
NEVER = [
    "169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0", "fd00:ec2::254",
    "0.0.0.0",  # noqa: S104 - nothing listens there
    "::", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "100.100.100.200",
    "168.63.129.16", "192.0.0.192", "192.88.99.1", "198.18.0.1", "203.0.113.5", "2001:db8::1",
    "3fff::1", "::ffff:169.254.169.254", "::ffff:0:a9fe:a9fe", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:a9fe:a9fe::1", "2002:101:101::1", "2001:0:101:101::1", "::1.1.1.1",
    "fec0::1", "100::1", "5f00::1", "fd20:ce::254", "example.com", "", "1.1.1.1 ", "2130706433",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_one(address: str) -> None:
    assert is_public(address)
    assert not is_private(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_one(address: str) -> None:
    assert is_private(address)
    assert not is_public(address)


@pytest.mark.parametrize("address", NEVER)
def test_others_are_neither(address: str) -> None:
    assert not is_public(address)
    assert not is_private(address)


@given(st.ip_addresses(v=4))
def test_forms_of_an_address_in_ipv6_are_no_way_around(address: IPv4Address) -> None:
    mapped, nat64 = IPv6Address(f"::ffff:{address}"), IPv6Address(f"64:ff9b::{address}")
    assert is_public(str(mapped)) == is_public(str(nat64)) == is_public(str(address))
    sixtofour = IPv6Address((0x2002 << 112) | (int(address) << 80) | 1)
    teredo = IPv6Address((0x20010000 << 96) | (int(address) << 64) | 1)
    assert not any(is_public(str(one)) for one in (sixtofour, teredo, IPv6Address(int(address))))


@given(st.ip_addresses(v=6))
def test_only_unicast_and_translated_addresses_of_ipv6_are_public(address: IPv6Address) -> None:
    ways = [ip_network(one) for one in ("2000::/3", "::ffff:0:0/96", "64:ff9b::/96")]
    assert not is_public(str(address)) or any(address in way for way in ways)
