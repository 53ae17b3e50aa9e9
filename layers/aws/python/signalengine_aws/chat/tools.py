"""The chat's tools: four queries, the only ones that a model can call.

Names and arguments are written by a model and may contain text of users and symbols, so both are
validated as any other external input. Results are those of the HTTP API, reduced to the fields that
an answer needs, and bounded.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol

from signalengine.signals import DIRECTIONS, Direction
from signalengine.text.symbol_reader import (
    FoundSymbol,
    SymbolError,
    UnknownSymbolError,
    find_symbol,
    read_symbol,
)

from .periods import MAX_DAYS
from .questions import SIGNAL_ID
from .turns import Tool

MAX_RESULT_CHARS: Final = 6_000
MAX_ROWS: Final = 10
DEFAULT_ROWS: Final = 5
MAX_SCORED: Final = 1_000
"""More than the symbols that a stack follows."""
MAX_SYMBOL_CHARS: Final = 60
_TEXT_CHARS: Final = 200


_NUMBERS: Final = {"limit": (1, MAX_ROWS), "days": (1, MAX_DAYS), "days_ago": (0, MAX_DAYS)}
"""Arguments that are whole numbers, with their least and greatest."""
_CHOICES: Final = {"direction": DIRECTIONS, "status": ("open", "closed")}
LATEST: Final = frozenset({"latest", "newest", "last"})
"""Words in place of a symbol for the newest signal of all."""


class ToolError(ValueError):
    """A call that cannot be made; the text is returned to the model."""


class Reads(Protocol):
    """The port: the queries of the HTTP API, so that both give the same answers."""

    def symbols(self) -> dict[str, Any]: ...

    def top(self, limit: int = ...) -> dict[str, Any]: ...

    def signals(
        self,
        symbol: str | None = None,
        limit: int = ...,
        *,
        direction: Direction | None = ...,
        status: str | None = ...,
        days: int | None = ...,
        days_ago: int = ...,
    ) -> dict[str, Any]:
        """Return the newest signals; with `days` those that opened on some UTC days."""
        ...

    def today(self) -> date:
        """Return the market's current UTC day."""
        ...

    def stats(self) -> dict[str, Any]: ...

    def performance_stats(self) -> dict[str, Any]: ...

    def stats_of_days(
        self,
        days: int,
        days_ago: int = ...,
        symbol: str | None = ...,
        direction: Direction | None = ...,
    ) -> dict[str, Any]:
        """Return the statistics of some UTC days, as `stats` for what they have in common."""
        ...

    def signal(self, signal_id: str) -> dict[str, Any] | None:
        """Return at least the signal and the decision of `GET /signals/{signal_id}`."""
        ...


