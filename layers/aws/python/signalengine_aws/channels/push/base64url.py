"""Base64 for URLs, without padding, as the Push API writes keys (pure)."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

_TEXT: Final = re.compile(r"[A-Za-z0-9_-]*={0,2}")


def text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """Return what a text stands for; raises ValueError."""
    if not _TEXT.fullmatch(text):
        raise ValueError("not base64url")
    bare = text.rstrip("=")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
