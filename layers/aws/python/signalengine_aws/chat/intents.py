"""What a question asks for, read from its words without a language model. Pure.

The first kind whose words are there is meant, in this order: advice, something to do, a subject
without data, the followed symbols, a reason, results, current scores, signals. A question of none
of them is not answered.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from .periods import Period, dated, span_of
from .phrases import asks_action, asks_followed, subject_without_data, unread_restrictions

# Patterns are compiled when the first question comes, not at a cold start.
_WORD: Final = r"[a-z0-9%]+"


class Kind(StrEnum):
    """What is asked for."""

    ADVICE = "advice"
    """What to do, or what will happen: not answered, but what is known is shown."""
    ACTION = "action"
    """Something to be done: the chat only reads."""
    NO_DATA = "no_data"
    """A subject that the engine's data does not have."""
    FOLLOWED = "followed"
    """Which symbols are followed."""
    EXPLAIN = "explain"
    STATS = "stats"
    TOP = "top"
    SIGNALS = "signals"
    UNKNOWN = "unknown"


class Intent(NamedTuple):
    """What a question asks for; `subject` is what there is no data of, `rows` how many."""

    kind: Kind
    period: Period | None = None
    direction: str | None = None
    status: str | None = None
    rows: int | None = None
    subject: str | None = None
    period_words: str | None = None
    """The words that name the period."""
    unread: tuple[str, ...] = ()
    """Words of a restriction that no query has: a time of day, a least score."""


_ADVICE: Final = (
    r"\b(should|shall) (i|we|one)\b|\bshould you\b|\b(recommend\w*|advi[sc]e\w*|leverage|invest\w*"
    r"|predict\w*|forecast\w*|guarantee\w*|all in|tomorrow|next (week|month|year|hour)"
    r"|worth (buying|selling|holding)|price target)\b|\bsafe to\b"
    r"|\b(good|right|best) time to\b|\b\d+x\b"
    r"|\bwill\b.*\b(go|rise|fall|drop|reach|hit|pump|dump|crash|moon|win|be)\b"
    r"|\bwhen (will|does|to)\b(?!.*\b(expire|close|end)\b)|\bgoing (up|down|to)\b"
    r"|\b(can|could) i (buy|sell|make|trust)\b"
    r"|\bhow (much|many) (should|can|could|do) i\b|\bwhat (to|do i) (buy|sell|trade)\b"
)
_NO_DATA: Final = frozenset(
    {"news", "weather", "funding", "volume", "rsi", "macd", "support", "resistance", "fee", "fees",
     "balance", "account", "wallet", "portfolio", "liquidations", "interest", "sentiment",
     "dominance", "etf", "whale", "whales", "spot", "options", "losers", "gainers", "movers"}
)  # fmt: skip
_EXPLAIN: Final = frozenset(
    {"why", "explain", "explained", "reason", "reasons", "because", "triggered", "trigger",
     "cause", "caused"}
)  # fmt: skip
_ABOUT_SIGNALS: Final = frozenset(
    {"signal", "signals", "latest", "last", "newest", "recent", "it", "that", "this", "fire",
     "fired", "open", "opened", "long", "short", "trade", "trigger", "triggered", "entry", "alert"}
)  # fmt: skip
_STATS: Final = frozenset(
    {"stats", "statistics", "performance", "performing", "perform", "performed", "win", "wins",
     "winning", "winner", "winners", "loser", "won", "winrate", "rate", "loss", "losses",
     "lost", "lose", "losing", "profit", "profits", "profitable",
     "pnl", "made", "gain", "gains", "earned", "results", "result",
     "return", "returns", "record", "track", "accurate", "accuracy", "worked", "successful",
     "hitrate", "drawdown"}
)  # fmt: skip
_HOW_DID: Final = (
    r"\bhow (did|do|does|are|is|was|were|have|has|good|well|many)\b(?!.*\b(long|short) or\b)"
    r"|\b(any good|best trade|worst trade|best signal|worst signal)\b"
)
_CLOSED: Final = frozenset({"closed", "ended", "won", "lost", "hit", "expired", "stopped"})
_SCORE: Final = frozenset(
    {"score", "scores", "scoring", "price", "prices", "cost", "bullish", "bearish", "trending",
     "trend", "direction", "worth", "momentum", "strong", "strength"}
)  # fmt: skip
_EXPIRY: Final = frozenset({"expire", "expires", "expiry", "expiring"})
_SIGNALS: Final = frozenset(
    {"signal", "signals", "latest", "recent", "newest", "last", "open", "opened", "closed",
     "active", "running", "position", "positions", "trades", "alerts", "entry", "entries", "stop",
     "sl", "tp", "target", "targets", "levels", *_EXPIRY}
)  # fmt: skip
_TOP: Final = _SCORE | frozenset(
    {"top", "best", "hot", "hottest", "strongest", "leading", "leaders", "tokens", "token",
     "coins", "coin", "futures", "market", "markets", "long", "longs", "short", "shorts", "setup",
     "setups", "watch", "opportunities", "ranking", "symbols", "overview", "now"}
)  # fmt: skip
_OPEN: Final = frozenset({"open", "active", "running", "positions", "position", *_EXPIRY})
_COUNT: Final = r"\b(?:last|latest|newest|top|best|show|recent) (?:me )?(?:the )?(\d{1,2})\b"


