"""Which files a folder holds, by their names.

* freqtrade: `BTC_USDT_USDT-1m-futures.feather`, `BTC_USDT_USDT-8h-funding_rate.feather` (the rate
  in column `open`), `BTC_USDT_USDT-8h-mark.feather`;
* Binance's archive, and what is fetched here by REST, as `.csv` or `.zip`:
  `BTCUSDT-1m-2026-02.zip`, `BTCUSDT-1m-2026-02-01.csv`, `BTCUSDT-metrics-2026-02-01.zip`,
  `BTCUSDT-fundingRate-2026-02.zip`, `BTCUSDT-openInterestHist-5m-2026-02-01.csv`;
* our own archive of the stream: anything that ends in `.gz`, `.jsonl` or `.ndjson`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signalengine.facts.symbols import PATTERN, is_symbol

from .errors import DataError

SEEN_AS: Final = (
    "BTCUSDT-1m-2026-02.zip (or .csv), BTC_USDT_USDT-1m-futures.feather, or the stream's archive "
    "(*.gz, *.jsonl)"
)
FUNDING: Final = "fundingRate"
MARK: Final = "mark"
METRICS: Final = "metrics"
INTEREST: Final = "openInterestHist"
FACTS: Final = "facts"

_FREQTRADE = re.compile(
    r"^([^\W_]+)_([A-Z0-9]+)_\2(?:-(\d{6}))?-(\w+?)-(futures|funding_rate|mark)\.feather$"
)
_ARCHIVE = re.compile(
    rf"^({PATTERN})-(metrics|fundingRate|openInterestHist(?=-\w+-)|[0-9]+(?:m|h|d|w|mo))"
    r"(?:-\w+)?-(\d{4}-\d{2}(?:-\d{2})?)\.(csv|zip)$"
)
_FACTS = (".gz", ".jsonl", ".ndjson")
_OTHER_PRICES = {
    "markPriceKlines", "indexPriceKlines", "premiumIndexKlines", "spot", "cm", "option",
}  # fmt: skip
"""Folders of the archive whose files are named like those of USD-M klines, and are not."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One file; `kind` is an interval or one of the kinds above, `symbol` "" in facts."""

    path: Path
    symbol: str
    kind: str


def recognised(file: Path) -> Holding | None:
    """Return what a file holds, by its name."""
    if match := _FREQTRADE.match(file.name):
        base, quote, delivery, interval, kind = match.groups()
        kinds = {"futures": interval, "funding_rate": FUNDING, "mark": MARK}
        symbol = base + quote + (f"_{delivery}" if delivery else "")
        return Holding(file, symbol, kinds[kind]) if is_symbol(symbol) else None
    if (match := _ARCHIVE.match(file.name)) and is_symbol(match[1]):
        return Holding(file, match[1], match[2])
    if file.name.endswith(_FACTS):
        return Holding(file, "", FACTS)
    return None


def survey(path: Path) -> list[Holding]:
    """Return what a folder and its subfolders hold, or a file and the side files next to it.

    A file given by name may have any name: it is read as the requested bars.
    """
    if not path.exists():
        raise DataError(f"{path} does not exist. Name a file or folder of recorded bars.")
    if path.is_dir():
        inside = (file for file in sorted(path.rglob("*")) if not _is_other(file, path))
        return [holding for holding in map(recognised, inside) if holding is not None]
    own = recognised(path) or Holding(path, "", _kind_by_ending(path))
    if own.kind == FACTS:
        return [own]
    beside = (recognised(file) for file in sorted(path.parent.iterdir()) if file != path)
    sides = (FUNDING, MARK, METRICS, INTEREST)
    return [own, *(item for item in beside if item is not None and item.kind in sides)]


def _is_other(file: Path, root: Path) -> bool:
    return not _OTHER_PRICES.isdisjoint(file.relative_to(root).parts[:-1]) or not file.is_file()


def _kind_by_ending(path: Path) -> str:
    if path.suffix in (".csv", ".zip", ".feather"):
        return ""
    with path.open("rb") as stream:
        if stream.read(2) in (b"\x1f\x8b", b'{"'):
            return FACTS
    raise DataError(f"{path.name}: not recognised by its name. Recognised are {SEEN_AS}.")


def of_kind(holdings: Iterable[Holding], symbol: str, kind: str) -> list[Path]:
    """Return the files of one symbol and kind."""
    return [item.path for item in holdings if (item.symbol, item.kind) == (symbol, kind)]


def bar_files(holdings: Iterable[Holding], path: Path, symbol: str, interval: str) -> list[Path]:
    """Return the files with the requested bars; raises DataError naming what there is instead."""
    held = [item for item in holdings if item.kind == "" or item.kind[0].isdigit()]
    if not held:
        raise DataError(f"{path} holds no recorded bars. Recognised are {SEEN_AS}.")
    of_symbol = [item for item in held if item.symbol in (symbol, "")]
    if not of_symbol:
        known = ", ".join(sorted({item.symbol for item in held}))
        raise DataError(f"{path} holds no bars of {symbol}, only of: {known}.")
    files = [item.path for item in of_symbol if item.kind in (interval, "")]
    if not files:
        known = ", ".join(sorted({item.kind for item in of_symbol}))
        raise DataError(
            f"{path} holds {symbol} as {known}, not as {interval}. Download {interval} bars "
            "(longer ones can be made of 1m bars with resample, shorter ones of nothing)."
        )
    return files
