"""The chat without a language model: the words of a question select a query and its answer.

Pure but for the queries.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from signalengine.text.formatting import percent, points, price, score
from signalengine.text.symbol_mentions import Mention, mentioned

from .intents import Intent, Kind, read_intent
from .tools import Reads, ToolError, run

_ID: Final = re.compile(r"\b[0-9a-f]{24}\b")
_ROWS: Final = 5
HELP: Final = (
    "I can tell what scores highest now (“What's trending?”, “score of BTC”), the newest signals "
    "(“latest signals”, “open signals”, “signals of BTCUSDT”), how signals have ended (“win rate”, "
    "“How did today's signals do?”, “win rate of BTC this week”) and why one opened (“explain "
    "latest”, “why BTCUSDT”)."
)
NO_ADVICE: Final = (
    "I give no advice and no forecasts: scores and signals are computed from closed "
    "bars and prove nothing about the next ones."
)
READS_ONLY: Final = (
    "I only read: I cannot trade or change anything. A chat's alerts are changed by its commands "
    "in Telegram, such as /subscribe and /mute."
)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer in plain text, and the tools that it used."""

    text: str
    used: tuple[str, ...] = ()

    def __add__(self, other: "Found") -> "Found":
        used = dict.fromkeys((*self.used, *other.used))
        return Found(f"{self.text}\n{other.text}", tuple(used))


def answer(reads: Reads, message: str) -> Found:
    """Return the answer to a message by its words; raises TransientError or PermanentError."""
    known = _ID.search(message.lower())
    mention = Mention() if known else mentioned(message, reads.symbols()["symbols"])
    try:
        if known:
            return Found(_explained(run(reads, "explain", {"signal_id": known[0]})), ("explain",))
        intent = read_intent(message, has_symbol=mention.text is not None)
        return _noted(_ANSWERS[intent.kind](reads, intent, mention.text), mention)
    except ToolError as error:
        return Found(f"I found nothing: {str(error).rstrip('.')}.".replace("?.", "?"))


def _noted(answer: Found, mention: Mention) -> Found:
    """Add to an answer which other symbols could have been meant."""
    note = None if mention.found is None else mention.found.note
    return answer if note is None else Found(f"{answer.text}\n{note}", answer.used)


# --- an answer for each kind of question ----------------------------------------------------------


