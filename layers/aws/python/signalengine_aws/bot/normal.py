"""Text as people type it: other scripts' digits and dashes, invisible characters, wide letters."""

import unicodedata
from typing import Final

_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_INVISIBLE: Final = ("Cf", "Cs")


def typed(text: str) -> str:
    """Return a text with ASCII digits, dashes and spaces, without invisible characters.

    For commands and their parameters only: what is shown to others stays as it was written.
    """
    plain = unicodedata.normalize("NFKC", _visible(text)).translate(_DASHES)
    return "".join(map(_digit, _visible(plain)))


def _visible(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)


def _digit(character: str) -> str:
    number = unicodedata.decimal(character, None)
    return character if number is None else str(number)