_NEWEST: Final = r"\b(?:last|latest|newest|most recent) (?:\w+ )?(?:signal|trade|one)\b"
_SIDE: Final = r"(?<!how )(?<!so )(?<!as )(?<!too )\blong\b(?! ago\b| term\b)|\b(longs|bullish)\b"


def read_intent(
    message: str, *, has_symbol: bool, today: Callable[[], date] | None = None
) -> Intent:
    """Return what a message asks for; `has_symbol`: it names a symbol, followed or not.

    `today` gives the current UTC day, which dates are counted from; without it none is read.
    """
    text = _tidied(message)
    words = set(re.findall(_WORD, text))
    period, said, unread = _period(text, unread_restrictions(text), today)
    kind, subject = _kind(text, words, has_symbol=has_symbol, timed=period is not None)
    count = None if period is not None else re.search(_COUNT, text)
    rows = None if count is None else int(count[1])
    if kind is Kind.STATS and period is None and re.search(_NEWEST, text):
        kind, rows = Kind.SIGNALS, rows or 1
    side = _direction(text, words)
    past = period is not None and (period.days_ago > 0 or period.days > 1)
    if kind is Kind.TOP and side is not None and past:  # scores are of now
        kind = Kind.SIGNALS
    status = "open" if words & _OPEN else "closed" if "closed" in words else None
    return Intent(kind, period, side, status, rows, subject, said, unread)


def _tidied(message: str) -> str:
    """Return a message in small letters: `sl` and `tp` for levels, `3 june` for `3rd of june`."""
    text = " ".join(message.lower().replace("’", "'").split())
    text = re.sub(r"\b(\d{1,2})(?:st|nd|rd|th)\b(?: of)?", r"\1", text)
    text = re.sub(r"\bstop[- ]?loss(es)?\b", "sl", text)
    return re.sub(r"\btake[- ]?profits?\b", "tp", text)


def _kind(text: str, words: set[str], *, has_symbol: bool, timed: bool) -> tuple[Kind, str | None]:
    if re.search(_ADVICE, text):
        return Kind.ADVICE, None
    if asks_action(text):
        return Kind.ACTION, None
    subject = subject_without_data(text, has_symbol=has_symbol)
    if subject is None and not words & {"signal", "signals"}:
        subject = next((word for word in re.findall(_WORD, text) if word in _NO_DATA), None)
    if subject is not None:
        return Kind.NO_DATA, subject
    if asks_followed(text):
        return Kind.FOLLOWED, None
    if words & _EXPLAIN and (has_symbol or words & _ABOUT_SIGNALS or len(words) == 1):
        return Kind.EXPLAIN, None
    if _asks_results(text, words, has_symbol=has_symbol, timed=timed):
        return Kind.STATS, None
    if has_symbol:
        scored = words & _SCORE or {"long", "short"} <= words or "how much" in text
        return (Kind.TOP if scored else Kind.SIGNALS), None
    if words & _SIGNALS and not words & {"trending", "score", "scores"}:
        return Kind.SIGNALS, None
    return (Kind.TOP if words & _TOP else Kind.UNKNOWN), None


def _asks_results(text: str, words: set[str], *, has_symbol: bool, timed: bool) -> bool:
    """Return whether a question is about how signals have ended."""
    if words & _STATS or {"hit"} & words or (timed and words & _CLOSED):
        return True
    if re.search(r"\bhow much\b.*\b(make|makes|earn|earns|did)\b", text):
        return True
    if not re.search(_HOW_DID, text):
        return timed and not words & (_SIGNALS | _TOP)
    return has_symbol or timed or bool(words & (_SIGNALS | {"we", "you", "trade", "they", "it"}))


def _period(
    text: str, unread: tuple[str, ...], today: Callable[[], date] | None
) -> tuple[Period | None, str | None, tuple[str, ...]]:
    """Return the days that a text names, its words for them, and the other unread words."""
    if today is not None:
        for words in unread:
            if (period := dated(words, today())) is not None:
                return period, words, tuple(one for one in unread if one != words)
    for words in unread:
        text = text.replace(words, " ")
    return *span_of(text), unread


def _direction(text: str, words: set[str]) -> str | None:
    """Return the side that a text asks for, None for both."""
    long = bool(re.search(rf"{_SIDE}|\bbuy (and sell )?signals?\b", text))
    short = bool(words & {"short", "shorts", "bearish", "shorted"}) or bool(
        re.search(r"\bsell signals?\b", text)
    )
    if long == short:
        return None
    return "long" if long else "short"
