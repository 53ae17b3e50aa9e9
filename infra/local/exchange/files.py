"""Recorded files: what lies in a folder, and its rows as columns.

Known by their names:

* freqtrade: `BTC_USDT_USDT-1m-futures.feather`, `BTC_USDT_USDT-8h-funding_rate.feather` (the rate
  in column `open`), `BTC_USDT_USDT-8h-mark.feather`;
* Binance's archive, as `.csv` or `.zip`: `BTCUSDT-1m-2026-02.csv`, `BTCUSDT-1m-2026-02-01.zip`,
  `BTCUSDT-metrics-2026-02-01.zip` (open interest), `BTCUSDT-fundingRate-2026-02.zip`.

The archive's files have a header row or not, file by file: a first field that is no integer is a
header.
"""

import itertools
import re
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
from numpy.typing import NDArray

from .source import Funding, SourceError, Steps

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

NAMES: Final = "BTC_USDT_USDT-1m-futures.feather or BTCUSDT-1m-2026-02.csv (or .zip)"
METRICS_LAG_MS: Final = 300_000
"""A row of the archive's `metrics` says what was known five minutes after its stamp."""

_FREQTRADE = re.compile(r"^([A-Z0-9]+)_([A-Z]+)_\2-(\w+?)-(futures|funding_rate|mark)\.feather$")
_ARCHIVE = re.compile(r"^([A-Z0-9]+)-(\w+?)-(\d{4}-\d{2}(?:-\d{2})?)\.(csv|zip)$")
_KLINE_COLUMNS: Final = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
    "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
_METRICS_COLUMNS: Final = (
    "create_time", "symbol", "sum_open_interest", "sum_open_interest_value",
    "count_toptrader_long_short_ratio", "sum_toptrader_long_short_ratio",
    "count_long_short_ratio", "sum_taker_long_short_vol_ratio",
)  # fmt: skip
_FUNDING_COLUMNS: Final = ("calc_time", "funding_interval_hours", "last_funding_rate")


@dataclass(slots=True)
class Holdings:
    """Which files a folder holds, symbol by symbol; `klines` by interval as well."""

    klines: dict[str, dict[str, list[Path]]] = field(default_factory=dict)
    funding: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    marks: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    metrics: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))

    def add(self, file: Path) -> None:
        """Take note of a file, if its name says that it is a recording."""
        if match := _FREQTRADE.match(file.name):
            base, quote, interval, kind = match.groups()
            self._add(base + quote, {"futures": interval}.get(kind, kind), file)
        elif match := _ARCHIVE.match(file.name):
            self._add(match[1], match[2], file)

    def _add(self, symbol: str, kind: str, file: Path) -> None:
        side = {
            "funding_rate": self.funding, "fundingRate": self.funding,
            "mark": self.marks, "metrics": self.metrics,
        }.get(kind)  # fmt: skip
        if side is None:
            side = self.klines.setdefault(symbol, {})
            side.setdefault(kind, []).append(file)
        else:
            side[symbol].append(file)


def survey(path: Path) -> Holdings:
    """Return what a folder (with its subfolders) holds, or one kline file and its neighbours."""
    if not path.exists():
        raise SourceError(f"{path} does not exist. Give a folder or a file of recorded 1m bars.")
    found = Holdings()
    for file in sorted(path.rglob("*") if path.is_dir() else path.parent.iterdir()):
        found.add(file)
    if path.is_file():
        only = Holdings()
        only.add(path)
        if not only.klines:
            raise SourceError(f"{path.name}: the name must tell the symbol, such as {NAMES}.")
        found.klines = only.klines
    if not found.klines:
        raise SourceError(
            f"{path} holds no recorded bars. Files are known by names such as {NAMES}."
        )
    return found


@dataclass(frozen=True, slots=True)
class Klines:
    """Rows of kline files: open times, and nine columns in the order of `bars.Bar`'s fields."""

    times: Times
    columns: Sequence[Floats]


def klines(files: Sequence[Path]) -> Klines:
    """Read and join the kline files of one symbol; raises SourceError unless strictly ascending."""
    parts = []
    for file in files:
        part = _feather_klines(file) if file.suffix == ".feather" else _archive_klines(file)
        if len(part.times):
            _check(part, file)
            parts.append((part, file))
    if not parts:
        raise SourceError(f"{files[0].name}: no rows. Remove the file or record it again.")
    parts.sort(key=lambda item: int(item[0].times[0]))
    for (before, old), (after, new) in itertools.pairwise(parts):
        if after.times[0] <= before.times[-1]:
            raise SourceError(
                f"{old.name} and {new.name} both hold {moment(int(after.times[0]))} UTC. "
                "Keep each minute in one file only."
            )
    return Klines(
        np.concatenate([part.times for part, _ in parts]),
        [np.concatenate([part.columns[i] for part, _ in parts]) for i in range(9)],
    )


def moment(time: int) -> str:
    """Return ms since the epoch as `2025-05-19 00:00`."""
    return str(np.datetime64(time, "ms").astype("datetime64[m]")).replace("T", " ")


