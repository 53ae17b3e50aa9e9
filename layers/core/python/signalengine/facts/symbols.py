"""The rule for symbols: names of contracts as their exchange writes them, in any script.

`BTCUSDT`, `1000PEPEUSDT`, `币安人生USDT`, `BTCUSDT_251226`. Payloads, files, addresses, parameters
and commands follow this one rule; `signalengine.text.symbol_reader` reads what people write.
"""

import re
import unicodedata
from typing import Final

MAX_CHARS: Final = 30
PATTERN: Final = rf"\w{{2,{MAX_CHARS}}}"
"""Matches every symbol, and also what differs from one in case or in its form of Unicode."""
_ASCII: Final = r"[A-Z0-9_]{2,30}"
"""Compiled when it is used first, as `PATTERN` is, for cold starts."""


def is_symbol(text: str) -> bool:
    """Return whether a text is a symbol: 2..30 letters of any script, digits and underscores.

    It is in upper case and NFKC, and lower case is another spelling of it and of no other symbol:
    streams have lower-case names, and `"ı".upper()` is the letter I.
    """
    if text.isascii():
        return re.fullmatch(_ASCII, text) is not None
    return (
        re.fullmatch(PATTERN, text) is not None
        and unicodedata.is_normalized("NFKC", text)
        and text.lower().upper() == text
    )


def from_lower(text: str) -> str | None:
    """Return the symbol whose lower-case spelling a text is, None if it is that of none."""
    symbol = text.upper()
    return symbol if is_symbol(symbol) and symbol.lower() == text else None
