"""Text as people type it: other scripts' digits and dashes, invisible characters, wide letters."""

import unicodedata
from typing import Final

_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")


def typed(text: str) -> str:
    """Return a text with ASCII digits, dashes and spaces, without invisible characters.

    For commands and their parameters only: what is shown to others stays as it was written.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_DASHES)
    return "".join(_character(c) for c in plain if unicodedata.category(c) not in ("Cf", "Cs"))


def _character(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
