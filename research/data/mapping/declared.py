"""A mapping file: which files there are, what their columns mean, in which units.

`mapping.toml` (or `.json`, with the same structure) lies in the folder of the files::

    [[files]]
    match = "{symbol}_{interval}.csv"
    kind = "bars"
    time = { column = "date", unit = "s", at = "open" }
    columns = { open = "o", high = "h", low = "l", close = "c", volume = "v" }
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from research.data.diagnosis import shown
from research.data.errors import DataError
from research.data.rows import COLUMNS, OPTIONAL
from research.data.times import UNITS

NAMES: Final = ("mapping.toml", "mapping.json")
BARS: Final = "bars"
FUNDING: Final = "funding"
INTEREST: Final = "open_interest"
MARK: Final = "mark"
LIQUIDATIONS: Final = "liquidations"
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    BARS: COLUMNS[: OPTIONAL - 1],
    FUNDING: ("value",),
    INTEREST: ("value",),
    MARK: ("value",),
    LIQUIDATIONS: ("side",),
}
"""Columns that each kind has to have; bars also a volume, liquidations also their size."""
ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    **NEEDED,
    BARS: COLUMNS,
    LIQUIDATIONS: ("side", "quantity", "price", "usd"),
}
SIDES: Final = ("SELL", "BUY", "LONG", "SHORT")
ENDINGS: Final = (
    ".csv", ".txt", ".zip", ".feather", ".arrow", ".parquet", ".db", ".sqlite", ".sqlite3",
)  # fmt: skip
_PLACES: Final = ("symbol", "interval")
_HOLE: Final = re.compile(r"\\\{(\w+)\\\}|\\\*")
_LAG: Final = re.compile(r"(\d+)(ms|s|m|h)")
_LAG_MS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
_MAX_LAG_MS: Final = 8_784 * 3_600_000


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """Where the times are, and how they are written."""

    column: str
    unit: str = "ms"
    """`s`, `ms`, `us`, `ns`, or `text` (ISO 8601, or `format`)."""
    zone: str = "UTC"
    """Of times without one: `UTC`, `+07:00`, `Asia/Tokyo`."""
    at_close: bool = False
    format: str = ""


@dataclass(frozen=True)
class Layout:
    """One `[[files]]` of a mapping."""

    match: str
    kind: str
    time: TimeColumn
    columns: Mapping[str, str]
    symbol: str = ""
    """Of all rows; else from `symbol_column`, else from the file's name."""
    symbol_column: str = ""
    symbols: Mapping[str, str] | None = None
    """Symbols by the names that the files have for them."""
    interval: str = ""
    interval_column: str = ""
    only: Mapping[str, Any] | None = None
    """Rows that are read: those with these values."""
    table: str = ""
    header: tuple[str, ...] | None = None
    """Column names of a CSV file without a header; None: the file has them."""
    separator: str = ","
    decimal: str = "."
    known_after_ms: int = 0
    scale: float = 1.0
    long: str = "SELL"
    """The side of an order that closes a long."""
    unbroken: bool = False
    """Of liquidations: the log has every minute from its first row to its last."""
    source: str = ""
    licence: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The files' paths, relative to the mapping's folder; `*` is any part of a name."""
        text = _HOLE.sub(_hole, re.escape(self.match))
        return re.compile(text + r"\Z", re.IGNORECASE)


def _hole(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>[^/]+?)" if found[1] else "[^/]*"


@dataclass(frozen=True, slots=True)
class Declared:
    """A mapping file, and the folder that its paths begin at."""

    file: Path
    folder: Path
    layouts: tuple[Layout, ...]

    def of(self, file: Path) -> tuple[Layout, ...]:
        """Return the layouts that a file has: a database may have one for each table."""
        if file == self.file or file.suffix.lower() not in ENDINGS:
            return ()
        try:
            name = file.relative_to(self.folder).as_posix()
        except ValueError:
            return ()
        return tuple(layout for layout in self.layouts if layout.pattern.match(name))


def declared(file: Path, folder: Path | None = None) -> Declared:
    """Read a mapping file; its paths begin at `folder`, its own by default. Raises DataError."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}). Name a mapping.") from error
    try:
        text = content.decode("utf-8-sig")
        found = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as error:  # of TOML, JSON and UTF-8
        raise DataError(f"{file.name}: no valid TOML or JSON ({error}).") from error
    listed = found.get("files") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not listed or set(found) != {"files"}:
        raise DataError(f"{file.name}: it has to hold [[files]], and nothing beside them.")
    layouts = tuple(
        _Reader(f"{file.name}: files {number}", raw).layout()
        for number, raw in enumerate(listed, 1)
    )
    return Declared(file, folder or file.parent, layouts)


