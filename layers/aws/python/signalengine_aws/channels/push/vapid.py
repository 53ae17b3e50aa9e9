"""How a push service knows the sender: a signed statement with each request (RFC 8292).

A browser binds its subscription to the sender's public key, so a new pair of keys ends them all.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from .base64url import bytes_of, text_of
from .encryption import CURVE, new_key, point_of

LASTS_S: Final = 12 * 3_600
"""Of at most 24 hours."""
_NUMBER: Final = 32
"""Bytes of a private key, and of each half of a signature."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A pair of keys as text; only the public one may be shown."""

    public: str
    private: str = field(repr=False)


def new_keys() -> Keys:
    """Return a new pair."""
    key = new_key()
    number = key.private_numbers().private_value
    return Keys(text_of(point_of(key)), text_of(number.to_bytes(_NUMBER, "big")))


class Sender:
    """Signs statements; raises ValueError for a private key that is none."""

    def __init__(self, private: str, subject: str) -> None:
        """`subject` is where a service reaches the operator: `mailto:…` or `https://…`."""
        number = int.from_bytes(bytes_of(private), "big")
        self._key = ec.derive_private_key(number, CURVE)
        self._subject = subject
        self.public: Final = text_of(point_of(self._key))

    def authorization(self, origin: str, now_s: int) -> str:
        """Return the value of the header `Authorization` for a service's origin."""
        claims = {"aud": origin, "exp": now_s + LASTS_S, "sub": self._subject}
        said = ".".join(text_of(_json(part)) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
        halves = decode_dss_signature(self._key.sign(said.encode(), ec.ECDSA(SHA256())))
        signature = b"".join(half.to_bytes(_NUMBER, "big") for half in halves)
        return f"vapid t={said}.{text_of(signature)}, k={self.public}"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
