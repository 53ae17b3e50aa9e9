"""Which files a folder holds: by their names, and by content where a name is anybody's.

* freqtrade: `BTC_USDT_USDT-1m-futures.feather`, `BTC_USDT_USDT-8h-funding_rate.feather` (the rate
  in column `open`), `BTC_USDT_USDT-8h-mark.feather`;
* Binance's archive, and what is fetched here by REST, as `.csv` or `.zip`:
  `BTCUSDT-1m-2026-02.zip`, `BTCUSDT-1m-2026-02-01.csv`, `BTCUSDT-metrics-2026-02-01.zip`,
  `BTCUSDT-fundingRate-2026-02.zip`, `BTCUSDT-openInterestHist-5m-2026-02-01.csv`;
* our own archive of the stream: what ends in `.gz`, `.jsonl` or `.ndjson` and holds facts;
* files whose layout a mapping declares (`mapping.toml` in their folder or in one above it).

Names may be in another case, and those of copies (`BTCUSDT-1m-2026-02 (1).zip`); of files with one
name and one content the first is read. Other data is passed over, and named.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signalengine.facts.symbols import PATTERN, is_symbol

from .diagnosis import foreign
from .errors import DataError, MissingBarsError
from .mapping.declared import BARS, NAMES, Declared, Layout, declared
from .mapping.declared import FUNDING as RATES
from .mapping.declared import INTEREST as OPEN_INTEREST
from .mapping.parts import MappedFile, Part, mapped
from .names import canonical
from .stream_archive import has_facts
from .tables import digest_of
from .walk import files_in

SEEN_AS: Final = (
    "BTCUSDT-1m-2026-02.zip (or .csv), BTC_USDT_USDT-1m-futures.feather, or the stream's archive "
    "(*.gz, *.jsonl)"
)
FUNDING: Final = "fundingRate"
MARK: Final = "mark"
METRICS: Final = "metrics"
INTEREST: Final = "openInterestHist"
LIQUIDATIONS: Final = "liquidations"
FACTS: Final = "facts"
MAPPING: Final = "mapping"
"""A file that declares the layout of others."""
OTHER: Final = "other"
"""Data that is passed over."""
UNREADABLE: Final = "unreadable"
"""A file in a declared layout whose symbols cannot be read."""

_FREQTRADE = re.compile(
    r"^([^\W_]+)_([A-Z0-9]+)_\2(?:-(\d{6}))?-(\w+?)-(futures|funding_rate|mark)\.feather$"
)
_ARCHIVE = re.compile(
    rf"^({PATTERN})-(metrics|fundingRate|openInterestHist(?=-\w+-)|[0-9]+(?:m|h|d|w|mo))"
    r"(?:-\w+)?-(\d{4}-\d{2}(?:-\d{2})?)\.(csv|zip)$"
)
_FACTS = (".gz", ".jsonl", ".ndjson")
_DATA = (
    ".csv", ".zip", ".feather", ".json", ".parquet", ".arrow", ".h5", ".hdf5", ".pkl", ".pickle",
    ".xls", ".xlsx", ".db", ".sqlite", ".7z", ".rar", ".bz2", ".xz", ".zst", *_FACTS,
)  # fmt: skip
"""Endings of data: what else is passed over needs no mention."""
_OURS = {"missing.json", *NAMES}
"""Notes of the download, and mappings."""
_MAPPED = {OPEN_INTEREST: INTEREST, RATES: FUNDING}
"""Kinds here of those that a mapping names differently."""
_SNAPSHOT = re.compile(r".*exchangeInfo.*\.json\Z", re.IGNORECASE)
"""Lists of contracts, which `listings` reads."""
_HEAD_BYTES = 512
_NAMED = 3
"""Names in a sentence about many files."""
_OTHER_PRICES = {
    "markPriceKlines", "indexPriceKlines", "premiumIndexKlines", "spot", "cm", "option",
}  # fmt: skip
"""Folders of the archive whose files are named like those of USD-M klines, and are not."""


@dataclass(frozen=True, slots=True)
class Unread:
    """The layout that a mapping declares for a file, and why it cannot be read in it."""

    layout: Layout
    error: DataError


@dataclass(frozen=True, slots=True)
class Holding:
    """One file; `kind` is an interval or one of those above.

    `symbol` is "" in facts, others and what is unreadable.
    """

    path: Path
    symbol: str
    kind: str
    part: Part | None = None
    """The rows of a file in a declared layout."""
    unread: Unread | None = None
    """Of an unreadable file."""


def recognised(file: Path) -> Holding | None:
    """Return what a file holds, by its name."""
    name = _canonical(file)
    if match := _FREQTRADE.match(name):
        base, quote, delivery, interval, kind = match.groups()
        kinds = {"futures": interval, "funding_rate": FUNDING, "mark": MARK}
        symbol = base + quote + (f"_{delivery}" if delivery else "")
        return Holding(file, symbol, kinds[kind]) if is_symbol(symbol) else None
    if (match := _ARCHIVE.match(name)) and is_symbol(match[1]):
        return Holding(file, match[1], match[2])
    if name.endswith(_FACTS):
        return Holding(file, "", FACTS)
    return None


def _canonical(file: Path) -> str:
    return canonical(file.stem) + file.suffix.lower()


def survey(path: Path, mapping: Path | None = None) -> list[Holding]:
    """Return what a folder and its subfolders hold, or a file and the side files next to it.

    A file given by name may have any name: it is read as the requested bars, unless a mapping
    beside it declares its layout. `mapping` is one that lies elsewhere. Raises DataError.
    """
    if not path.exists():
        raise MissingBarsError(f"{path} does not exist. Name a file or folder of recorded bars.")
    folder = path if path.is_dir() else path.parent
    files = files_in(path) if path.is_dir() else sorted(path.parent.iterdir())
    declarations = _declarations(files, folder, mapping)
    own = [Holding(one.file, "", MAPPING) for one in declarations]
    if path.is_dir():
        found = [item for file in files for item in _held(file, path, declarations)]
        return _each_once(_by_content([*own, *found]))
    first = _declared(path, declarations)
    for item in first:
        if item.unread is not None:
            raise item.unread.error
    if not first:
        first = [recognised(path) or Holding(path, "", _kind_by_ending(path))]
    if first[0].kind == FACTS:
        _refuse_other(path)
        return first
    beside = [item for file in files if file != path for item in _beside(file, declarations)]
    return [*own, *first, *beside]


def _declarations(
    files: Sequence[Path], folder: Path, mapping: Path | None
) -> tuple[Declared, ...]:
    """Return the mappings of a folder, innermost first; a named one replaces them."""
    if mapping is not None:
        return (declared(mapping.expanduser(), folder),)
    found = [declared(file) for file in files if file.name in NAMES and file.is_file()]
    return tuple(sorted(found, key=lambda one: -len(one.folder.parts)))


def _declared(file: Path, declarations: tuple[Declared, ...]) -> list[Holding]:
    """Return what a file holds in the layouts that a mapping declares for it."""
    return [item for one in mapped(file, declarations) for item in _parts(one)]


def _parts(one: MappedFile) -> list[Holding]:
    kind = one.layout.kind
    try:
        return [
            Holding(
                one.path, part.symbol, part.interval if kind == BARS else _MAPPED.get(kind, kind),
                part,
            )
            for part in one.parts()
        ]  # fmt: skip
    except DataError as error:  # of this file: others can be read
        return [Holding(one.path, "", UNREADABLE, unread=Unread(one.layout, error))]


def refuse_unread(held: Iterable[Holding], symbol: str, interval: str) -> None:
    """Raise the error of an unreadable file that may be one of those of a symbol's bars.

    One of bars may be, if other files in its layout are of that symbol, or if the symbol has no
    other bars. One of what is beside bars may be of any symbol.
    """
    listed = list(held)
    of_symbol = [item for item in listed if item.symbol == symbol]
    layouts = [item.part.layout for item in of_symbol if item.part is not None]
    alone = not any(item.kind == interval for item in of_symbol)
    for item in listed:
        one = item.unread
        if one is not None and (one.layout.kind != BARS or alone or one.layout in layouts):
            raise one.error


def _beside(file: Path, declarations: tuple[Declared, ...]) -> list[Holding]:
    """Return what a file next to a named one adds to its bars."""
    found = _declared(file, declarations)
    if not found and (item := recognised(file)) is not None:
        found = [item]
    sides = (FUNDING, MARK, METRICS, INTEREST, LIQUIDATIONS)
    return [
        item
        for item in found
        if item.kind in sides or (item.unread is not None and item.unread.layout.kind != BARS)
    ]


def passed_over(holdings: Iterable[Holding]) -> str:
    """Return a sentence that names the data passed over, empty without any."""
    names = [item.path.name for item in holdings if item.kind in (OTHER, UNREADABLE)]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"Passed over: {', '.join(map(repr, names[:_NAMED]))}{more}."


def _held(file: Path, root: Path, declarations: tuple[Declared, ...]) -> list[Holding]:
    if declarations and (items := _declared(file, declarations)):
        return items
    other = not _OTHER_PRICES.isdisjoint(file.relative_to(root).parts[:-1])
    found = recognised(file)
    if found is not None and not other and os.path.isfile(file):  # noqa: PTH113 - never raises
        return [found]
    known = file.suffix.lower() not in _DATA or file.name in _OURS or _SNAPSHOT.match(file.name)
    return [] if known else [Holding(file, "", OTHER)]


def _by_content(found: Sequence[Holding]) -> list[Holding]:
    """Return what was found; files named like facts, and without any, are others.

    One whose content cannot be read is a part of the archive, and an error when it is read, if
    there is an archive, or nothing but such files.
    """
    facts = {item.path: has_facts(item.path) for item in found if item.kind == FACTS}
    recorded = any(item.kind not in (FACTS, OTHER, MAPPING, UNREADABLE) for item in found)
    unsure = any(facts.values()) or not (recorded or False in facts.values())
    others = {path for path, known in facts.items() if not (known or (unsure and known is None))}
    return [_other(item) if item.path in others else item for item in found]


def _each_once(found: Sequence[Holding]) -> list[Holding]:
    """Return what was found; of copies of one file (by name and content) all but one are others."""
    groups: dict[str, list[Path]] = {}
    for item in found:
        if item.kind not in (OTHER, MAPPING, UNREADABLE) and item.part is None:
            groups.setdefault(_canonical(item.path), []).append(item.path)
    copies = {path for group in groups.values() if len(group) > 1 for path in _copies(group)}
    return [_other(item) if item.path in copies else item for item in found]


def _copies(group: Sequence[Path]) -> Iterator[Path]:
    """Yield those whose content another one has, which is the one with the source's own name."""
    sizes = [path.stat().st_size for path in group]
    alike = [path for path, size in zip(group, sizes, strict=True) if sizes.count(size) > 1]
    known = set()
    for path in sorted(alike, key=lambda path: (canonical(path.stem) != path.stem, path)):
        digest = digest_of(path)
        if digest in known:
            yield path
        known.add(digest)


