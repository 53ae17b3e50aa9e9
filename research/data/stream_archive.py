"""Our own archive: the facts of the stream as JSON lines, gzipped or not, a file or a folder.

Order is that of the files' paths (Firehose puts the time into them) and of the lines in them. A
record that is no fact is skipped and counted, as the engine does. Two records without a line break
between them are read as two: Firehose adds none by default.

A bucket is read after `aws s3 sync s3://BUCKET FOLDER`.
"""

import gzip
import re
import zlib
from collections.abc import Container, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from signalengine.errors import MalformedFactError
from signalengine.facts.stream import Bar, BarsFact, HistoryFact, Market, decode
from signalengine.intervals import MINUTE_MS

from .bars import BarTable
from .diagnosis import unusable
from .errors import DataError
from .progress import Waiting
from .repairs import Repair, joined
from .rows import gap
from .series import Liquidations, Steps

MAX_INFLATED_BYTES: Final = 2**30
"""Of a gzipped file: Firehose writes 64 MB, a local run some 20 MB."""
MAX_RECORD_BYTES: Final = 2**24
"""Of one record: Kinesis accepts 10 MiB at most."""
_CHUNK_BYTES: Final = 2**20
_HEAD_BYTES: Final = 2**16
_FACT: Final = re.compile(rb'\{\s*"v"\s*:\s*\d+\s*,\s*"kind"')
_SEAM = re.compile(rb"[\r\n]+|(?<=\})(?=\{\"v\":)")
_OTHERS: Final = tuple(
    f'{{"v":1,"kind":"{kind}"'.encode() for kind in ("ticks", "heartbeat", "gap")
)  # as the engine writes them: nine tenths of the archive, recognised without parsing
_GZIP: Final = b"\x1f\x8b"


def has_facts(file: Path) -> bool | None:
    """Return whether a file begins with facts; None for one that is empty, broken or a pointer."""
    try:
        with file.open("rb") as raw:
            head = raw.read(_HEAD_BYTES)
        if head.startswith(_GZIP):
            head = zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES)
    except (OSError, zlib.error):
        return None
    return None if not head.strip() or unusable(head) else bool(_FACT.search(head))


@dataclass(slots=True)
class Passed:
    """What was passed over while reading."""

    malformed: int = 0


def read_facts(
    files: Sequence[Path], symbols: Container[str] | None = None, passed: Passed | None = None
) -> Iterator[BarsFact | HistoryFact]:
    """Yield the bars and history facts of the archive in its order (of all symbols by default)."""
    for file in files:
        for record in records(file):
            if record.startswith(_OTHERS):
                continue
            try:
                fact = decode(record)
            except MalformedFactError:
                if passed is not None:
                    passed.malformed += 1
                continue
            if isinstance(fact, BarsFact | HistoryFact) and (
                symbols is None or fact.symbol in symbols
            ):
                yield fact


def records(file: Path) -> Iterator[bytes]:
    """Yield the records of a file; at most `MAX_RECORD_BYTES` and a chunk of it are in memory."""
    rest, anything = b"", False
    for chunk in _chunks(file):
        *whole, rest = _SEAM.split(rest + chunk)
        for record in whole:
            if record.strip():
                anything = True
                yield record
        if len(rest) > MAX_RECORD_BYTES:
            raise DataError(
                f"{file.name}: a record is longer than {MAX_RECORD_BYTES} bytes, the limit. Fetch "
                "it from the bucket again, or remove it."
            )
    if rest.strip():
        yield rest
    elif not anything:
        raise DataError(f"{file.name}: empty. Fetch it from the bucket again, or remove it.")


def _chunks(file: Path) -> Iterator[bytes]:
    """Yield the content of a file, inflated if it is gzipped."""
    inflated = 0
    try:
        with file.open("rb") as raw:
            zipped = raw.peek(2).startswith(_GZIP)
            with gzip.GzipFile(fileobj=raw) if zipped else nullcontext(raw) as content:
                while chunk := content.read(_CHUNK_BYTES):
                    if not inflated and (what := unusable(chunk)):
                        raise DataError(f"{file.name} is {what}")
                    inflated += len(chunk)
                    if zipped and inflated > MAX_INFLATED_BYTES:
                        raise DataError(
                            f"{file.name}: inflates to more than {MAX_INFLATED_BYTES} bytes, the "
                            "limit. Fetch it from the bucket again, or split it."
                        )
                    yield chunk
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{file.name}: cut off or broken ({error}). Fetch it from the bucket again."
        ) from error


