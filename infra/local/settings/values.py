"""Readers of values: each returns what a text means, or raises ValueError with what it may be."""

import math
import re
from collections.abc import Callable
from typing import Final

from signalengine.text.symbol_reader import SymbolError, read_symbols

_TOKEN: Final = re.compile(r"\d+:[\w-]+")
_CHAT: Final = re.compile(r"(-?\d+|@\w+)(/\d+)?")
_WORDS: Final = {"true": True, "1": True, "false": False, "0": False}


def text(given: str) -> str:
    """Any text."""
    return given


def one_of(*words: str) -> Callable[[str], str]:
    """One of some words, in any case."""

    def read(given: str) -> str:
        if given.upper() not in words:
            raise ValueError(f"is not {', '.join(words[:-1])} or {words[-1]}")
        return given.upper()

    return read


def yes_or_no(given: str) -> bool:
    """`true` or `false`."""
    if given.lower() not in _WORDS:
        raise ValueError("is not true or false")
    return _WORDS[given.lower()]


def number(low: float = -math.inf, high: float = math.inf) -> Callable[[str], float]:
    """A number within bounds, both included."""

    def read(given: str) -> float:
        found = _number(given)
        if math.isfinite(low) and not low <= found <= high:
            raise ValueError(f"is not {low:g} to {high:g}")
        return found

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number within bounds, both included."""

    def read(given: str) -> int:
        if not (given.isascii() and given.isdigit() and low <= int(given) <= high):
            raise ValueError(f"is not a whole number {low} to {high}")
        return int(given)

    return read


def address(*schemes: str) -> Callable[[str], str]:
    """An address that begins with one of some schemes; a slash at its end is cut off."""

    def read(given: str) -> str:
        if not given.startswith(schemes):
            raise ValueError(f"does not begin with {' or '.join(schemes)}")
        return given.rstrip("/")

    return read


def bot_token(given: str) -> str:
    """A bot's token, as @BotFather gives it."""
    if not _TOKEN.fullmatch(given):
        raise ValueError("is not a bot's token, as in 1234567890:ABCdef: copy it from @BotFather")
    return given


def chat(given: str) -> str:
    """The id of a chat or topic, or the @name of a channel."""
    if not _CHAT.fullmatch(given):
        raise ValueError("is not a chat's id, as in 123456789, -1003497403947 or @channel")
    return given


def whole_numbers(given: str) -> list[int]:
    """Whole numbers with commas or spaces between them."""
    try:
        return [int(word) for word in given.replace(",", " ").split()]
    except ValueError:
        raise ValueError("is not numbers with commas") from None


def symbols(given: str) -> str:
    """A list of symbols, top:N, or all."""
    kind, _, count = given.lower().partition(":")
    if given.lower() == "all" or (kind == "top" and count.isascii() and count.isdigit()):
        return given
    try:
        read_symbols(given)
    except SymbolError as error:
        raise ValueError(f"is not BTCUSDT,ETHUSDT nor top:20 nor all: {error}") from error
    return given


def _number(given: str) -> float:
    try:
        found = float(given)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError("is not a number")
    return found