def _check(part: Klines, file: Path) -> None:
    times, (o, h, lo, c, v) = part.times, part.columns[:5]
    if times[0] > 10**14:
        raise SourceError(
            f"{file.name}: times are in µs, as in spot files. Use USD-M futures files."
        )
    steps = np.diff(times)
    if (wrong := np.flatnonzero(steps == 0)).size:
        at = moment(int(times[wrong[0]]))
        raise SourceError(f"{file.name}: {at} UTC comes twice. Remove the duplicate rows.")
    if (wrong := np.flatnonzero(steps < 0)).size:
        row = int(wrong[0]) + 2
        raise SourceError(
            f"{file.name}: row {row} is older than the one before. Sort by open time."
        )
    if steps.size and steps.min() > 60_000:
        raise SourceError(f"{file.name}: bars are {steps.min() // 1000} s apart. Bring 1m bars.")
    if (wrong := np.flatnonzero(times % 60_000)).size:
        raise SourceError(f"{file.name}: row {int(wrong[0]) + 1} does not open on a whole minute.")
    sane = (lo > 0) & (lo <= o) & (lo <= c) & (o <= h) & (c <= h) & (v >= 0) & np.isfinite(h + v)
    if (wrong := np.flatnonzero(~sane)).size:
        raise SourceError(
            f"{file.name}: row {int(wrong[0]) + 1} ({moment(int(times[wrong[0]]))} UTC) could not "
            "have been traded (low <= open, close <= high, volume >= 0). Record that span again."
        )


def _feather_klines(file: Path) -> Klines:
    table = _feather(file)
    o, h, lo, c, v = (table.floats(name) for name in ("open", "high", "low", "close", "volume"))
    none = np.zeros_like(v)
    # Not recorded: quote volume. Volume x typical price gives the VWAP that bars alone give.
    return Klines(table.dates(), [o, h, lo, c, v, v * ((h + lo + c) / 3.0), none, none, none])


def _archive_klines(file: Path) -> Klines:
    table = _csv(file, _KLINE_COLUMNS)
    names = ("open", "high", "low", "close", "volume", "quote_volume", "count",
             "taker_buy_volume", "taker_buy_quote_volume")  # fmt: skip
    return Klines(table.integers("open_time"), [table.floats(name) for name in names])


def fundings(files: Sequence[Path], marks: Sequence[Path]) -> list[Funding]:
    """Read settled fundings, ascending; the mark price of each where mark bars lie beside."""
    rows: dict[int, float] = {}
    for file in files:
        if file.suffix == ".feather":
            table = _feather(file)
            times, rates = table.dates(), table.floats("open")
        else:
            table = _csv(file, _FUNDING_COLUMNS)
            times, rates = table.integers("calc_time"), table.floats("last_funding_rate")
        rows.update(zip(times.tolist(), rates.tolist(), strict=True))
    prices: dict[int, float] = {}
    for file in marks:
        table = _feather(file)
        prices.update(zip(table.dates().tolist(), table.floats("open").tolist(), strict=True))
    return [Funding(time, rows[time], prices.get(round(time, -4))) for time in sorted(rows)]


def interests(files: Sequence[Path]) -> Steps:
    """Read open interest from `metrics` files, each value from when it was known."""
    rows: dict[int, float] = {}
    for file in files:
        table = _csv(file, _METRICS_COLUMNS)
        stamps, values = table.integers("create_time"), table.floats("sum_open_interest")
        rows.update(zip(stamps.tolist(), values.tolist(), strict=True))
    steps = Steps()
    for stamp in sorted(rows):
        steps.append(stamp + METRICS_LAG_MS, rows[stamp])
    return steps


@dataclass(frozen=True, slots=True)
class _Table:
    """An arrow table and the name of the file it came from."""

    file: str
    data: Any

    def floats(self, name: str) -> Floats:
        return np.frombuffer(self._buffer(name, self._column(name).cast(pa.float64())), np.float64)

    def integers(self, name: str) -> Times:
        column = self._column(name)
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("ms"), safe=False)
        return np.frombuffer(self._buffer(name, column.cast(pa.int64())), np.int64)

    def dates(self) -> Times:
        column = self._column("date").cast(pa.timestamp("ms", tz="UTC"), safe=False)
        return np.frombuffer(self._buffer("date", column.cast(pa.int64())), np.int64)

    def _column(self, name: str) -> Any:
        if name not in self.data.column_names:
            held = ", ".join(self.data.column_names)
            raise SourceError(f"{self.file}: no column {name!r}, only {held}.")
        return self.data[name]

    def _buffer(self, name: str, column: Any) -> memoryview:
        """Return 8-byte values as they lie in memory (`to_numpy` would import pandas, a second)."""
        values = column.combine_chunks()
        if values.null_count:
            raise SourceError(f"{self.file}: {values.null_count} empty fields in column {name!r}.")
        start, size = values.offset * 8, len(values) * 8
        return memoryview(values.buffers()[1])[start : start + size] if size else memoryview(b"")


def _feather(file: Path) -> _Table:
    try:
        return _Table(file.name, pa.feather.read_table(file, memory_map=False))
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(f"{file.name}: not a readable feather file ({error}).") from error


def _csv(file: Path, names: Sequence[str]) -> _Table:
    data = _content(file)
    fields = data.split(b"\n", 1)[0].split(b",")
    header = not fields[0][:4].isdigit()  # `2026-02-01 00:00:00` starts a row of metrics
    columns = [f.decode().strip() for f in fields] if header else list(names[: len(fields)])
    options = pa.csv.ReadOptions(column_names=columns, skip_rows=int(header))
    try:
        return _Table(file.name, pa.csv.read_csv(pa.py_buffer(data), read_options=options))
    except pa.ArrowInvalid as error:
        raise SourceError(f"{file.name}: not readable as CSV ({error}).") from error


def _content(file: Path) -> bytes:
    if file.suffix != ".zip":
        return file.read_bytes()
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.read(archive.namelist()[0])
    except (zipfile.BadZipFile, IndexError) as error:
        raise SourceError(f"{file.name}: not a readable zip ({error}). Fetch it again.") from error
