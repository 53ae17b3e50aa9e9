"""Reads symbols as people write them: in any case, with signs, in other tools' spellings.

| written | read as |
|---|---|
| `btc`, `$BTC`, `BTC-PERP`, `BTCPERP`, `BTC/USD` | `BTCUSDT`, else `BTCUSDC` |
| `BTC/USDT`, `BTC-USDT`, `BTC_USDT`, `BTC USDT`, `#BTCUSDT`, `btcusdt,` | `BTCUSDT` |
| `BTCUSDT.P`, `BINANCE:BTCUSDT.P`, `BTCUSDTPERP`, `BTC-USDT-SWAP`, `BTC/USDT:USDT` | `BTCUSDT` |
| `BTC/USDT:USDT-251226`, `BTCUSDT_251226` | `BTCUSDT_251226` |
| `PEPE`, `PEPE/USDT` | `1000PEPEUSDT` where that is followed and `PEPEUSDT` is not |

`tests/core/text/symbol_vectors.json` has the cases; the dashboard's reader
(`web/src/values/symbol.ts`) passes the same ones.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from ..facts.symbols import is_symbol

QUOTES: Final = ("USDT", "USDC")
"""Quote currencies, the preferred one first."""
NEAREST: Final = 3
"""Symbols that an error names at most."""
_MAX_CHARS: Final = 60
_NO_SYMBOL: Final = "is not a symbol: write it like BTCUSDT"
_MULTIPLES: Final = ("1000", "1000000", "1M")
_BEFORE: Final = "$#@\"'“”‘’«»„`([{<*"
_AFTER: Final = ".,;:!?…\"'“”‘’«»`)]}>*。、"
# These patterns are compiled when they are used first, for cold starts.
_VENUE: Final = r"BINANCE(?:USDM|FUTURES|PERP)?"
_PERPETUAL: Final = r"(?:\.P|[./_\-\s]*(?:PERP|PERPETUAL)|[./_\-\s]SWAP)$"
_DELIVERY: Final = r"[_\-](\d{6})$"
_BETWEEN: Final = r"[/_\-|\\\s]+"
_EXACT: Final = rf"[^\W_]+(?:{'|'.join(QUOTES)})(?:_[0-9]{{6}})?"
_LIST: Final = r"[\s,;、，；]+"


class SymbolError(ValueError):
    """A text that names no contract that can be followed; the message begins with the text."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{_shown(text)} {why}")
        self.text = text


class UnknownSymbolError(SymbolError):
    """A symbol that is not among the known ones."""

    def __init__(self, text: str, base: str, known: Collection[str]) -> None:
        super().__init__(text, "is not followed")
        self._base, self._known = base, known

    @property
    def nearest(self) -> tuple[str, ...]:
        """Up to three known symbols that resemble it; sought only where they are shown."""
        return nearest(self._base, self._known)

    def __str__(self) -> str:
        return f"{super().__str__()}{_instead(self.nearest, self._known)}"


