"""Request parameters: each is declared once, which parses, validates and documents it.

The OpenAPI document is made of the same declarations, so the two cannot differ.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from signalengine.facts.symbols import PATTERN, is_symbol
from signalengine.text.symbol_reader import read_symbol
from signalengine.text.time_reader import check_period, read_day, read_time

from ..runtime.strict_json import read_json
from ..stores.pagination import Place
from ..stores.strategies import CLASSIC

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
TOP_LIMIT: Final = 10
EVENTS_LIMIT: Final = 100
BARS_LIMIT: Final = 500
CHART_LIMIT: Final = 300
MAX_DIGITS: Final = 8
MAX_NUMBER_CHARS: Final = 32
"""Of a decimal number: the longest that a program writes for a double has 24."""
MAX_CURSOR_CHARS: Final = 200
MAX_CHOSEN_CHARS: Final = 200
LATEST_MS: Final = 10**14
_NAME: Final = re.compile(PATTERN)
_NUMBER: Final = r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
"""Compiled when the first one is read, not at a cold start."""
SIGNAL_ID: Final = re.compile(r"[0-9a-f]{24}")
_FOREIGN: Final = "cursor: not of this list; pass it with the parameters of the page before"
SET: Final = re.compile(r"[a-z0-9_]{1,40}(@[a-z0-9_]{1,40})?")
_DIGEST: Final = re.compile(r"[0-9a-f]{12}")


class QueryError(ValueError):
    """An invalid parameter; the text is for the caller and begins with the parameter's name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a request."""

    name: str
    about: str
    read: Callable[[str], Any]
    """Parses the text; raises ValueError with what was expected."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    default: Any = None
    required: bool = False
    place: Literal["query", "path"] = "query"
    argument: str = ""
    """Name of the value in Python, where it differs from `name`."""

    def value(self, given: Mapping[str, str]) -> Any:
        """Return the value in a request's parameters; raises QueryError."""
        text = given.get(self.name)
        if text is None:
            if self.required:
                raise QueryError(f"{self.name}: required")
            return self.default
        try:
            return self.read(text)
        except ValueError as error:
            raise QueryError(f"{self.name}: {error}") from None