@dataclass(slots=True)
class _Gathered:
    """The minutes of one symbol; the first fact about a minute is the one that counts."""

    bars: dict[int, Bar] = field(default_factory=dict)
    facts: dict[int, BarsFact] = field(default_factory=dict)
    """By open time, where a `bars` fact was the first about the minute."""
    again: list[int] = field(default_factory=list)
    differing: list[int] = field(default_factory=list)
    markets: set[Market] = field(default_factory=set)

    def add(self, fact: BarsFact | HistoryFact) -> None:
        self.markets.add(fact.market)
        bars = fact.bars[:1] if isinstance(fact, BarsFact) else fact.bars
        for bar in bars:
            if bar.interval != "1m":
                continue
            known = self.bars.setdefault(bar.open_time, bar)
            if known is not bar:
                (self.again if known == bar else self.differing).append(bar.open_time)
            elif isinstance(fact, BarsFact):
                self.facts[bar.open_time] = fact


def table_of(files: Sequence[Path], symbol: str, market: Market | None = None) -> BarTable:
    """Return the 1m bars of a symbol with the side data of the facts.

    Raises DataError without any, or when they are of several markets and none is named.
    """
    gathered, passed = _Gathered(), Passed()
    with Waiting(f"{symbol} facts", len(files)) as waiting:
        for file in files:
            for fact in read_facts((file,), (symbol,), passed):
                if market is None or fact.market == market:
                    gathered.add(fact)
            waiting.step()
    if not gathered.bars:
        which = "" if market is None else f" of the {market} market"
        raise DataError(f"The archive has no 1m bars of {symbol}{which} in {len(files)} file(s).")
    if len(gathered.markets) > 1:
        names = ", ".join(sorted(gathered.markets))
        raise DataError(f"The archive mixes markets ({names}). Choose one: market='live'.")
    return _table(symbol, gathered, passed)


def _table(symbol: str, gathered: _Gathered, passed: Passed) -> BarTable:
    bars = [gathered.bars[time] for time in sorted(gathered.bars)]
    facts = [gathered.facts[time] for time in sorted(gathered.facts)]
    plain = BarTable.of_bars(symbol, bars)
    first, last = plain.start, plain.end - MINUTE_MS
    repairs = [
        *(Repair("duplicate", "bars", 1, time, time) for time in gathered.again),
        *(Repair("differing", "bars", 1, time, time) for time in gathered.differing),
        *gap(plain.open_time, MINUTE_MS),
    ]
    if passed.malformed:
        repairs.append(Repair("malformed", "records", passed.malformed, first, last))
    return BarTable(
        symbol, plain.open_time, plain.open, plain.high, plain.low, plain.close, plain.volume,
        plain.quote_volume, plain.trades, plain.taker_buy_volume,
        market=gathered.markets.pop(),
        repairs=joined(repairs),
        open_interest=_interest(facts),
        funding=_minutes(facts, "funding_paid"),
        funding_rate=_minutes(facts, "funding_rate"),
        funding_hours=_minutes(facts, "funding_hours"),
        tick_size=_minutes(facts, "tick_size"),
        mark=_minutes(facts, "mark_price"),
        liquidations=_liquidations(facts),
    )  # fmt: skip


def _interest(facts: Sequence[BarsFact]) -> Steps | None:
    """Return open interest by its own time, but not before the facts have it.

    What arrived after a minute was published is in the next fact with an earlier time.
    """
    known: dict[int, float] = {}
    times: set[int] = set()
    published = 0
    for fact in facts:
        time, value = fact.open_interest_time, fact.open_interest
        if value is not None and time is not None and time not in times:
            times.add(time)
            known[max(time, published + 1)] = value
        published = fact.close_time
    return Steps.of(known.items()) if known else None


def _minutes(facts: Sequence[BarsFact], name: str) -> Steps | None:
    values = ((fact.close_time, getattr(fact, name)) for fact in facts)
    known = [(time, value) for time, value in values if value is not None]
    return Steps.of(known) if known else None


def _liquidations(facts: Sequence[BarsFact]) -> Liquidations | None:
    rows = [
        (fact.bars[0].open_time, fact.liq_long_usd, fact.liq_short_usd)
        for fact in facts
        if fact.liq_long_usd is not None and fact.liq_short_usd is not None
    ]
    if not rows:
        return None
    times, longs, shorts = zip(*rows, strict=True)
    return Liquidations(np.array(times, dtype=np.int64), np.array(longs), np.array(shorts))