def _other(item: Holding) -> Holding:
    return Holding(item.path, "", OTHER)


def _refuse_other(path: Path) -> None:
    if has_facts(path) is False:
        with path.open("rb") as stream:
            what = foreign(stream.read(_HEAD_BYTES))
        why = f"is {what}" if what else f"holds no facts of the stream. Recognised are {SEEN_AS}."
        raise DataError(f"{path.name} {why}")


def _kind_by_ending(path: Path) -> str:
    if path.suffix.lower() in (".csv", ".zip", ".feather"):
        return ""
    with path.open("rb") as stream:
        if stream.read(2) in (b"\x1f\x8b", b'{"'):
            return FACTS
    raise DataError(f"{path.name}: not recognised by its name. Recognised are {SEEN_AS}.")


def of_kind(holdings: Iterable[Holding], symbol: str, kind: str) -> list[Path | Part]:
    """Return the files of one symbol and kind, or the parts of files in a declared layout."""
    found = (item for item in holdings if (item.symbol, item.kind) == (symbol, kind))
    return [item.part or item.path for item in found]


def bar_files(
    holdings: Sequence[Holding], path: Path, symbol: str, interval: str
) -> list[Path | Part]:
    """Return the files with the requested bars; raises DataError naming what there is instead."""
    held = [item for item in holdings if item.kind == "" or item.kind[0].isdigit()]
    if not held:
        others = passed_over(holdings)
        raise MissingBarsError(
            f"{path} holds no recorded bars. Recognised are {SEEN_AS}. {others}".rstrip()
        )
    of_symbol = [item for item in held if item.symbol in (symbol, "")]
    if not of_symbol:
        known = ", ".join(sorted({item.symbol for item in held}))
        raise MissingBarsError(f"{path} holds no bars of {symbol}, only of: {known}.")
    files = [item.part or item.path for item in of_symbol if item.kind in (interval, "")]
    if not files:
        known = ", ".join(sorted({item.kind for item in of_symbol}))
        raise MissingBarsError(
            f"{path} holds {symbol} as {known}, not as {interval}. Download {interval} bars: "
            f"await bulk_download_klines({symbol!r}, {interval!r}, days=90) "
            "(longer ones can be made of 1m bars with resample, shorter ones of nothing)."
        )
    return files
