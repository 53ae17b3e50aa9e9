"""The rows of one symbol in a mapped file: bars, steps beside them, or liquidations."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from signalengine.intervals import INTERVAL_MS, MINUTE_MS
from signalengine.text.symbol_reader import SymbolError, read_symbol

from research.data.diagnosis import shown
from research.data.errors import DataError
from research.data.repairs import Repair
from research.data.rows import COLUMNS, Rows, noted
from research.data.series import Floats, Liquidations, Times
from research.data.tables import Table

from .contents import NO_ROW, content_of, is_database, names_of
from .declared import BARS, INTEREST, MARK, SIDES, Declared, Layout
from .demanded import demanded
from .times import opened, times_of


class MappedFile:
    """A file in one layout; it is read once, when its rows are first needed."""

    def __init__(self, path: Path, layout: Layout, folder: Path) -> None:
        self.path, self.layout = path, layout
        found = layout.pattern.match(path.relative_to(folder).as_posix())
        self._named = {} if found is None else found.groupdict()

    @cached_property
    def table(self) -> Table:
        """The rows that the layout reads; raises DataError."""
        table = content_of(self.path, self.layout)
        for name in names_of(self.layout):
            table.column(name)  # raises, naming what there is
        if is_database(self.path):  # which has compared already
            return table
        rows = demanded(table, self.layout)
        if not rows.any():
            raise DataError(f"{self.path.name}: {NO_ROW}")
        return table if rows.all() else table.only(np.flatnonzero(rows))

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], Times]:
        """The numbers of the rows of each symbol and interval ("" where it has none)."""
        layout = self.layout
        interval = layout.interval or self._named.get("interval", "")
        name = layout.symbol or self._named.get("symbol", "")
        if not layout.symbol_column and not layout.interval_column:  # the file is not read
            return {(self._symbol(name), self._interval(interval)): np.empty(0, dtype=np.int64)}
        count = len(self.table)
        symbols = self._texts(layout.symbol_column) if layout.symbol_column else [name] * count
        intervals = self._texts(layout.interval_column) if layout.interval_column else None
        pairs = list(zip(symbols, intervals or [interval] * count, strict=True))
        found: dict[tuple[str, str], list[int]] = {}
        for row, pair in enumerate(pairs):
            found.setdefault(pair, []).append(row)
        known: dict[tuple[str, str], Times] = {}
        for (symbol, length), numbers in found.items():
            key = (self._symbol(symbol, numbers[0]), self._interval(length, numbers[0]))
            before = known.get(key, np.empty(0, dtype=np.int64))
            known[key] = np.sort(np.concatenate([before, np.array(numbers, dtype=np.int64)]))
        return known

    def parts(self) -> "list[Part]":
        """Return a part for each symbol and interval; raises DataError."""
        return [Part(self, symbol, interval) for symbol, interval in self.rows]

    def of(self, symbol: str, interval: str) -> Table:
        """Return the rows of a symbol and interval."""
        rows = self.rows[symbol, interval]
        return self.table.only(rows) if len(rows) else self.table

    def _texts(self, name: str) -> list[str]:
        return self.table.texts(name)

    def _symbol(self, text: str, row: int | None = None) -> str:
        renamed = (self.layout.symbols or {}).get(text, text)
        try:
            return read_symbol(renamed)
        except SymbolError as error:
            raise DataError(
                f"{self._place(row)}: {error}. Name it in the mapping: "
                f'symbols = {{ {shown(text)} = "BTCUSDT" }}, or correct match.'
            ) from error

    def _interval(self, text: str, row: int | None = None) -> str:
        if self.layout.kind != BARS or text in INTERVAL_MS:
            return text
        if text.lower() in INTERVAL_MS:
            return text.lower()
        raise DataError(
            f"{self._place(row)}: interval {shown(text)}: use one of {', '.join(INTERVAL_MS)}, or "
            "read other rows: only = { … } in the mapping."
        )

    def _place(self, row: int | None) -> str:
        return self.path.name if row is None else self.table.place(row)


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one symbol in a mapped file."""

    file: MappedFile
    symbol: str
    interval: str

    @property
    def name(self) -> str:
        return self.file.path.name

    @property
    def layout(self) -> Layout:
        return self.file.layout

    def table(self) -> Table:
        """Return the rows; raises DataError."""
        return self.file.of(self.symbol, self.interval)

    def times(self, table: Table) -> Times:
        """Return when each row's bar opens, or when what it has was known, in ms."""
        layout = self.layout
        if layout.kind == BARS:
            found = times_of(table, layout.time)
            return opened(found, INTERVAL_MS[self.interval], at_close=layout.time.at_close)
        known = layout.kind in (INTEREST, MARK)
        return times_of(table, layout.time, up=known) + layout.known_after_ms

    def bars(self, table: Table, times: Times) -> Rows:
        """Return the bars, in the file's order.

        Where only the volume in quote currency is known, that in base currency is estimated by the
        bar's mean price, and noted as such.
        """
        named = self.layout.columns
        columns = {name: table.floats(column) for name, column in named.items()}
        repairs: tuple[Repair, ...] = ()
        if "volume" not in columns:
            price = (columns["high"] + columns["low"] + columns["close"]) / 3.0
            columns["volume"] = columns["quote_volume"] / np.where(price > 0.0, price, np.nan)
            repairs = (noted("estimated", "volume", times),)
        unknown = np.full(len(times), np.nan)
        return Rows(times, np.stack([columns.get(name, unknown) for name in COLUMNS]), repairs)

    def values(self, table: Table) -> Floats:
        """Return the values of steps; NaN is unknown."""
        values = table.floats(self.layout.columns["value"], gaps=True)
        return values if self.layout.scale == 1.0 else values * self.layout.scale

    def liquidations(self) -> Liquidations:
        """Return the USD of each minute that has orders.

        Of a log that is declared unbroken also the minutes between without any, as 0; its first
        and last minute are cut, and left out.
        """
        table = self.table()
        minutes = self.times(table) // MINUTE_MS * MINUTE_MS
        longs = self._longs(table)
        usd = self._usd(table)
        known, place = np.unique(minutes, return_inverse=True)
        sums = [
            np.bincount(place, weights=np.where(side, usd, 0.0)).astype(np.float64)
            for side in (longs, ~longs)
        ]
        if not self.layout.unbroken:
            return Liquidations(known, sums[0], sums[1])
        every = self.times(self.file.table) // MINUTE_MS * MINUTE_MS
        span = np.arange(every.min() + MINUTE_MS, every.max(), MINUTE_MS, dtype=np.int64)
        inside = np.isin(known, span)
        at = np.searchsorted(span, known[inside])
        filled = [np.zeros(len(span)) for _ in sums]
        for column, total in zip(filled, sums, strict=True):
            column[at] = total[inside]
        return Liquidations(span, filled[0], filled[1])

    def _longs(self, table: Table) -> NDArray[np.bool_]:
        sides = [text.upper() for text in table.texts(self.layout.columns["side"])]
        for row, side in enumerate(sides):
            if side not in SIDES:
                raise DataError(
                    f"{table.place(row)}: side {shown(side)}: it is SELL or BUY, or LONG or SHORT."
                )
        return np.array([side == self.layout.long.upper() for side in sides], dtype=bool)

    def _usd(self, table: Table) -> Floats:
        named = self.layout.columns
        if "usd" in named:
            found = table.floats(named["usd"])
        else:
            found = table.floats(named["quantity"]) * table.floats(named["price"])
        wrong = ~np.isfinite(found) | (found < 0.0)
        if wrong.any():
            row = int(wrong.argmax())
            raise DataError(f"{table.place(row)}: {found[row]} USD is no size of an order.")
        return found


def mapped(file: Path, declarations: "tuple[Declared, ...]") -> list[MappedFile]:
    """Return a file in each layout that a mapping declares for it, the innermost mapping's."""
    for one in declarations:
        if layouts := one.of(file):
            return [MappedFile(file, layout, one.folder) for layout in layouts]
    return []
