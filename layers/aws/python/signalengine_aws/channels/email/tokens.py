"""Tokens of links in mails: signed, of one purpose, compared in constant time.

A token has its subject and, where it expires, until when: nothing is stored for it. It opens one
thing, to whoever has the mail: confirming that address, or ending that subscription.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, Literal, TypeAlias

Purpose: TypeAlias = Literal["confirm", "unsubscribe"]
MAX_TOKEN: Final = 4_000
"""Characters; a longer one is not looked at."""
SIGNATURE_BYTES: Final = 32
EXPIRED: Final = "this link has expired"


class TokenError(ValueError):
    """The token is none of ours, or of another purpose, or has expired."""


def signed(purpose: Purpose, subject: str, key: bytes, expires_at: int = 0) -> str:
    """Return a token; `expires_at` is a wall time (ms), 0 for never."""
    body = json.dumps([subject, expires_at], separators=(",", ":")).encode()
    return _text(_signature(purpose, body, key) + body)


def opened(purpose: Purpose, token: str, key: bytes, now: int) -> str:
    """Return the subject of a token; raises TokenError."""
    return read_token(purpose, token, key, now)[0]


def read_token(purpose: Purpose, token: str, key: bytes, now: int) -> tuple[str, int]:
    """Return the subject of a token and when it expires (wall ms, 0: never); raises TokenError."""
    try:
        raw = _bytes(token) if len(token) <= MAX_TOKEN else b""
    except ValueError:
        raw = b""
    signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(purpose, body, key)):
        raise TokenError("this link is not valid")
    subject, expires_at = json.loads(body)
    if expires_at and now >= expires_at:
        raise TokenError(EXPIRED)
    return str(subject), int(expires_at)


def _signature(purpose: Purpose, body: bytes, key: bytes) -> bytes:
    own = hmac.new(key, f"link:{purpose}".encode(), hashlib.sha256).digest()
    return hmac.new(own, body, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