def _answer_advice(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    """Say that there is no advice, and show what is known."""
    scores = _answer_scores(reads, replace(intent, direction=None, count=3), symbol)
    if symbol is None:
        return Found(NO_ADVICE) + Found(f"What is known: {scores.text}", scores.used)
    newest = _answer_signals(reads, Intent(Kind.SIGNALS, count=1), symbol)
    return Found(NO_ADVICE) + Found(f"What is known of {symbol}:") + scores + newest


def _answer_action(_reads: Reads, _intent: Intent, _symbol: str | None) -> Found:
    return Found(f"{READS_ONLY}\n{HELP}")


def _answer_no_data(_reads: Reads, intent: Intent, _symbol: str | None) -> Found:
    return Found(f"I have no answer about {intent.subject}.\n{HELP}")


def _answer_unknown(_reads: Reads, _intent: Intent, _symbol: str | None) -> Found:
    return Found(f"I did not understand this question.\n{HELP}")


def _answer_why(reads: Reads, _intent: Intent, symbol: str | None) -> Found:
    return Found(_explained(run(reads, "explain", {"symbol": symbol or "latest"})), ("explain",))


def _answer_results(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    period = intent.period
    days = {} if period is None else {"days": period.days, "days_ago": period.days_ago}
    found = run(reads, "stats", days | ({"symbol": symbol} if symbol else {}))
    named = found.get("symbol", symbol)
    titles = [named, None if period is None else period.title]
    title = ", ".join(one for one in titles if one)
    if not title:
        return Found(_stats(found), ("stats",))
    title = title[0].upper() + title[1:]
    if not found["n"]:
        return Found(f"{title}: no signal has closed.", ("stats",))
    return Found(f"{title}: {_stats(found)}", ("stats",))


def _answer_scores(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    arguments: dict[str, Any] = {"limit": intent.count or _ROWS}
    arguments |= {"symbol": symbol} if symbol else {}
    arguments |= {"direction": intent.direction} if intent.direction and not symbol else {}
    return Found(_top(run(reads, "top", arguments), intent.direction, symbol), ("top",))


def _answer_signals(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    arguments: dict[str, Any] = {"limit": intent.count or _ROWS}
    arguments |= {"symbol": symbol} if symbol else {}
    arguments |= {"direction": intent.direction} if intent.direction else {}
    arguments |= {"status": "open"} if intent.open_only else {}
    rows = run(reads, "signals", arguments)["signals"]
    what = " ".join(filter(None, ("open" if intent.open_only else "", intent.direction, "signals")))
    of = f" of {symbol}" if symbol else ""
    if not rows:
        return Found(f"There are no {what}{of} yet.", ("signals",))
    title = f"{'Newest ' if not intent.open_only else ''}{what}{of}:"
    return Found("\n".join([title[0].upper() + title[1:], *map(_signal, rows)]), ("signals",))


_ANSWERS: Final[Mapping[Kind, Callable[[Reads, Intent, str | None], Found]]] = {
    Kind.ADVICE: _answer_advice,
    Kind.ACTION: _answer_action,
    Kind.NO_DATA: _answer_no_data,
    Kind.EXPLAIN: _answer_why,
    Kind.STATS: _answer_results,
    Kind.TOP: _answer_scores,
    Kind.SIGNALS: _answer_signals,
    Kind.UNKNOWN: _answer_unknown,
}


# --- results in words ----------------------------------------------------------------------------


def _top(found: Mapping[str, Any], direction: str | None = None, symbol: str | None = None) -> str:
    rows = [
        f"{at}. {row['symbol']} {row['direction'] or 'no side'}, score {score(row['score'])} "
        f"at {price(row['price'], row['tick_size'])}" + ("" if row["warm"] else " (warming up)")
        for at, row in enumerate(found["top"], start=1)
        if row["score"] is not None
    ]
    if not rows and direction and found["top"] == []:
        return f"No symbol leans {direction} now."
    if not rows:
        has = f"{symbol} has no" if symbol else "No symbol has a"
        return f"{has} score yet: the engine is still warming up."
    title = (
        f"Score of {symbol}" if symbol else f"Highest {f'{direction} ' if direction else ''}scores"
    )
    return "\n".join([f"{title} at {found['time']}:", *rows])


def _signal(row: Mapping[str, Any]) -> str:
    how = str(row["status"]).replace("_", " ")
    if row["return_pct_net"] is not None:
        how += f" {percent(row['return_pct_net'])} net"
    label = "" if row["market"] == "live" else f" [{row['market']}]"
    return (
        f"{row['direction']} {row['symbol']} {how}, score {score(row['score'])}, "
        f"entry {price(row['entry_price'], row['tick_size'])}, {row['opened']}{label}"
    )


def _explained(row: Mapping[str, Any]) -> str:
    known = {name: value for name, value in row["components"].items() if value is not None}
    parts = ", ".join(
        f"{name} {points(value)}" for name, value in sorted(known.items(), key=lambda p: -p[1])
    )
    events = ", ".join(
        f"{event['kind'].replace('_', ' ')} {event['interval']}" for event in row["events"]
    )
    lines = [_signal(row), f"Components: {parts}." if parts else None]
    lines.append(f"Events: {events}." if events else None)
    lines.append(f"Reason: {row['reason']}" if row["reason"] else None)
    return "\n".join(line for line in lines if line)


def _stats(found: Mapping[str, Any]) -> str:
    count = found["n"]
    label = "" if found["market"] == "live" else f" [{found['market']}]"
    if not count:
        return f"No signal has closed yet; open now: {found['open_signals']}.{label}"
    ended = (
        f"{count} closed signal{'' if count == 1 else 's'}{label}: "
        f"{found['wins']} won, {found['losses']} lost "
        f"({score(found['win_rate'])} win), {percent(found['avg_return'])} net on average, "
        f"{_extremes(found)}."
    )
    parts = [
        ended,
        f"Open now: {found['open_signals']}." if "open_signals" in found else "",
        "Fewer than 30 signals prove nothing." if count < 30 else "",
    ]
    return " ".join(filter(None, parts))


def _extremes(found: Mapping[str, Any]) -> str:
    """Return the best and the worst return; of the sums of days, the return in all."""
    if found["best_return"] is None:
        return f"{percent(found['total_return'])} in all"
    return f"best {percent(found['best_return'])}, worst {percent(found['worst_return'])}"