def read_all(parameters: Iterable[Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """Return all values by argument; raises QueryError, also for an undeclared parameter."""
    declared = list(parameters)
    unknown = given.keys() - {parameter.name for parameter in declared}
    if unknown:
        # repr: control characters of the caller are escaped
        raise QueryError(f"{min(unknown)[:40]!r}: no such parameter here")
    values = {(one.argument or one.name): one.value(given) for one in declared}
    try:
        check_period(values.get("start"), values.get("end"))
    except ValueError as error:
        raise QueryError(str(error)) from None
    return values


# --- kinds of parameters -------------------------------------------------------------------------


def whole(name: str, about: str, *, low: int, high: int, default: int | None = None) -> Parameter:
    """A whole number from `low` to `high`."""

    def read(text: str) -> int:
        # its length is bounded, zeros in front included; int() is slow on long text
        digits = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
        if not digits or not low <= (number := int(text)) <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return number

    schema = {"type": "integer", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return Parameter(name, about, read, schema, default)


def decimal(name: str, about: str, *, low: float, high: float, argument: str = "") -> Parameter:
    """A number from `low` to `high`, written as JSON writes numbers."""

    def read(text: str) -> float:
        # float() reads more than this, such as 1_0 and nan
        written = len(text) <= MAX_NUMBER_CHARS and re.fullmatch(_NUMBER, text)
        if not written or not low <= (number := float(text)) <= high:
            raise ValueError(f"expected a number from {low:g} to {high:g}")
        return number

    schema = {"type": "number", "minimum": low, "maximum": high}
    return Parameter(name, about, read, schema, argument=argument)


def limit(default: int = DEFAULT_LIMIT, high: int = MAX_LIMIT) -> Parameter:
    return whole("limit", "Rows of a page", low=1, high=high, default=default)


def choice(
    name: str, about: str, values: Iterable[str], default: str | None = None, argument: str = ""
) -> Parameter:
    """One of `values`."""
    known = tuple(values)

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"expected one of {', '.join(known)}")
        return text

    schema: dict[str, Any] = {"type": "string", "enum": list(known)}
    if default is not None:
        schema["default"] = default
    return Parameter(name, about, read, schema, default, argument=argument)


def several(name: str, about: str, values: Iterable[str], default: Iterable[str]) -> Parameter:
    """Any of `values`, separated by commas; each once, in the order of `values`."""
    known, usual = tuple(values), tuple(default)

    def read(text: str) -> tuple[str, ...]:
        given = text.split(",") if text and len(text) <= MAX_CHOSEN_CHARS else [""]
        if text and not set(given) <= set(known):
            raise ValueError(f"expected some of {', '.join(known)}, separated by commas")
        return tuple(one for one in known if one in given)

    pattern = f"^(({'|'.join(known)})(,({'|'.join(known)})){{0,{len(known) - 1}}})?$"
    schema = {"type": "string", "pattern": pattern, "default": ",".join(usual)}
    return Parameter(name, about, read, schema, usual)


def symbol(*, required: bool = False) -> Parameter:
    """A symbol, in any spelling that needs no list of symbols."""
    about = "A symbol; also written like btc/usdt, or btc: then in USDT"
    schema = {"type": "string", "minLength": 1, "maxLength": 60, "examples": ["BTCUSDT"]}
    return Parameter("symbol", about, read_symbol, schema, required=required)


def matching(
    name: str, about: str, pattern: re.Pattern[str], expected: str, **more: Any
) -> Parameter:
    """Text that matches a pattern; `expected` describes it in the error."""

    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"expected {expected}")
        return text

    return Parameter(
        name, about, read, {"type": "string", "pattern": f"^{pattern.pattern}$"}, **more
    )


def signal_id() -> Parameter:
    expected = "24 hex digits"
    return matching("signal_id", "A signal's id", SIGNAL_ID, expected, required=True, place="path")


def policy() -> Parameter:
    return matching("policy", "Digest of a policy", _DIGEST, "12 hex digits")


def strategy() -> Parameter:
    about = "Only this parameter set, like classic or donchian@fast; with what it did in shadow"
    return matching("strategy", about, SET, "a strategy, or strategy@set")


def set_name() -> Parameter:
    expected = "a strategy, or strategy@set"
    return matching("name", "A parameter set", SET, expected, required=True, place="path")


def shadow() -> Parameter:
    about = "Also what is in shadow: decided and settled, never published"
    read = choice("shadow", about, ("true", "false"))
    schema = {"type": "boolean", "default": False}
    return replace(read, read=lambda text: read.read(text) == "true", schema=schema, default=False)


def sets() -> tuple[Parameter, Parameter]:
    """Two parameters, `strategy` and `shadow`."""
    return strategy(), shadow()


def day() -> Parameter:
    """A UTC day."""
    return Parameter("day", "A UTC day", read_day, DATE)


def start() -> Parameter:
    about = "Not before this time: ms, a UTC day, or an ISO 8601 time (UTC without an offset)"
    return Parameter("from", about, read_time, TIME, argument="start")


def end() -> Parameter:
    return Parameter("to", "Before this time, like `from`", read_time, TIME, argument="end")


def period() -> tuple[Parameter, Parameter]:
    """Two parameters, `from` and `to`."""
    return start(), end()


_MONTH_AND_DAY: Final = "(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_MINUTES: Final = ":[0-5][0-9]"
DATE: Final = {
    "type": "string",
    "format": "date",
    "pattern": f"^(19[7-9][0-9]|20[0-9][0-9])-{_MONTH_AND_DAY}$",
}
_INSTANT: Final = (  # not of the first and the last year: its offset may lead out of them
    f"^(197[1-9]|19[89][0-9]|20[0-8][0-9]|209[0-8])-{_MONTH_AND_DAY}"
    f"T([01][0-9]|2[0-3]){_MINUTES}{_MINUTES}([.][0-9]{{1,6}})?(Z|[+-](0[0-9]|1[0-3]){_MINUTES})$"
)
TIME: Final = {
    "type": "string",
    "examples": ["2025-05-19", "2025-05-19T12:00Z"],
    "anyOf": [
        {"type": "string", "pattern": "^(0|[123][0-9]{12})$"},
        DATE,
        {"type": "string", "format": "date-time", "pattern": _INSTANT},
    ],
}
"""The forms that programs write; more of them are read."""


# --- cursors -------------------------------------------------------------------------------------


def cursor() -> Parameter:
    about = "The `cursor` of the page before, unchanged"
    schema = {"type": "string", "maxLength": MAX_CURSOR_CHARS}
    return Parameter("cursor", about, read_cursor, schema)


def write_cursor(place: Place | None) -> str | None:
    """Return the opaque form of a place; None at a list's end."""
    if place is None:
        return None
    values = [place.time, place.name, place.skip, place.strategy]
    if not place.strategy:
        del values[-1]
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode()


def read_cursor(text: str) -> Place:
    """Read what `write_cursor` wrote; raises ValueError."""
    if len(text) > MAX_CURSOR_CHARS:
        raise ValueError("not one of ours")
    try:
        match read_json(_decoded(text)):
            case [int(time), str() | None as name, int(skip)] if _plausible(time, name, skip):
                return Place(time, name, skip)
            case [int(time), str() as name, int(skip), str() as strategy] if (
                _plausible(time, name, skip)
                and SET.fullmatch(strategy)
                and strategy != CLASSIC.name
            ):
                return Place(time, name, skip, strategy)
    except ValueError:
        pass  # rejected below
    raise ValueError("not one of ours")


def _decoded(text: str) -> str:
    raw = urlsafe_b64decode(text.encode("ascii"))
    if urlsafe_b64encode(raw).decode() != text:
        raise ValueError("not base64: the decoder passes over other characters")
    return raw.decode()


def _plausible(time: int, name: str | None, skip: int) -> bool:
    whole_numbers = not isinstance(time, bool) and not isinstance(skip, bool)
    known = name is None or bool(_NAME.fullmatch(name))  # a symbol, or a signal's id
    possible = skip == 0 or name is not None  # rows of an item are skipped, and it has a name
    return whole_numbers and 0 <= time < LATEST_MS and 0 <= skip < 100 and known and possible


def check_cursor(
    cursor: Place | None,
    *,
    symbol: str | None = None,
    end: int | None = None,
    skips: bool = False,
) -> None:
    """Refuse a cursor that no page of a list by symbol and time has; raises QueryError.

    Only the list of events has `skips`. DynamoDB refuses a key of another partition itself, but
    as a failure of the query, and a skipped item would be read past the filter. A place before the
    list's start is none of another list: the start moves on where it is relative to now.
    """
    if cursor is None:
        return
    name = cursor.name
    another = name is not None and (not is_symbol(name) or symbol not in (None, name))
    if another or (cursor.skip and not skips) or not _before(cursor, end):
        raise QueryError(_FOREIGN)


def check_signal_cursor(cursor: Place | None, end: int | None) -> None:
    """Refuse a cursor that no page of signals has; raises QueryError."""
    if cursor is None:
        return
    another = cursor.name is not None and not SIGNAL_ID.fullmatch(cursor.name)
    if another or cursor.skip or not _before(cursor, end):
        raise QueryError(_FOREIGN)


def _before(cursor: Place, end: int | None) -> bool:
    return end is None or cursor.time < end
