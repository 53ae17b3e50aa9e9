"""E-mail addresses: which are accepted, and how they are named where the address itself is not.

An address is personal data. It is stored in one place, `contacts`; a channel key, a queue, a
delivery and a log line have its id, which nobody can turn into the address, nor test a guess of it,
without the key of the stack's secret.
"""

import hashlib
import hmac
import re
from typing import Final

NAME: Final = "email"
MAX_ADDRESS: Final = 254
"""Characters (RFC 5321, 4.5.3.1.3)."""
ID_LENGTH: Final = 24
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])")
_GMAIL: Final = ("gmail.com", "googlemail.com")
_ID: Final = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}")


class AddressError(ValueError):
    """This is no address that mail is sent to; the text does not repeat it."""


def read_address(text: str) -> str:
    """Return an address, its domain in lower case; raises AddressError.

    Only ASCII, no quoted local part, none that reads as an encoded word (`=?`, RFC 2047), no
    address without a dot in its domain.
    """
    stripped = text.strip()
    found = _ADDRESS.fullmatch(stripped) if len(stripped) <= MAX_ADDRESS else None
    if found is None or len(found[1]) > 64 or "=?" in found[1]:
        raise AddressError("expected an e-mail address like name@example.com")
    return f"{found[1]}@{found[2].lower()}"


def id_of(address: str, key: bytes) -> str:
    """Return the id of an address: the same for every way to write its letters."""
    text = f"address:{address.lower()}".encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:ID_LENGTH]


def mailbox_of(address: str) -> str:
    """Return what all ways to write a mailbox's address have in common.

    Its letters in lower case, without what follows `+`; of Gmail without dots too.
    """
    local, _, domain = address.lower().rpartition("@")
    plain = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{plain.replace('.', '')}@{_GMAIL[0]}"
    return f"{plain}@{domain}"


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def key_of(contact_id: str) -> str:
    """Return the channel key of a contact."""
    return f"{NAME}:{contact_id}"


def masked(address: str) -> str:
    """Return an address as operators see it: `j…@e….com`."""
    local, _, domain = address.partition("@")
    name, _, rest = domain.partition(".")
    return f"{local[:1]}…@{name[:1]}….{rest.rpartition('.')[2]}"
