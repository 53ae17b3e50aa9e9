"""What a question asks for, read from its words without a language model. Pure.

The first kind whose words are there is meant, in this order: advice, something to do, a subject
without data, a reason, results, current scores, signals. A question of none of them is not
answered.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Patterns are compiled when the first question comes, not at a cold start.
_WORD: Final = r"[a-z0-9%]+"
MAX_DAYS: Final = 366


class Kind(StrEnum):
    """What is asked for."""

    ADVICE = "advice"
    """What to do, or what will happen: not answered, but what is known is shown."""
    ACTION = "action"
    """Something to be done: the chat only reads."""
    NO_DATA = "no_data"
    """A subject that the engine's data does not have."""
    EXPLAIN = "explain"
    STATS = "stats"
    TOP = "top"
    SIGNALS = "signals"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Period:
    """UTC days: `days` of them, the last one `days_ago` before the current one."""

    days: int
    days_ago: int = 0

    @property
    def title(self) -> str:
        """The period in words."""
        if self.days_ago:
            return "yesterday (UTC)"
        return "today (UTC)" if self.days == 1 else f"the last {self.days} days (UTC)"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a question asks for; `subject` is the word without data, `count` how many rows."""

    kind: Kind
    period: Period | None = None
    direction: str | None = None
    open_only: bool = False
    count: int | None = None
    subject: str | None = None


_ADVICE: Final = (
    r"\b(should|shall) (i|we|one)\b|\bshould you\b|\b(recommend\w*|advi[sc]e\w*|leverage|invest\w*"
    r"|predict\w*|forecast\w*|guarantee\w*|all in|tomorrow|next (week|month|year|hour)"
    r"|worth (buying|selling|holding)|price target)\b|\bsafe to\b"
    r"|\b(good|right|best) time to\b|\b\d+x\b"
    r"|\bwill\b.*\b(go|rise|fall|drop|reach|hit|pump|dump|crash|moon|win|be)\b"
    r"|\bwhen (will|does|to)\b|\bgoing (up|down|to)\b|\b(can|could) i (buy|sell|make|trust)\b"
    r"|\bhow (much|many) (should|can|could|do) i\b|\bwhat (to|do i) (buy|sell|trade)\b"
)
_ACTION: Final = (
    r"^(please |can you |could you )?(buy|sell|place|cancel|subscribe|unsubscribe|mute|unmute|trade"
    r"|set|change|delete|alert me|notify me|send me|remind me|close my|open a|go (long|short))\b"
)
_NO_DATA: Final = frozenset(
    {"news", "weather", "funding", "volume", "rsi", "macd", "support", "resistance", "fee", "fees",
     "balance", "account", "wallet", "portfolio", "liquidations", "interest", "sentiment",
     "dominance", "etf", "whale", "whales", "spot", "options"}
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
     "winning", "won", "winrate", "rate", "loss", "losses", "lost", "lose", "losing", "profit",
     "profits", "profitable", "pnl", "made", "gain", "gains", "earned", "results", "result",
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
_SIGNALS: Final = frozenset(
    {"signal", "signals", "latest", "recent", "newest", "last", "open", "opened", "closed",
     "active", "running", "position", "positions", "trades", "alerts", "entry", "entries", "stop",
     "sl", "tp", "target", "targets", "levels"}
)  # fmt: skip
_TOP: Final = _SCORE | frozenset(
    {"top", "best", "hot", "hottest", "strongest", "leading", "leaders", "tokens", "token",
     "coins", "coin", "futures", "market", "markets", "long", "longs", "short", "shorts", "setup",
     "setups", "watch", "opportunities", "ranking", "symbols", "overview", "now"}
)  # fmt: skip
_OPEN: Final = frozenset({"open", "active", "running", "positions", "position"})
_UNITS: Final = {"hour": 0, "day": 1, "week": 7, "month": 30, "year": 365}
_SPAN: Final = r"\b(?:(?:last|past|previous|in) )?(\d{1,3}) ?(hours?|h|days?|d|weeks?|months?)\b"
_ONE: Final = r"\b(?:this|last|past|current|the) (hour|day|week|month|year)\b"
_COUNT: Final = r"\b(?:last|latest|newest|top|best|show|recent) (?:me )?(?:the )?(\d{1,2})\b"


def read_intent(message: str, *, has_symbol: bool) -> Intent:
    """Return what a message asks for; `has_symbol`: it names a symbol, followed or not."""
    text = " ".join(message.lower().replace("’", "'").split())
    words = set(re.findall(_WORD, text))
    period, direction = _period(text), _direction(text, words)
    kind, subject = _kind(text, words, has_symbol=has_symbol, timed=period is not None)
    count = None if period is not None else re.search(_COUNT, text)
    return Intent(
        kind,
        period,
        direction,
        bool(words & _OPEN),
        None if count is None else int(count[1]),
        subject,
    )


def _kind(text: str, words: set[str], *, has_symbol: bool, timed: bool) -> tuple[Kind, str | None]:
    if re.search(_ADVICE, text):
        return Kind.ADVICE, None
    about_signals = bool(words & {"signal", "signals"})
    if re.search(_ACTION, text) and not about_signals:
        return Kind.ACTION, None
    missing = next((word for word in re.findall(_WORD, text) if word in _NO_DATA), None)
    if missing is not None and not about_signals:
        return Kind.NO_DATA, missing
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
    if not re.search(_HOW_DID, text):
        return timed and not words & (_SIGNALS | _TOP)
    return has_symbol or timed or bool(words & (_SIGNALS | {"we", "you", "trade", "they", "it"}))


def _period(text: str) -> Period | None:
    """Return the days that a text names, None without any."""
    if re.search(r"\byesterday('s)?\b", text):
        return Period(1, 1)
    if re.search(r"\b(today|todays|tonight|so far|intraday)\b", text):
        return Period(1)
    span = re.search(_SPAN, text)
    if span is not None:
        return Period(_days(int(span[1]), span[2]))
    one = re.search(_ONE, text)
    if one is not None:
        return Period(max(1, _UNITS[one[1]]))
    named = next((days for word, days in _ADVERBS.items() if word in text), None)
    return None if named is None else Period(named)


_ADVERBS: Final = {"daily": 1, "weekly": 7, "monthly": 30, "yearly": 365}


def _days(number: int, unit: str) -> int:
    """Return whole UTC days; hours count as the days that they reach into."""
    names = {"h": "hour", "d": "day"}
    each = _UNITS[names.get(unit, unit.removesuffix("s"))]
    days = number * each if each else -(-number // 24)
    return min(max(days, 1), MAX_DAYS)


def _direction(text: str, words: set[str]) -> str | None:
    """Return the side that a text asks for, None for both."""
    long = bool(words & {"long", "longs", "bullish"}) or bool(re.search(r"\bbuy signals?\b", text))
    short = bool(words & {"short", "shorts", "bearish", "shorted"}) or bool(
        re.search(r"\bsell signals?\b", text)
    )
    if long == short:
        return None
    return "long" if long else "short"
