"""The chat's tools: four queries, the only ones that a model can call.

Names and arguments are written by a model and may contain text of users and symbols, so both are
validated as any other external input. Results are those of the HTTP API, reduced to the fields that
an answer needs, and bounded.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from signalengine.text.symbol_reader import (
    FoundSymbol,
    SymbolError,
    UnknownSymbolError,
    find_symbol,
    read_symbol,
)

from .questions import SIGNAL_ID
from .turns import Tool

MAX_RESULT_CHARS: Final = 6_000
MAX_ROWS: Final = 10
DEFAULT_ROWS: Final = 5
MAX_SYMBOL_CHARS: Final = 60
_TEXT_CHARS: Final = 200


class ToolError(ValueError):
    """A call that cannot be made; the text is returned to the model."""


class Reads(Protocol):
    """The port: the queries of the HTTP API, so that both give the same answers."""

    def symbols(self) -> dict[str, Any]: ...

    def top(self, limit: int = ...) -> dict[str, Any]: ...

    def signals(self, symbol: str | None = None, limit: int = ...) -> dict[str, Any]: ...

    def stats(self) -> dict[str, Any]: ...

    def signal(self, signal_id: str) -> dict[str, Any] | None:
        """Return at least the signal and the decision of `GET /signals/{signal_id}`."""
        ...


def _schema(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


_LIMIT: Final = {"type": "integer", "minimum": 1, "maximum": MAX_ROWS}
TOOLS: Final = (
    Tool(
        "top",
        "Scores of the followed symbols right now, best first: what is trending, long or short.",
        _schema(limit=_LIMIT),
    ),
    Tool(
        "signals",
        "The newest signals, open and closed, with their returns; of one symbol if given.",
        _schema(symbol={"type": "string", "description": "Like BTCUSDT"}, limit=_LIMIT),
    ),
    Tool("stats", "How closed signals have ended so far: win rate, returns.", _schema()),
    Tool(
        "explain",
        "Why a signal opened: component scores, events, reason. Give an id, or a symbol for its "
        "newest signal.",
        _schema(
            signal_id={"type": "string", "description": "24 hex digits"},
            symbol={"type": "string", "description": "Like BTCUSDT"},
        ),
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
    if key == "limit":
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            value = int(value[:4])  # small models write numbers as text
        if not _is_number(value) or value < 1:
            raise ToolError(f"limit: expected a whole number from 1 to {MAX_ROWS}")
        return int(min(value, MAX_ROWS))
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
    found = reads.top(arguments.get("limit", DEFAULT_ROWS))
    return {
        "time": moment(found["time"]),
        "scores_are": "0 to 1, of closed bars; not a forecast",
        "top": [_top_row(row) for row in found["top"][:MAX_ROWS]],
    }


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
    if "symbol" in arguments:
        _, rows = signals_of(reads, arguments["symbol"], limit)
    else:
        rows = reads.signals(None, limit)["signals"]
    return {"signals": [signal_row(row) for row in rows[:MAX_ROWS]]}


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


def _stats(reads: Reads, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in reads.stats().items() if _is_plain(value)}


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
