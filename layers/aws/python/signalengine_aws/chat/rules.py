"""The chat without a language model: the words of a question select a query and its answer.

Pure but for the queries.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine.text.formatting import percent, points, price, score
from signalengine.text.symbol_mentions import Mention, mentioned

from .tools import Reads, ToolError, run

_ID: Final = re.compile(r"\b[0-9a-f]{24}\b")
_WORD: Final = re.compile(r"[a-z0-9]+")
_EXPLAIN: Final = frozenset({"why", "explain", "reason", "because"})
_STATS: Final = frozenset(
    {"stats", "statistics", "performance", "performing", "win", "winrate", "rate", "profit",
     "profitable", "results", "return", "returns", "record", "track"}
)  # fmt: skip
_SIGNALS: Final = frozenset(
    {"signal", "signals", "latest", "recent", "newest", "last", "open", "opened", "closed"}
)
_TOP: Final = frozenset(
    {"top", "trending", "trend", "best", "hot", "strongest", "tokens", "token", "coins", "coin",
     "futures", "market", "markets", "long", "short", "buy", "sell", "score", "scores"}
)  # fmt: skip
_ROWS: Final = 5
HELP: Final = (
    "I can tell what scores highest now (“What's trending?”), the newest signals (“latest "
    "signals”, “signals of BTCUSDT”), how signals have ended (“win rate”) and why one opened "
    "(“why BTCUSDT”)."
)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer in plain text, and the tools that it used."""

    text: str
    used: tuple[str, ...] = ()


def answer(reads: Reads, message: str) -> Found:
    """Return the answer to a message by its words; raises TransientError or PermanentError."""
    words = set(_WORD.findall(message.lower()))
    known = _ID.search(message.lower())
    mention = Mention() if known else mentioned(message, reads.symbols()["symbols"])
    symbol = mention.text
    try:
        if known or (words & _EXPLAIN and symbol):
            arguments = {"signal_id": known[0]} if known else {"symbol": symbol}
            explained = _explained(run(reads, "explain", arguments))
            return _noted(Found(explained, ("explain",)), mention)
        if words & _STATS and not symbol:
            return Found(_stats(run(reads, "stats", None)), ("stats",))
        if symbol or words & _SIGNALS:
            return _noted(_signals(reads, symbol), mention)
    except ToolError as error:
        return Found(f"I found nothing: {error}.")
    if words & _TOP:
        return Found(_top(run(reads, "top", {"limit": _ROWS})), ("top",))
    return Found(HELP)


def _noted(answer: Found, mention: Mention) -> Found:
    """Add to an answer which other symbols could have been meant."""
    note = None if mention.found is None else mention.found.note
    return answer if note is None else Found(f"{answer.text}\n{note}", answer.used)


def _top(found: Mapping[str, Any]) -> str:
    rows = [
        f"{at}. {row['symbol']} {row['direction'] or 'no side'}, score {score(row['score'])} "
        f"at {price(row['price'], row['tick_size'])}" + ("" if row["warm"] else " (warming up)")
        for at, row in enumerate(found["top"], start=1)
        if row["score"] is not None
    ]
    if not rows:
        return "No symbol has a score yet: the engine is still warming up."
    return "\n".join([f"Highest scores at {found['time']}:", *rows])


def _signals(reads: Reads, symbol: str | None) -> Found:
    arguments = {"limit": _ROWS} | ({"symbol": symbol} if symbol else {})
    rows = run(reads, "signals", arguments)["signals"]
    of = f" of {symbol}" if symbol else ""
    if not rows:
        return Found(f"There are no signals{of} yet.", ("signals",))
    lines = [_signal(row) for row in rows]
    return Found("\n".join([f"Newest signals{of}:", *lines]), ("signals",))


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
    return (
        f"{count} closed signals{label}: {found['wins']} won, {found['losses']} lost "
        f"({score(found['win_rate'])} win), {percent(found['avg_return'])} net on average, "
        f"best {percent(found['best_return'])}, worst {percent(found['worst_return'])}. "
        f"Open now: {found['open_signals']}."
        + (" Fewer than 30 signals prove nothing." if count < 30 else "")
    )