def _schema(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _whole(low: int, high: int, about: str | None = None) -> Mapping[str, Any]:
    described = {} if about is None else {"description": about}
    return {"type": "integer", "minimum": low, "maximum": high} | described


_LIMIT: Final = _whole(1, MAX_ROWS)
_SYMBOL: Final = {"type": "string", "description": "Like BTCUSDT"}
_SIDE: Final = {"type": "string", "enum": list(DIRECTIONS)}
_STATUS: Final = {"type": "string", "enum": ["open", "closed"]}
_PERIOD: Final = {
    "days": _whole(1, MAX_DAYS, "How many UTC days; without it all"),
    "days_ago": _whole(0, MAX_DAYS, "Where they end: 0 today, 1 yesterday"),
}
TOOLS: Final = (
    Tool(
        "top",
        "Scores and prices of the followed symbols right now, best first: what is trending, long "
        "or short; of one symbol or side if given.",
        _schema(limit=_LIMIT, symbol=_SYMBOL, direction=_SIDE),
    ),
    Tool(
        "signals",
        "The newest signals, open and closed, with their returns; of one symbol, side or status, "
        "or opened on some UTC days, if given.",
        _schema(symbol=_SYMBOL, limit=_LIMIT, direction=_SIDE, status=_STATUS, **_PERIOD),
    ),
    Tool(
        "stats",
        "How closed signals have ended: win rate, returns; so far or of some UTC days, of all "
        "symbols or of one, of both sides or of one.",
        _schema(symbol=_SYMBOL, direction=_SIDE, **_PERIOD),
    ),
    Tool(
        "explain",
        "Why a signal opened: component scores, events, reason. Give an id, a symbol for its "
        "newest signal, or `latest` as the symbol for the newest of all.",
        _schema(signal_id={"type": "string", "description": "24 hex digits"}, symbol=_SYMBOL),
    ),
)
NAMES: Final = frozenset(tool.name for tool in TOOLS)


def run(reads: Reads, name: str, arguments: Any) -> dict[str, Any]:
    """Return a tool's result; raises ToolError, and TransientError or PermanentError of AWS."""
    if name not in _RUNS:
        raise ToolError(f"there is no such tool; there are {', '.join(sorted(NAMES))}")
    return _RUNS[name](reads, checked(name, arguments))


def framed(name: str, data: Mapping[str, Any]) -> str:
    """Return a result as JSON for a model, marked as data and bounded in length."""
    text = json.dumps({"tool": name, "data": data}, separators=(",", ":"), allow_nan=False)
    if len(text) <= MAX_RESULT_CHARS:
        return text
    return json.dumps({"tool": name, "data": {"error": "the result is too long: ask for less"}})


def checked(name: str, arguments: Any) -> dict[str, Any]:
    """Return a tool's arguments, checked; raises ToolError with what is wrong."""
    (tool,) = (tool for tool in TOOLS if tool.name == name)
    given = {} if arguments is None else arguments
    if not isinstance(given, Mapping):
        raise ToolError("arguments: expected an object")
    properties = tool.parameters["properties"]
    if set(given) - set(properties):
        raise ToolError(f"{name} takes only {', '.join(properties) or 'no arguments'}")
    return {key: _checked(key, value) for key, value in given.items() if value not in (None, "")}


def _checked(key: str, value: Any) -> Any:
    if key in _NUMBERS:
        low, high = _NUMBERS[key]
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            value = int(value[:4])  # small models write numbers as text
        if not _is_number(value) or value < low:
            raise ToolError(f"{key}: expected a whole number from {low} to {high}")
        return int(min(value, high))
    if key in _CHOICES and value not in _CHOICES[key]:
        raise ToolError(f"{key}: expected {' or '.join(_CHOICES[key])}")
    if not isinstance(value, str) or len(value) > MAX_SYMBOL_CHARS:
        raise ToolError(f"{key}: expected text")
    if key == "signal_id" and not SIGNAL_ID.fullmatch(value):
        raise ToolError(f"{key}: not one of ours")
    return value


def _is_number(value: Any) -> bool:
    """Return whether a value is a finite number: `1e999` is valid JSON and read as infinity."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


# --- the four queries ----------------------------------------------------------------------------


def _top(reads: Reads, arguments: Mapping[str, Any]) -> dict[str, Any]:
    limit = arguments.get("limit", DEFAULT_ROWS)
    symbol, side = _followed(reads, arguments), arguments.get("direction")
    some = symbol is not None or side is not None
    found = reads.top(MAX_SCORED if some else limit)
    rows = [
        row
        for row in found["top"]
        if symbol in (None, row["symbol"]) and side in (None, row["direction"])
    ]
    return {
        "time": moment(found["time"]),
        "scores_are": "0 to 1, of closed bars; not a forecast",
        "top": [_top_row(row) for row in rows[: min(limit, MAX_ROWS)]],
    }


def _followed(reads: Reads, arguments: Mapping[str, Any]) -> str | None:
    """Return the followed symbol that the arguments name, None without one."""
    if "symbol" not in arguments:
        return None
    try:
        return find_symbol(arguments["symbol"], reads.symbols()["symbols"]).symbol
    except SymbolError as error:
        raise ToolError(str(error)) from None


def _top_row(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = ("symbol", "direction", "price", "tick_size", "missing", "warm")
    scores = ("score", "long_score", "short_score")
    return (
        {name: row.get(name) for name in fields}
        | {name: _rounded(row.get(name)) for name in scores}
        | {"components": _components(row.get("components"))}
    )


def _signals(reads: Reads, arguments: Mapping[str, Any]) -> dict[str, Any]:
    limit = arguments.get("limit", DEFAULT_ROWS)
    only = {key: arguments[key] for key in ("direction", "status") if key in arguments} | _days(
        arguments
    )
    if "symbol" in arguments:
        found, rows = signals_of(reads, arguments["symbol"], 1 if only else limit)
        if only:
            rows = reads.signals(found.symbol, limit, **only)["signals"]
    else:
        rows = reads.signals(None, limit, **only)["signals"]
    return {"signals": [signal_row(row) for row in rows[:MAX_ROWS]]}


def _days(arguments: Mapping[str, Any]) -> dict[str, int]:
    """Return the period of the arguments; empty without one."""
    if not {"days", "days_ago"} & set(arguments):
        return {}
    return {"days": arguments.get("days", 1), "days_ago": arguments.get("days_ago", 0)}


def signals_of(reads: Reads, text: str, limit: int) -> tuple[FoundSymbol, list[dict[str, Any]]]:
    """Return the symbol that a text names, and its newest signals.

    A symbol that is not followed any more still has its signals; without any, it raises ToolError.
    """
    try:
        found = find_symbol(text, reads.symbols()["symbols"])
    except UnknownSymbolError as error:
        found = FoundSymbol(_once_followed(text))
        rows = reads.signals(found.symbol, limit)["signals"]
        if not rows:
            raise ToolError(str(error)) from None
        return found, rows
    except SymbolError as error:
        raise ToolError(str(error)) from None
    return found, reads.signals(found.symbol, limit)["signals"]


def _once_followed(text: str) -> str:
    try:
        return read_symbol(text)
    except SymbolError as error:
        raise ToolError(str(error)) from None


def _stats(reads: Reads, arguments: Mapping[str, Any]) -> dict[str, Any]:
    symbol, market = None, None
    if "symbol" in arguments:
        named, rows = signals_of(reads, arguments["symbol"], 1)
        symbol, market = named.symbol, rows[0]["market"] if rows else None
    period, side = _days(arguments), arguments.get("direction")
    if period or side:  # sums of all time are not by side
        period = period or {"days": MAX_DAYS, "days_ago": 0}
        found = reads.stats_of_days(**period, symbol=symbol, direction=side)
    elif symbol is not None:
        row = reads.performance_stats().get(symbol, {"total_signals": 0})
        found = dict(row) | {"n": row["total_signals"], "market": market}
    else:
        found = reads.stats()
    of = {} if symbol is None else {"symbol": symbol}
    return of | {key: value for key, value in found.items() if _is_plain(value)}


def _explain(reads: Reads, arguments: Mapping[str, Any]) -> dict[str, Any]:
    known = arguments.get("signal_id") or _newest(reads, arguments)
    found = reads.signal(known)
    if found is None:
        raise ToolError("there is no such signal")
    row, decision = found["signal"], found.get("decision") or {}
    return signal_row(row) | {
        "components": _components(row["components"]),
        "missing": row["missing"],
        "events": [
            {key: event[key] for key in ("kind", "interval", "direction")}
            for event in row["events"][:MAX_ROWS]
        ],
        "reason": _text(decision.get("reason")),
        "policy_digest": row["policy_digest"],
    }


def _newest(reads: Reads, arguments: Mapping[str, Any]) -> str:
    if "symbol" not in arguments:
        raise ToolError("explain needs a signal_id or a symbol")
    if arguments["symbol"].strip().lower() in LATEST:
        rows = reads.signals(None, 1)["signals"]
        if not rows:
            raise ToolError("there are no signals yet")
        return str(rows[0]["id"])
    symbol, rows = signals_of(reads, arguments["symbol"], 1)
    if not rows:
        raise ToolError(f"there is no signal of {symbol.symbol}")
    return str(rows[0]["id"])


_RUNS: Final[Mapping[str, Callable[[Reads, Mapping[str, Any]], dict[str, Any]]]] = {
    "top": _top,
    "signals": _signals,
    "stats": _stats,
    "explain": _explain,
}


def signal_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a signal's public form that an answer needs."""
    fields = (
        "id",
        "symbol",
        "direction",
        "status",
        "market",
        "entry_price",
        "tp_price",
        "sl_price",
    )
    return {name: row[name] for name in fields} | {
        "tick_size": row.get("tick_size"),
        "score": _rounded(row["score"]),
        "opened": moment(row["close_time"]),
        "expires": moment(row.get("expires_at")),
        "return_pct_net": _rounded(row["return_pct"]),
    }


def moment(ms: Any) -> str | None:
    """Return a time in ms as people and models read it."""
    if not isinstance(ms, int | float):
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _components(values: Any) -> dict[str, Any]:
    return {name: _rounded(value) for name, value in (values or {}).items()}


def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def _text(value: Any) -> str | None:
    return value[:_TEXT_CHARS] if isinstance(value, str) else None


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, int | float | str)
