"""The chat without a language model: the words of a question select a query and its answer.

Pure but for the queries.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from signalengine.text.formatting import percent, points, price, score, words
from signalengine.text.languages import counted, t
from signalengine.text.reasons import reason
from signalengine.text.symbol_mentions import Mention, all_mentioned, mentioned
from signalengine.text.symbol_reader import SymbolError, find_symbol

from .intents import Intent, Kind, read_intent
from .periods import MAX_DAYS, Period
from .tools import Reads, ToolError, run

if TYPE_CHECKING:
    from signalengine.text.questions import Question

# Patterns are compiled when the first question comes, not at a cold start.
_ID: Final = r"\b[0-9a-f]{24}\b"
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
    "Periods are dates within a year, today, yesterday, and the last hours, days, weeks, months "
    "and year."
)
WHOLE_DAYS: Final = "Periods are whole days (UTC)."
_SIDES: Final = {"long": "longs", "short": "shorts"}
_SIGNALS: Final[Mapping[tuple[str | None, str | None], str]] = {
    (None, None): "signals",
    (None, "long"): "long signals",
    (None, "short"): "short signals",
    ("open", None): "open signals",
    ("open", "long"): "open long signals",
    ("open", "short"): "open short signals",
    ("closed", None): "closed signals",
    ("closed", "long"): "closed long signals",
    ("closed", "short"): "closed short signals",
}
"""By status and direction."""
_HIGHEST: Final[Mapping[str | None, str]] = {
    None: "Highest scores at {time}:",
    "long": "Highest long scores at {time}:",
    "short": "Highest short scores at {time}:",
}
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
    """Return the answer to a message by its words; raises TransientError or PermanentError.

    A message is read in the language of the context, or in English, and answered in the former.
    """
    known = re.search(_ID, message.lower())
    from signalengine.text.questions import in_english  # with the first question

    question = in_english(message)
    symbols = reads.symbols()["symbols"]
    mention = Mention() if known else mentioned(question.text, symbols)
    try:
        if known:
            return Found(_explained(run(reads, "explain", {"signal_id": known[0]})), ("explain",))
        named = mention.text is not None
        intent = read_intent(question.text, has_symbol=named, today=reads.today)
        intent = intent._replace(subject=intent.subject and question.words(intent.subject))
        found = _ANSWERS[intent.kind](reads, intent, mention.text)
        others = () if mention.found is None else all_mentioned(question.text, symbols)
        notes = [*_left_out(intent, question), *_others(intent, mention, others)]
        return Found("\n".join([found.text, *notes]), found.used)
    except ToolError as error:
        why = reason(str(error)).rstrip(".")
        return Found(t("I found nothing: {why}.", why=why).replace("?.", "?"))


def _others(intent: Intent, mention: Mention, named: tuple[str, ...]) -> Iterator[str]:
    """Yield what of a question's symbols its answer leaves out, and what else could be meant."""
    if mention.found is None:
        return
    others = ", ".join(one for one in named if one != mention.text)
    if others and intent.kind in _OF_SYMBOL:
        text = t("This is of {symbol} only: ask about {others} by itself.",
                 symbol=mention.text, others=others)  # fmt: skip
        yield text
    if mention.found.note is not None:
        yield reason(mention.found.note)


def _left_out(intent: Intent, question: "Question") -> Iterator[str]:
    """Yield sentences about the restrictions of a question that its answer does not apply."""
    kind, period = intent.kind, intent.period_words
    if kind not in _OF_SYMBOL - {Kind.ADVICE}:
        return
    left = list(intent.unread)
    now = kind is Kind.TOP and period in ("today", "tonight", "intraday")
    if period is not None and kind is Kind.TOP and not now:
        left.append(period)
    if left:
        shown = ", ".join(t("“{word}”", word=question.words(one)) for one in left)
        yield t("Not applied: {words}.", words=shown)
    if kind is Kind.STATS and intent.unread:
        yield t(PERIODS)
    timed = period is not None and re.search(r"h(ours?)?$|min", period)
    if kind is not Kind.TOP and timed:
        yield t(WHOLE_DAYS)


# --- an answer for each kind of question ----------------------------------------------------------


