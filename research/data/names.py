"""Names of files as their source gives them: browsers, Macs and other systems change them."""

import re
from typing import Final

_COPY: Final = re.compile(
    r"(?: ?\(\d+\)| copy(?: \d+)?| - Copy(?: \(\d+\))?| [2-9]|-\d)$", re.IGNORECASE
)
_WORDS: Final = {
    word.lower(): word
    for word in ("fundingRate", "openInterestHist", "metrics", "futures", "funding_rate", "mark")
}


def canonical(stem: str) -> str:
    """Return the name, without its ending, that a copy or a file of another system had first.

    `btcusdt-1m-2026-02 (1)` is `BTCUSDT-1m-2026-02`. `1M` is a month, but a minute where the whole
    name is in upper case.
    """
    symbol, *rest = _COPY.sub("", stem).split("-")
    upper = stem.upper() == stem
    return "-".join([symbol.upper(), *(_word(part, upper=upper) for part in rest)])


def _word(part: str, *, upper: bool) -> str:
    return _WORDS.get(part.lower(), part.lower() if upper else part)
