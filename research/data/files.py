"""Recorded files read as rows of bars and steps beside them, in every layout.

The only reader of recordings. It imports numpy and pyarrow only.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
from signalengine.intervals import INTERVAL_MS, MINUTE_MS

from .errors import DataError, IntervalError
from .mapping.parts import Part
from .repairs import Repair, joined
from .rows import COLUMNS, Rows, in_ms, merged, noted, unsorted, untraded
from .series import Floats, Liquidations, Steps, Times
from .tables import Table, feather, separated
from .times import moment

METRICS_LAG_MS: Final = 300_000
"""A row of the archive's `metrics` is known five minutes after its stamp."""

KLINES: Final = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
    "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
_TYPES: Final = dict.fromkeys(KLINES, pa.float64()) | dict.fromkeys(
    ("open_time", "close_time"), pa.int64()
)
METRICS: Final = (
    "create_time", "symbol", "sum_open_interest", "sum_open_interest_value",
    "count_toptrader_long_short_ratio", "sum_toptrader_long_short_ratio",
    "count_long_short_ratio", "sum_taker_long_short_vol_ratio",
)  # fmt: skip
FUNDING: Final = ("calc_time", "funding_interval_hours", "last_funding_rate")
INTEREST: Final = ("timestamp", "symbol", "sum_open_interest", "sum_open_interest_value")
Read: TypeAlias = tuple[Steps | None, tuple[Repair, ...]]
_CALLED: Final = {"trades": "count"}  # by the archive


def bars(files: Sequence[Path | Part], symbol: str, interval: str) -> Rows:
    """Read and join the bars of one symbol; raises DataError naming file and row."""
    parts = [(file.name, _bar_file(file, symbol, INTERVAL_MS[interval])) for file in files]
    return merged(parts, INTERVAL_MS[interval])


def _bar_file(file: Path | Part, symbol: str, interval_ms: int) -> Rows:
    table, rows = (
        _mapped(file, interval_ms) if isinstance(file, Part) else _known(file, symbol, interval_ms)
    )
    found = untraded(rows, interval_ms)
    if found is not None:
        raise DataError(
            f"{table.place(found.row)} {found.text}. Download that span again, or remove the row."
        )
    return Rows(rows.times, rows.columns, (*rows.repairs, *unsorted(rows.times, "bars")))


def _mapped(part: Part, interval_ms: int) -> tuple[Table, Rows]:
    table = part.table()
    times = part.times(table)
    _refuse_others(table, times, interval_ms)
    return table, part.bars(table, times)


def _known(file: Path, symbol: str, interval_ms: int) -> tuple[Table, Rows]:
    table = (
        feather(file)
        if file.suffix.lower() == ".feather"
        else separated(file, KLINES, types=_TYPES)
    )
    if not len(table):
        raise DataError(f"{file.name}: no rows. Remove the file or record it again.")
    if table.has("symbol"):
        _refuse_symbols(table, symbol)
    if file.suffix.lower() == ".feather":
        return table, _freqtrade(table, interval_ms)
    return table, _klines(table, interval_ms)


def _klines(table: Table, interval_ms: int) -> Rows:
    times, repairs = in_ms(table.times("open_time"), "bars")
    ends, _ = in_ms(table.times("close_time"), "bars")
    wrong = ends - times != interval_ms - 1
    if wrong.any():
        row = int(wrong.argmax())
        seconds = (int(ends[row]) - int(times[row]) + 1) / 1000
        raise IntervalError(
            f"{table.place(row, int(times[row]))} is a bar of {seconds:g} s, not of "
            f"{interval_ms // 1000}. Bring the right interval."
        )
    columns = np.stack([table.floats(_CALLED.get(name, name)) for name in COLUMNS])
    return Rows(times, columns, repairs)


def _freqtrade(table: Table, interval_ms: int) -> Rows:
    times, repairs = in_ms(table.times("date"), "bars")
    _refuse_others(table, times, interval_ms)
    known = [table.floats(name) for name in ("open", "high", "low", "close", "volume")]
    unknown = [np.full(len(times), np.nan)] * (len(COLUMNS) - len(known))
    return Rows(times, np.stack([*known, *unknown]), repairs)


def _refuse_others(table: Table, times: Times, interval_ms: int) -> None:
    """These rows carry no end: another interval shows in their steps only."""
    steps = np.diff(np.unique(times))
    if not len(steps):
        return
    least, usual = int(steps.min()), int(np.median(steps))
    if least > interval_ms or (usual < interval_ms and usual in INTERVAL_MS.values()):
        step = least if least > interval_ms else usual
        raise IntervalError(
            f"{table.file}: its bars are {step // 1000} s apart, not {interval_ms // 1000}. "
            "Bring the right interval."
        )


def funding(files: Sequence[Path | Part]) -> Read:
    """Read the rates paid, each at the minute it was due (they are stamped some ms later)."""
    return _steps(files, "funding", _funding_file)


