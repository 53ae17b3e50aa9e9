"""Finds the symbol that a sentence is about, among the known ones."""

import re
import unicodedata
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from .symbol_reader import FoundSymbol, SymbolError, find_symbol, names_contract, split_symbols

# These patterns are compiled when they are used first, for cold starts.
_RUN: Final = r"[A-Za-z0-9_$#./:\-]+"
_BETWEEN: Final = r"[/:_]"
_OWNED: Final = r"(?i)['’]s$"
_SIGNS: Final = ".,;:!?…'\"()"
_ORDINARY: Final = frozenset({
    "a", "about", "act", "ai", "all", "alt", "am", "an", "and", "any", "api", "are", "as", "at",
    "atr", "ban", "be", "best", "big", "blur", "btw", "but", "buy", "by", "can", "chip", "coin",
    "coins", "cow", "data", "day", "did", "do", "does", "ema", "end", "etc", "eth2", "flow",
    "for", "from", "fun", "gas", "get", "gmt", "go", "gone", "good", "had", "has", "have", "high",
    "home", "hook", "hot", "hour", "how", "i", "id", "if", "in", "io", "is", "it", "its", "just",
    "last", "latest", "lead", "left", "life", "link", "list", "long", "low", "man", "mark",
    "mask", "me", "mean", "min", "mine", "more", "most", "move", "much", "my", "name", "near",
    "need", "new", "newest", "next", "no", "not", "now", "of", "oi", "on", "one", "only", "open",
    "or", "our", "own", "past", "pay", "people", "per", "play", "please", "pnl", "power", "price",
    "put", "rare", "red", "rsi", "run", "safe", "sell", "short", "should", "show", "signal",
    "signals", "sl", "so", "some", "sound", "spell", "still", "sun", "swap", "than", "that",
    "the", "then", "they", "this", "time", "tip", "to", "today", "token", "top", "tp", "trade",
    "two", "up", "us", "use", "utc", "vwap", "want", "was", "we", "what", "when", "which", "who",
    "why", "will", "win", "with", "work", "yes", "you", "your",
})  # fmt: skip
"""Words of sentences that are also assets, or written in capitals: bare, they name no symbol."""
_PRICED: Final = (
    r"\b(act|ban|blur|chip|cow|flow|fun|gas|gmt|hook|io|link|mask|near|people|power|rare|sound"
    r"|spell|sun|swap)"
)
"""Those of them that are an asset where a price or score is asked for."""
_OF_PRICED: Final = rf"{_PRICED} price\b|\b(?:price|score) (?:of|for) {_PRICED}\b"
_CLOCK: Final = r"(?i)\b(\d{1,2}:\d\d|\d{1,2} ?[ap]m) ?(gmt|utc)\b"
"""A time of day with its zone, which is no asset."""


@dataclass(frozen=True, slots=True)
class Mention:
    """What a sentence names: a known symbol, or the error of one that is not known, or nothing."""

    found: FoundSymbol | None = None
    error: SymbolError | None = None

    @property
    def text(self) -> str | None:
        """The symbol, or the words that are meant as one."""
        return self.found.symbol if self.found else self.error.text if self.error else None


def mentioned(sentence: str, known: Collection[str]) -> Mention:
    """Return the first symbol that a sentence names.

    One with a sign, a quote currency or a mark (`$btc`, `btc/usdt`) goes before a bare asset in
    capitals (`BTC`), and that before a bare one in small letters. Inside a longer word, as in
    scripts without spaces, the longest known symbol counts.
    """
    known = frozenset(known)
    sentence = re.sub(_CLOCK, "", sentence)
    words = _words(sentence)
    unspaced = [word for word in words if not word.isascii()]
    shouted = len(words) > 1 and sentence == sentence.upper()
    found, error = _first(words, _is_contract, known)
    if found is None and (inside := longest_inside(" ".join(unspaced), known)) is not None:
        found = FoundSymbol(inside)
    if found is not None or error is not None:
        return Mention(found, error if found is None else None)
    found, error = _first(words, lambda word: _in_capitals(word, shouted), known)
    if found is None:
        runs = [run for word in unspaced for run in re.findall(_RUN, word)]
        found, _ = _first(runs, lambda run: names_contract(run) or _in_capitals(run, True), known)
    if found is None:
        found, _ = _first(words, lambda word: not _is_ordinary(word), known)
    priced = re.search(_OF_PRICED, sentence.lower())
    if found is None and error is None and priced is not None:
        found, _ = _first([priced[1] or priced[2]], lambda _: True, known)
    return Mention(found, error if found is None and not shouted else None)


def all_mentioned(sentence: str, known: Collection[str]) -> tuple[str, ...]:
    """Return all known symbols that words of a sentence name, each once, in their order."""
    sentence = re.sub(_CLOCK, "", sentence)
    shouted = sentence == sentence.upper()
    found = []
    for word in _words(sentence):
        if _is_contract(word) or _in_capitals(word, shouted) or not _is_ordinary(word):
            with suppress(SymbolError):
                found.append(find_symbol(word, known).symbol)
    return tuple(dict.fromkeys(found))


def _words(sentence: str) -> list[str]:
    return [re.sub(_OWNED, "", word.strip(_SIGNS)) for word in split_symbols(sentence)]


def longest_inside(text: str, known: Collection[str]) -> str | None:
    """Return the longest known symbol in a text; it never begins or ends inside an ASCII word."""
    folded = unicodedata.normalize("NFKC", text).upper()
    found = [
        symbol
        for symbol in known
        if symbol in folded
        and re.search(rf"(?<![A-Z0-9_]){re.escape(symbol)}(?![A-Z0-9_])", folded)
    ]
    return max(found, key=lambda symbol: (len(symbol), symbol), default=None)


def _first(
    words: list[str], meant: Callable[[str], bool], known: Collection[str]
) -> tuple[FoundSymbol | None, SymbolError | None]:
    """Return the first symbol among the words that are meant as one, and the first error."""
    first: SymbolError | None = None
    for word in filter(meant, words):
        try:
            return find_symbol(word, known), first
        except SymbolError as error:
            first = first or (None if _is_ordinary(word) else error)
    return None, first


def _is_contract(word: str) -> bool:
    """Return whether a word can only be a contract, one that is not followed included."""
    if names_contract(word):
        return True
    parts = re.split(_BETWEEN, word)
    return len(parts) > 1 and all(_in_capitals(part, True) for part in parts)


def _in_capitals(word: str, shouted: bool) -> bool:
    """Return whether a word is written as assets are: `BTC`, `1000PEPE`; among all capitals, no
    ordinary word is."""
    cased = word.upper() == word and word.lower() != word
    return (
        2 <= len(word) <= 12 and word.isalnum() and cased and not (shouted and _is_ordinary(word))
    )


def _is_ordinary(word: str) -> bool:
    return word.lower() in _ORDINARY