@dataclass(frozen=True, slots=True)
class FoundSymbol:
    """A known symbol; `others` are known ones that the same text could mean."""

    symbol: str
    others: tuple[str, ...] = ()

    @property
    def note(self) -> str | None:
        """A sentence about the others, None without any."""
        if not self.others:
            return None
        verb = "is" if len(self.others) == 1 else "are"
        return f"Read as {self.symbol}; {', '.join(self.others)} {verb} followed too."


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A symbol as it may be written."""

    base: str
    quote: str | None
    delivery: str

    def candidates(self) -> Iterator[str]:
        """Yield the symbols that are meant, the most likely first."""
        for base in (self.base, *(multiple + self.base for multiple in _MULTIPLES)):
            for quote in QUOTES if self.quote is None else (self.quote,):
                yield base + quote + self.delivery


def find_symbol(text: str, known: Collection[str]) -> FoundSymbol:
    """Return the known symbol that a text names; raises SymbolError."""
    word = _tidied(text)
    if word in known:
        return FoundSymbol(word)
    spelling = _spelling(text, word)
    found = [symbol for symbol in spelling.candidates() if symbol in known]
    if not found:
        raise UnknownSymbolError(text, spelling.base, known)
    own = [found[0].removesuffix(quote) for quote in QUOTES if found[0].endswith(quote)]
    return FoundSymbol(found[0], tuple(one for one in found[1:] if own and one in _pairs(own[0])))


def read_symbol(text: str) -> str:
    """Return the symbol that a text names, in USDT unless it names a quote; raises SymbolError."""
    spelling = _spelling(text, _tidied(text))
    symbol = spelling.base + (spelling.quote or QUOTES[0]) + spelling.delivery
    if not is_symbol(symbol):
        raise SymbolError(text, _NO_SYMBOL)
    return symbol


def read_symbols(text: str) -> tuple[str, ...]:
    """Return the symbols of a list, each once; raises SymbolError."""
    words = split_symbols(text)
    for word in words:
        if word.lower() == "all" or word.lower().startswith("top:"):
            raise SymbolError(word, "stands alone, without other symbols and signs")
    return tuple(dict.fromkeys(map(read_symbol, words)))


def names_contract(text: str) -> bool:
    """Return whether a text can only be meant as a symbol: it has a sign, a quote or a mark."""
    word = _tidied(text)
    try:
        spelling = _spelling(text, word)
    except SymbolError:
        return False
    tagged = text.lstrip()[:1] in ("$", "#") and not spelling.base.isdecimal()
    return tagged or spelling.base != word


def split_symbols(text: str) -> list[str]:
    """Return the words of a list; a quote or mark of its own, as in `BTC USDT`, joins the word."""
    words: list[str] = []
    for word in filter(None, re.split(_LIST, text)):
        if words and word.upper() in (*QUOTES, "USD", "PERP", "PERPETUAL"):
            words[-1] = f"{words[-1]} {word}"
        else:
            words.append(word)
    return words


def nearest(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return up to three known symbols that resemble a text, the most similar first."""
    word = _base(_tidied(text))
    most = max(1, len(word) // 3)
    ranked = sorted(
        (_distance(word, _base(symbol)), not symbol.endswith(QUOTES[0]), symbol) for symbol in known
    )
    return tuple(symbol for distance, _, symbol in ranked if distance <= most)[:NEAREST]


# --- the parts of a spelling ---------------------------------------------------------------------


def _tidied(text: str) -> str:
    """Return a text in NFKC and upper case, without the signs around it; "" for a long one."""
    if len(text) > _MAX_CHARS:
        return ""
    word = unicodedata.normalize("NFKC", text)
    word = "".join(c for c in word if unicodedata.category(c) != "Cf").upper()
    return word.strip().lstrip(_BEFORE).rstrip(_AFTER).strip()


def _spelling(text: str, word: str) -> _Spelling:
    if re.fullmatch(_EXACT, word):
        pair, _, date = word.partition("_")
        return _Spelling(pair[:-4], pair[-4:], f"_{date}" if date else "")
    pair, settled = _settled(text, word)
    whole = pair
    pair = re.sub(_PERPETUAL, "", pair) or pair
    dated = re.search(_DELIVERY, pair, re.ASCII)
    if dated is not None:
        pair = pair[: dated.start()]
    base, quote = _parts(text, pair)
    if quote == "USD":
        if settled or pair != whole or dated is not None:
            raise SymbolError(text, "is settled in coins: only USD-M contracts are followed")
        quote = None
    if settled not in (None, quote):
        raise SymbolError(text, f"is settled in {_shown(settled)}, not in its quote currency")
    return _Spelling(base, quote, f"_{dated[1]}" if dated else "")


def _settled(text: str, word: str) -> tuple[str, str | None]:
    """Take the venue of `BINANCE:BTCUSDT` and the settlement of `BTC/USDT:USDT` off a word."""
    left, colon, right = word.partition(":")
    if not colon:
        return word, None
    if "/" in left:
        settled, dash, date = right.partition("-")
        return left + dash + date, settled
    if re.fullmatch(_VENUE, left):
        return right, None
    raise SymbolError(text, f"names {_shown(left)}: only contracts of Binance are followed")


def _parts(text: str, pair: str) -> tuple[str, str | None]:
    """Return the base and the quote of `BTC/USDT`, `BTC_USDT_USDT`, `BTCUSDT`, `BTC`."""
    parts = [part for part in re.split(_BETWEEN, pair) if part]
    if len(parts) == 3 and parts[1] == parts[2]:  # freqtrade's file names
        parts.pop()
    if len(parts) == 1:
        parts = _glued(parts[0])
    if not 1 <= len(parts) <= 2 or not all(part.isalnum() for part in parts):
        raise SymbolError(text, _NO_SYMBOL)
    quote = parts[1] if len(parts) == 2 else None
    if quote not in (None, *QUOTES, "USD"):
        raise SymbolError(text, f"is in {_shown(str(quote))}: only {' and '.join(QUOTES)} are read")
    return parts[0], quote


def _glued(word: str) -> list[str]:
    """Split `BTCUSDT` and `BTCUSD`, but not `FDUSD` and `TUSD`, which are coins."""
    for quote in QUOTES:
        if word.endswith(quote) and word != quote:
            return [word.removesuffix(quote), quote]
    base = word.removesuffix("USD")
    return [base, "USD"] if base != word and len(base) >= 3 else [word]


def _pairs(base: str) -> list[str]:
    return [base + quote for quote in QUOTES]


def _base(symbol: str) -> str:
    """Return the part of a symbol that people remember: without quote, date and multiple."""
    for quote in QUOTES:
        symbol = re.sub(rf"(?<=.){quote}(_\d{{6}})?$", "", symbol)
    return re.sub(r"^(1000000|1000|1M)(?=\D)", "", symbol)


def _distance(a: str, b: str) -> int:
    """Return the edit distance of two words; 1 where one begins with the other."""
    if a == b:
        return 0
    if min(len(a), len(b)) >= 2 and (a.startswith(b) or b.startswith(a)):
        return 1
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


# --- what errors show ----------------------------------------------------------------------------


def _instead(found: tuple[str, ...], known: Collection[str]) -> str:
    if found:
        return f". Did you mean {' or '.join(found)}?"
    some = sorted(known)
    if len(some) <= NEAREST:
        return f"; followed are: {', '.join(some)}." if some else ": nothing is followed yet."
    return f"; {len(some)} symbols are, such as {', '.join(some[:NEAREST])}."


def did_you_mean(error: SymbolError) -> str:
    """Return the end of a sentence about an unknown symbol: a full stop, or the nearest ones."""
    near = error.nearest if isinstance(error, UnknownSymbolError) else ()
    return f". Did you mean {' or '.join(near)}?" if near else "."


def _shown(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text.strip())
    return clean if 0 < len(clean) <= 30 else f"{clean[:29]}…" if clean else "an empty text"