def _funding_file(file: Path) -> tuple[Table, Times, Floats]:
    if file.suffix.lower() == ".feather":
        table = feather(file)
        times, rates = table.times("date"), table.floats("open", gaps=True)
    else:
        table = separated(file, FUNDING)
        times, rates = table.times("calc_time"), table.floats("last_funding_rate", gaps=True)
    return table, times, rates


def marks(files: Sequence[Path | Part]) -> Read:
    """Read freqtrade's mark candles: the mark price at each candle's open."""
    return _steps(files, "mark", _mark_file)


def _mark_file(file: Path) -> tuple[Table, Times, Floats]:
    table = feather(file)
    return table, table.times("date"), _above_zero(table.floats("open", gaps=True))


def metrics(files: Sequence[Path | Part], symbol: str) -> Read:
    """Read open interest from the archive's `metrics`, from when it could be known."""

    def read(file: Path) -> tuple[Table, Times, Floats]:
        table = separated(file, METRICS)
        _refuse_symbols(table, symbol)
        values = _above_zero(table.floats("sum_open_interest", gaps=True))
        return table, table.times("create_time") + METRICS_LAG_MS, values

    return _steps(files, "open_interest", read)


def interest(files: Sequence[Path | Part], symbol: str) -> Read:
    """Read open interest as fetched by REST; its stamps are ends of periods."""

    def read(file: Path) -> tuple[Table, Times, Floats]:
        table = separated(file, INTEREST)
        _refuse_symbols(table, symbol)
        values = _above_zero(table.floats("sum_open_interest", gaps=True))
        return table, table.times("timestamp"), values

    return _steps(files, "open_interest", read)


def _above_zero(values: Floats) -> Floats:
    """No contract that trades has an open interest or a mark price of 0: it means unknown."""
    return np.where(values == 0.0, np.nan, values)


def _refuse_symbols(table: Table, symbol: str) -> None:
    for row, found in enumerate(table.texts("symbol")):
        if found != symbol:
            raise DataError(f"{table.place(row)} is of {found}, not of {symbol}. Split the file.")


def liquidations(
    files: Sequence[Path | Part],
) -> tuple[Liquidations | None, tuple[Repair, ...]]:
    """Read liquidations by minute; a minute that several files have is an error."""
    parts = [(file.name, file.liquidations()) for file in files if isinstance(file, Part)]
    if not parts:
        return None, ()
    times = np.concatenate([one.time for _, one in parts])
    order = np.argsort(times, kind="stable")
    again = np.flatnonzero(np.diff(times[order]) == 0)
    if len(again):
        names = " and ".join(dict.fromkeys(name for name, _ in parts))
        raise DataError(
            f"{names}: the minute {moment(int(times[order][again[0]]))} UTC is in two files. Keep "
            "one of both, or join them."
        )
    longs = np.concatenate([one.long_usd for _, one in parts])
    shorts = np.concatenate([one.short_usd for _, one in parts])
    return Liquidations(times[order], longs[order], shorts[order]), ()


def _of_part(part: Part, series: str) -> tuple[Table, Times, Floats]:
    table = part.table()
    values = part.values(table)
    return table, part.times(table), values if series == "funding" else _above_zero(values)


def _steps(
    files: Sequence[Path | Part],
    series: str,
    read: Callable[[Path], tuple[Table, Times, Floats]],
) -> Read:
    if not files:
        return None, ()
    repairs: list[Repair] = []
    known: dict[int, float] = {}
    for file in files:
        table, times, values = _of_part(file, series) if isinstance(file, Part) else read(file)
        paid = series == "funding"
        times, found = in_ms(times, series, up=not paid)
        if paid:  # at the minute that they are stamped after
            times = times - times % MINUTE_MS
        repairs += [*found, *unsorted(times, series), *_unknown(times, values, series)]
        repairs += _collect(known, table, times, values, series)
    return Steps.of((_known_at(time), known[time]) for time in sorted(known)), joined(repairs)


def _known_at(time: int) -> int:
    """Return the first whole minute at which what is stamped then is known."""
    return -(-time // MINUTE_MS) * MINUTE_MS


def _unknown(times: Times, values: Floats, series: str) -> list[Repair]:
    unknown = np.isnan(values)
    return [noted("unknown", series, times[unknown])] if unknown.any() else []


def _collect(
    known: dict[int, float], table: Table, times: Times, values: Floats, series: str
) -> list[Repair]:
    """Add a file's values to those known; twice the same is a repair, twice different an error."""
    again = []
    for row, (time, value) in enumerate(zip(times.tolist(), values.tolist(), strict=True)):
        if value != value:
            continue
        if value in (np.inf, -np.inf) or (value < 0.0 and series != "funding"):
            raise DataError(f"{table.place(row, time)}: {value} is no {series}.")
        if time not in known:
            known[time] = value
        elif known[time] == value:
            again.append(time)
        else:
            raise DataError(
                f"{table.place(row, time)}: {series} {value!r} there, {known[time]!r} in a row "
                "before. Keep one of both, and download that day again if unsure."
            )
    return [noted("duplicate", series, np.array(again, dtype=np.int64))] if again else []
