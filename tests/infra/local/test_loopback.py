"""This machine is an address on loopback or a name that nobody else can have."""

import pytest

from infra.local.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True), ("127.8.9.10", True), ("::1", True), ("localhost", True),
        ("LOCALHOST", True), ("api.localhost", True),
        ("127.evil.example", False), ("127.0.0.1.nip.example", False), ("127.", False),
        ("localhost.evil.example", False), ("evil-localhost", False), ("", False),
        ("0.0.0.0", False), ("10.0.0.1", False), ("::", False), ("127.0.0.1.", False),  # noqa: S104 - not bound
    ],
)  # fmt: skip
def test_a_host_is_this_machine_by_its_address(host: str, here: bool) -> None:
    assert is_loopback(host) is here
