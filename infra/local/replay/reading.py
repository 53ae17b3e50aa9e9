"""Reads the parts of a system of which some may have ended."""

from collections.abc import Callable
from typing import TypeVar

import requests
from botocore.exceptions import BotoCoreError, ClientError

UNREADABLE = (requests.RequestException, BotoCoreError, ClientError)
"""What reading a part that has ended raises."""
_T = TypeVar("_T")


class Reader:
    """Reads one part; with `partial`, a part that does not answer is noted once and left out."""

    def __init__(self, part: str, unread: list[str], *, partial: bool) -> None:
        self._part, self._unread, self._partial = part, unread, partial
        self._ended = False

    def __call__(self, call: Callable[[], _T], default: _T) -> _T:
        """Return what `call` returns; `default` when the part cannot be read."""
        if not self._partial:
            return call()
        if self._ended:
            return default
        try:
            return call()
        except UNREADABLE as error:
            self._ended = True
            self._unread.append(f"{self._part}: {type(error).__name__}")
            return default
