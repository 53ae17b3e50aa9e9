"""The chat without a language model: the words of a question select a query and its answer.

Pure but for the queries.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine.text.formatting import percent, points, price, score
from signalengine.text.symbol_mentions import Mention, all_mentioned, mentioned
from signalengine.text.symbol_reader import SymbolError, find_symbol

from .intents import Intent, Kind, read_intent
from .tools import Reads, ToolError, run

_ID: Final = re.compile(r"\b[0-9a-f]{24}\b")
_ROWS: Final = 5
_NAMES: Final = 12
"""Most followed symbols that an answer names."""
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
    "in Telegram, such as /subscribe, /unsubscribe and /mute."
)
PERIODS: Final = (
    "I know the periods today, yesterday, and the last hours, days, weeks, months and year."
)
WHOLE_DAYS: Final = "Results are counted by whole days (UTC)."
_OF_SYMBOL: Final = frozenset({Kind.ADVICE, Kind.EXPLAIN, Kind.STATS, Kind.TOP, Kind.SIGNALS})


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
    symbols = reads.symbols()["symbols"]
    mention = Mention() if known else mentioned(message, symbols)
    try:
        if known:
            return Found(_explained(run(reads, "explain", {"signal_id": known[0]})), ("explain",))
        intent = read_intent(message, has_symbol=mention.text is not None)
        found = _ANSWERS[intent.kind](reads, intent, mention.text)
        others = () if mention.found is None else all_mentioned(message, symbols)
        return _noted(found, intent, mention, others)
    except ToolError as error:
        return Found(f"I found nothing: {str(error).rstrip('.')}.".replace("?.", "?"))


def _noted(answer: Found, intent: Intent, mention: Mention, named: tuple[str, ...]) -> Found:
    """Add to an answer what of the question it leaves out, and what else could be meant."""
    notes = list(_left_out(answer, intent))
    if mention.found is not None and intent.kind in _OF_SYMBOL:
        others = ", ".join(one for one in named if one != mention.text)
        if others:
            notes.append(f"This is of {mention.text} only: ask about {others} by itself.")
    if mention.found is not None and mention.found.note is not None:
        notes.append(mention.found.note)
    return Found("\n".join([answer.text, *notes]), answer.used)


def _left_out(answer: Found, intent: Intent) -> Iterator[str]:
    """Yield sentences about the restrictions of a question that its answer does not apply."""
    kind, side, period = intent.kind, intent.direction, intent.period_words
    if kind not in _OF_SYMBOL - {Kind.ADVICE}:
        return
    words = list(intent.unread)
    both_sides = kind is Kind.STATS or (
        kind is Kind.EXPLAIN and not answer.text.startswith(str(side))
    )
    if side is not None and both_sides:
        words.append(side)
    now = kind is Kind.TOP and period in ("today", "tonight", "intraday")
    if period is not None and kind is not Kind.STATS and not now:
        words.append(period)
    if words:
        yield f"Not applied: {', '.join(f'“{one}”' for one in words)}."
    if kind is Kind.STATS and intent.unread:
        yield PERIODS
    if kind is Kind.STATS and period is not None and re.search(r"h(ours?)?$|min", period):
        yield WHOLE_DAYS


# --- an answer for each kind of question ----------------------------------------------------------


def _answer_advice(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    """Say that there is no advice, and show what is known."""
    scores = _answer_scores(reads, intent._replace(direction=None, rows=3), symbol)
    if symbol is None:
        return Found(NO_ADVICE) + Found(f"What is known: {scores.text}", scores.used)
    newest = _answer_signals(reads, Intent(Kind.SIGNALS, rows=1), symbol)
    return Found(NO_ADVICE) + Found(f"What is known of {symbol}:") + scores + newest


def _answer_action(_reads: Reads, _intent: Intent, _symbol: str | None) -> Found:
    return Found(f"{READS_ONLY}\n{HELP}")


def _answer_no_data(_reads: Reads, intent: Intent, _symbol: str | None) -> Found:
    return Found(f"I have no answer about {intent.subject}.\n{HELP}")


def _answer_followed(reads: Reads, _intent: Intent, symbol: str | None) -> Found:
    symbols = sorted(reads.symbols()["symbols"])
    if symbol is not None:
        try:
            return Found(f"{find_symbol(symbol, symbols).symbol} is followed.")
        except SymbolError as error:
            return Found(str(error))
    more = f" and {len(symbols) - _NAMES} more" if len(symbols) > _NAMES else ""
    names = ", ".join(symbols[:_NAMES]) or "none"
    return Found(f"Followed symbols ({len(symbols)}): {names}{more}.")


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
    arguments: dict[str, Any] = {"limit": intent.rows or _ROWS}
    arguments |= {"symbol": symbol} if symbol else {}
    arguments |= {"direction": intent.direction} if intent.direction and not symbol else {}
    return Found(_top(run(reads, "top", arguments), intent.direction, symbol), ("top",))


def _answer_signals(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    arguments: dict[str, Any] = {"limit": intent.rows or _ROWS}
    arguments |= {"symbol": symbol} if symbol else {}
    arguments |= {"direction": intent.direction} if intent.direction else {}
    arguments |= {"status": intent.status} if intent.status else {}
    rows = run(reads, "signals", arguments)["signals"]
    what = " ".join(filter(None, (intent.status, intent.direction, "signals")))
    of = f" of {symbol}" if symbol else ""
    if not rows:
        return Found(f"There are no {what}{of} yet.", ("signals",))
    title = f"{'Newest ' if intent.status != 'open' else ''}{what}{of}:"
    return Found("\n".join([title[0].upper() + title[1:], *map(_signal, rows)]), ("signals",))


_ANSWERS: Final[Mapping[Kind, Callable[[Reads, Intent, str | None], Found]]] = {
    Kind.ADVICE: _answer_advice,
    Kind.ACTION: _answer_action,
    Kind.NO_DATA: _answer_no_data,
    Kind.FOLLOWED: _answer_followed,
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
    elif row["status"] == "open" and row["expires"] is not None:
        how += f" until {row['expires']}"
    label = "" if row["market"] == "live" else f" [{row['market']}]"
    tick = row["tick_size"]
    return (
        f"{row['direction']} {row['symbol']} {how}, score {score(row['score'])}, "
        f"entry {price(row['entry_price'], tick)}, TP {price(row['tp_price'], tick)}, "
        f"SL {price(row['sl_price'], tick)}, {row['opened']}{label}"
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