def _answer_advice(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    """Say that there is no advice, and show what is known."""
    scores = _answer_scores(reads, intent._replace(direction=None, rows=3), symbol)
    advice = Found(t(NO_ADVICE))
    if symbol is None:
        return advice + Found(t("What is known: {what}", what=scores.text), scores.used)
    newest = _answer_signals(reads, Intent(Kind.SIGNALS, rows=1), symbol)
    return advice + Found(t("What is known of {symbol}:", symbol=symbol)) + scores + newest


def _answer_action(_reads: Reads, _intent: Intent, _symbol: str | None) -> Found:
    return Found(f"{t(READS_ONLY)}\n{t(HELP)}")


def _answer_no_data(_reads: Reads, intent: Intent, _symbol: str | None) -> Found:
    subject = t(intent.subject or "")
    return Found(f"{t('I have no answer about {subject}.', subject=subject)}\n{t(HELP)}")


def _answer_followed(reads: Reads, _intent: Intent, symbol: str | None) -> Found:
    symbols = sorted(reads.symbols()["symbols"])
    if symbol is not None:
        try:
            found = find_symbol(symbol, symbols).symbol
        except SymbolError as error:
            return Found(reason(str(error)))
        return Found(t("{symbol} is followed.", symbol=found))
    names = ", ".join(symbols[:_NAMES]) or t("none")
    if len(symbols) > _NAMES:
        names = t("{shown} and {rest} more", shown=names, rest=len(symbols) - _NAMES)
    return Found(t("Followed symbols ({n}): {names}.", n=len(symbols), names=names))


def _answer_unknown(_reads: Reads, _intent: Intent, _symbol: str | None) -> Found:
    return Found(f"{t('I did not understand this question.')}\n{t(HELP)}")


def _answer_why(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    if not _restrictions(intent):
        found = run(reads, "explain", {"symbol": symbol or "latest"})
        return Found(_explained(found), ("explain",))
    of = {"symbol": symbol} if symbol else {}
    rows = run(reads, "signals", _restrictions(intent) | of | {"limit": 1})["signals"]
    if not rows:
        return Found(_none(intent, symbol), ("signals",))
    found = run(reads, "explain", {"signal_id": rows[0]["id"]})
    return Found(_explained(found), ("signals", "explain"))


def _restrictions(intent: Intent) -> dict[str, Any]:
    """Return the arguments of a tool for a question's side and period."""
    side = {"direction": intent.direction} if intent.direction else {}
    period = intent.period
    return side | ({} if period is None else {"days": period.days, "days_ago": period.days_ago})


def _answer_results(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    of = {"symbol": symbol} if symbol else {}
    found = run(reads, "stats", _restrictions(intent) | of)
    named, period = found.get("symbol", symbol), intent.period
    if period is None and intent.direction:
        period = Period(MAX_DAYS)
    titles = [named, intent.direction and t(_SIDES[intent.direction]), period and period.title]
    title = ", ".join(one for one in titles if one)
    if not title:
        return Found(_stats(found), ("stats",))
    title = title[0].upper() + title[1:]
    shown = _stats(found) if found["n"] else t("no signal has closed.")
    return Found(f"{title}: {shown}", ("stats",))


def _answer_scores(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    arguments: dict[str, Any] = {"limit": intent.rows or _ROWS}
    arguments |= {"symbol": symbol} if symbol else {}
    arguments |= {"direction": intent.direction} if intent.direction and not symbol else {}
    return Found(_top(run(reads, "top", arguments), intent.direction, symbol), ("top",))


def _answer_signals(reads: Reads, intent: Intent, symbol: str | None) -> Found:
    arguments: dict[str, Any] = {"limit": intent.rows or _ROWS} | _restrictions(intent)
    arguments |= {"symbol": symbol} if symbol else {}
    arguments |= {"status": intent.status} if intent.status else {}
    rows = run(reads, "signals", arguments)["signals"]
    if not rows:
        return Found(_none(intent, symbol), ("signals",))
    what = _what(intent, symbol)
    title = what if intent.status == "open" else t("Newest {what}", what=what)
    title = title[0].upper() + title[1:]
    return Found("\n".join([f"{title}:", *map(_signal, rows)]), ("signals",))


def _what(intent: Intent, symbol: str | None) -> str:
    """Return which signals are meant: `open long signals of BTCUSDT, yesterday (UTC)`."""
    text = t(_SIGNALS[intent.status, intent.direction])
    text += t(" of {name}", name=symbol) if symbol else ""
    return text + (f", {intent.period.title}" if intent.period else "")


def _none(intent: Intent, symbol: str | None) -> str:
    what = _what(intent, symbol)
    return (
        t("There are no {what}.", what=what)
        if intent.period
        else t("There are no {what} yet.", what=what)
    )


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
        t(
            "{at}. {symbol} {side}, score {score} at {price}",
            at=at,
            symbol=row["symbol"],
            side=t(row["direction"] or "no side"),
            score=score(row["score"]),
            price=price(row["price"], row["tick_size"]),
        )
        + ("" if row["warm"] else t(" (warming up)"))
        for at, row in enumerate(found["top"], start=1)
        if row["score"] is not None
    ]
    if not rows and direction and found["top"] == []:
        return t("No symbol leans {side} now.", side=t(direction))
    if not rows and symbol:
        return t("{symbol} has no score yet: the engine is still warming up.", symbol=symbol)
    if not rows:
        return t("No symbol has a score yet: the engine is still warming up.")
    if symbol:
        title = t("Score of {symbol} at {time}:", symbol=symbol, time=found["time"])
    else:
        title = t(_HIGHEST[direction], time=found["time"])
    return "\n".join([title, *rows])


def _signal(row: Mapping[str, Any]) -> str:
    how = t(str(row["status"]).replace("_", " "))
    if row["return_pct_net"] is not None:
        how += t(" {net} net", net=percent(row["return_pct_net"]))
    elif row["status"] == "open" and row["expires"] is not None:
        how += t(" until {time}", time=row["expires"])
    market = "" if row["market"] == "live" else f" [{t(row['market'])}]"
    tick = row["tick_size"]
    levels = t(
        "score {score}, entry {entry}, TP {tp}, SL {sl}",
        score=score(row["score"]),
        entry=price(row["entry_price"], tick),
        tp=price(row["tp_price"], tick),
        sl=price(row["sl_price"], tick),
    )
    title = f"{t(row['direction'])} {row['symbol']} {how}"
    return f"{title}, {levels}, {row['opened']}{market}"


def _explained(row: Mapping[str, Any]) -> str:
    known = {name: value for name, value in row["components"].items() if value is not None}
    parts = ", ".join(
        f"{words(name)} {points(value)}"
        for name, value in sorted(known.items(), key=lambda part: -part[1])
    )
    events = ", ".join(f"{words(event['kind'])} {event['interval']}" for event in row["events"])
    lines = [_signal(row)]
    if parts:
        lines.append(t("Components: {parts}.", parts=parts))
    if events:
        lines.append(t("Events: {events}.", events=events))
    if row["reason"]:
        lines.append(t("Reason: {reason}", reason=reason(row["reason"])))
    return "\n".join(lines)


def _stats(found: Mapping[str, Any]) -> str:
    count = found["n"]
    market = "" if found["market"] in ("live", None) else f" [{t(found['market'])}]"
    if not count:
        none = t("No signal has closed yet; open now: {n}.", n=found["open_signals"])
        return none + market
    closed = counted("{n} closed signal", "{n} closed signals", count, n=count)
    ended = t(
        "{closed}: {wins} won, {losses} lost ({rate} win), {average} net on average, {extremes}.",
        closed=closed + market,
        wins=found["wins"],
        losses=found["losses"],
        rate=score(found["win_rate"]),
        average=percent(found["avg_return"]),
        extremes=_extremes(found),
    )
    parts = [
        ended,
        t("Open now: {n}.", n=found["open_signals"]) if "open_signals" in found else "",
        t("Fewer than 30 signals prove nothing.") if count < 30 else "",
    ]
    return " ".join(filter(None, parts))


def _extremes(found: Mapping[str, Any]) -> str:
    """Return the best and the worst return; of the sums of days, the return in all."""
    if found["best_return"] is None:
        return t("{total} in all", total=percent(found["total_return"]))
    best, worst = percent(found["best_return"]), percent(found["worst_return"])
    return t("best {best}, worst {worst}", best=best, worst=worst)