class _Reader:
    """Takes the fields of one layout; each error says where it is, and what is expected."""

    def __init__(self, where: str, raw: Any) -> None:
        self._where = where
        self._raw: dict[str, Any] = dict(self._checked(raw, dict, "it is a table"))

    def layout(self) -> Layout:
        kind = self._choice("kind", tuple(NEEDED))
        match, time = self._text("match"), self._time(kind)
        columns = self._columns(kind)
        symbol, symbol_column = self._constant_or_column("symbol")
        interval, interval_column = self._constant_or_column("interval")
        layout = Layout(
            match, kind, time, columns, symbol, symbol_column, self._texts_by_name("symbols"),
            interval, interval_column, self._only(),
            self._text("table", ""), self._header(), self._character("separator", ","),
            self._character("decimal", "."), self._lag(kind), self._number("scale", 1.0),
            self._choice("long", SIDES, "SELL"), self._flag("unbroken"),
            self._text("source", ""), self._text("licence", ""),
        )  # fmt: skip
        self._done()
        return self._complete(layout)

    def _complete(self, layout: Layout) -> Layout:
        holes = re.findall(r"\{(\w*)\}", layout.match)
        for place in _PLACES if layout.kind == BARS else _PLACES[:1]:
            ways = [getattr(layout, place), getattr(layout, f"{place}_column"), place in holes]
            if sum(map(bool, ways)) != 1:
                raise self._error(
                    f"the {place} has to come from one place: {place} = "
                    f'"{"BTCUSDT" if place == "symbol" else "1h"}", {place} = '
                    f'{{ column = "…" }}, or {{{place}}} in match'
                )
        if unknown := [hole for hole in holes if hole not in _PLACES]:
            raise self._error(f"match has {{{unknown[0]}}}: use {{symbol}}, {{interval}} and *")
        if len(set(holes)) != len(holes):
            raise self._error("match has one of {symbol} and {interval} twice")
        return layout

    def _time(self, kind: str) -> TimeColumn:
        raw: dict[str, Any] | None = self._take(
            "time", dict, None, 'a table, as { column = "date", unit = "ms" }'
        )
        if raw is None:
            raise self._error("time is missing")
        inside = _Reader(f"{self._where}: time", raw)
        column, unit = inside._text("column"), inside._choice("unit", UNITS, "ms")
        zone, form = inside._text("zone", "UTC"), inside._text("format", "")
        at = inside._choice("at", ("open", "close"), "open")
        inside._done()
        if at == "close" and kind != BARS:
            raise inside._error('at = "close" is for bars')
        if form and unit != "text":
            raise inside._error('format is for unit = "text"')
        return TimeColumn(column, unit, zone, at == "close", form)

    def _columns(self, kind: str) -> dict[str, str]:
        columns = self._texts_by_name("columns")
        if columns is None:
            raise self._error("columns is missing")
        if unknown := sorted(columns.keys() - set(ALLOWED[kind])):
            raise self._error(f"no column {unknown[0]!r} in {kind}: {', '.join(ALLOWED[kind])}")
        missing = [name for name in NEEDED[kind] if name not in columns]
        if kind == BARS and not {"volume", "quote_volume"} & columns.keys():
            missing.append("volume (in base currency) or quote_volume")
        if kind == LIQUIDATIONS and not (
            "usd" in columns or {"quantity", "price"} <= columns.keys()
        ):
            missing.append("usd, or quantity and price")
        if missing:
            raise self._error(f"columns has no {missing[0]}")
        return columns

    def _constant_or_column(self, name: str) -> tuple[str, str]:
        raw = self._raw.pop(name, "")
        if isinstance(raw, str):
            return raw, ""
        if isinstance(raw, dict) and set(raw) == {"column"} and isinstance(raw["column"], str):
            return "", raw["column"]
        raise self._error(f'{name} is neither a text nor {{ column = "…" }}')

    def _header(self) -> tuple[str, ...] | None:
        raw: list[Any] | None = self._take("header", list, None, "a list of column names")
        if raw is None:
            return None
        if not raw or not all(isinstance(name, str) for name in raw) or len(set(raw)) != len(raw):
            raise self._error("header is a list of column names, each once")
        return tuple(raw)

    def _only(self) -> dict[str, Any] | None:
        raw: dict[str, Any] | None = self._take("only", dict, None, "a table of values")
        for name, value in (raw or {}).items():
            if not isinstance(value, str | bool | int | float | date):
                raise self._error(
                    f"only: {name} = {shown(value)}: use a text, number, date, true or false"
                )
        return raw

    def _character(self, name: str, default: str) -> str:
        text = self._text(name, default)
        shows = text == "\t" or (text.isprintable() and not text.isalnum() and text != '"')
        if len(text) != 1 or not text.isascii() or not shows:
            raise self._error(f'{name} = {shown(text)}: use one character, as ";" or ","')
        return text

    def _lag(self, kind: str) -> int:
        text = self._text("known_after", "0s")
        found = _LAG.fullmatch(text)
        if found is None:
            raise self._error(f"known_after = {shown(text)}: write it like 5m, 30s or 1h")
        lag = int(found[1]) * _LAG_MS[found[2]]
        if lag and kind in (BARS, FUNDING):
            due = "a bar is known at its end" if kind == BARS else "a rate is paid at its time"
            raise self._error(f"known_after is not for {kind}: {due}")
        if lag > _MAX_LAG_MS:
            raise self._error(f"known_after = {shown(text)}: a year (8784h) at most")
        return lag

    def _number(self, name: str, default: float) -> float:
        value = self._raw.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(f"{name} is no number")
        return float(value)

    def _flag(self, name: str) -> bool:
        return bool(self._take(name, bool, False, "true or false"))

    def _texts_by_name(self, name: str) -> dict[str, str] | None:
        raw: dict[str, Any] | None = self._take(name, dict, None, "a table of texts")
        if raw is not None and not all(isinstance(text, str) for text in raw.values()):
            raise self._error(f"{name} is a table of texts")
        return raw

    def _choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        text = self._text(name, default)
        if text not in choices:
            raise self._error(f"{name} = {shown(text)}: use one of {', '.join(choices)}")
        return text

    def _text(self, name: str, default: str | None = None) -> str:
        found = self._take(name, str, default, "a text")
        if found is None:
            raise self._error(f"{name} is missing")
        return str(found)

    def _take(self, name: str, kind: type, default: Any, what: str) -> Any:
        raw = self._raw.pop(name, default)
        return None if raw is None else self._checked(raw, kind, f"{name} is {what}")

    def _checked(self, raw: Any, kind: type, what: str) -> Any:
        if not isinstance(raw, kind):
            raise self._error(f"{what}, not {shown(raw)}")
        return raw

    def _done(self) -> None:
        if self._raw:
            raise self._error(f"{sorted(self._raw)[0]!r} is unknown")

    def _error(self, why: str) -> DataError:
        return DataError(f"{self._where}: {why}.")
