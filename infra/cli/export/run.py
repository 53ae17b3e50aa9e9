"""An export: read page by page into parts, then written as one file, in one order."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from signalengine.intervals import DAY_MS
from signalengine.text.symbol_reader import (
    SymbolError,
    UnknownSymbolError,
    find_symbol,
    read_symbol,
    split_symbols,
)
from signalengine.text.time_reader import read_time

from infra.errors import USAGE, CommandError
from machine.files import is_stdout

from .datasets import DATASETS
from .formats import iso, write_rows
from .ordering import ordered
from .pages import Request, reader
from .parts import Parts, Planned, Step, alone_in, begin, end, planned

if TYPE_CHECKING:  # slow to import, and not needed for help
    from infra.cli.reading.client import Api

AGAIN: Final = "what was read is stored: the same command goes on there"
Show: TypeAlias = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Options:
    """The options of an export, as they were given."""

    dataset: str
    start: str | None = None
    end: str | None = None
    symbols: str = ""
    interval: str = "1m"
    policy: str | None = None
    market: str | None = None
    strategy: str | None = None
    shadow: bool = False

    def check(self) -> None:
        """Raise CommandError for an option that has no effect."""
        timed = self.dataset != "performance"
        wrong = [
            name
            for name, given, goes in (
                ("--from", self.start, timed),
                ("--to", self.end, timed),
                ("--policy", self.policy, not timed),
                ("--market", self.market, not timed),
                ("--strategy", self.strategy, self.dataset != "bars"),
                ("--shadow", self.shadow, timed and self.dataset != "bars"),
                ("--interval", self.interval != "1m", self.dataset == "bars"),
            )
            if given and not goes
        ]
        if wrong:
            why = f"{wrong[0]} has no effect on {self.dataset}"
            raise CommandError(why, "leave it out: see `signalengine export --help`", USAGE)


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file has."""

    file: Path
    request: Request
    rows: int
    unreadable: int
    resumed: bool
    discarded: bool = False
    """Whether the parts of another market, policy or run were there, and were removed."""

    def as_json(self) -> dict[str, Any]:
        timed = self.request.end > 0
        return {
            "dataset": self.request.dataset,
            "file": str(self.file),
            "rows": self.rows,
            "unreadable": self.unreadable,
            "from": self.request.start if timed else None,
            "to": self.request.end if timed else None,
            "resumed": self.resumed,
        }


def export(
    api: "Api", options: Options, form: str, target: Path, show: Show, *, restart: bool = False
) -> Exported:
    """Write the rows of a dataset to a file; an interrupted export goes on where it stopped.

    One of another market, policy or run does not: its rows and these are no data of one system.
    """
    options.check()
    given = {"stack": api.target.api, **_as_json(options)}
    with _folder_of(target) as folder, alone_in(folder):
        source = source_of(api)
        stored = None if restart else planned(folder, given)
        before = stored if stored is not None and stored.source == source else None
        if before is None:
            request = determined(api, options, show)
            begin(folder, given, Planned(request, source))
        else:
            request = before.request
            show(f"going on with an export that was interrupted, to {iso(request.end)}")
        parts = Parts(folder, request)
        with _goes_on(restart=restart):
            for text in _progress(request, parts.read_rest(reader(api, request))):
                show(text)
        rows, unreadable = _written(parts, request, form, target, show)
        end(folder)
    resumed, discarded = before is not None, stored is not None and before is None
    return Exported(target, request, rows, unreadable, resumed, discarded)


def _written(
    parts: Parts, request: Request, form: str, target: Path, show: Show
) -> tuple[int, int]:
    """Write the file of all parts; return how many rows it has, and how many were unreadable."""
    rows, unreadable = parts.counts()
    show(f"{request.dataset}: writing {rows:,} rows")
    lanes = [parts.rows(number) for number in range(len(request.lanes))]
    columns = DATASETS[request.dataset].columns
    write_rows(target, form, columns, ordered(request, lanes), request.as_json())
    return rows, unreadable


def source_of(api: "Api") -> dict[str, Any]:
    """Return what identifies a run of a stack: market, policy, and when its counting began.

    Counting begins with the first heartbeat of a market, and goes on after a restart that keeps
    the stored data: none of these changes with time.
    """
    health, system = api.get("/health"), api.get("/system")
    names = ("market", "policy_digest")
    return {**{name: health.get(name) for name in names}, "since": system["cost"]["since"]}


def determined(api: "Api", options: Options, show: Show) -> Request:
    """Return what options mean now: symbols that are followed, and the period in ms."""
    request = Request(
        options.dataset, interval=options.interval, policy=options.policy, market=options.market,
        strategy=options.strategy, shadow=options.shadow,
        symbols=_symbols(api, options, show),
    )  # fmt: skip
    days = DATASETS[options.dataset].default_days
    if days is None:
        return request
    until = newest(api) + 1 if options.end is None else read_time(options.end)
    since = max(0, until - days * DAY_MS) if options.start is None else read_time(options.start)
    if since >= until:
        why = f"--from is not before the newest data, which is of {iso(until - 1)}"
        raise CommandError(why, "a replay has the times of its recording", USAGE)
    return replace(request, start=since, end=until)


def newest(api: "Api") -> int:
    """Return the stack's exchange time (ms): what is older has been received."""
    watermark = api.get("/health").get("watermark")
    if watermark is None:
        fix = "wait for the first minute of its market: `signalengine status`"
        raise CommandError("the stack has received nothing yet", fix)
    return int(watermark)


def _symbols(api: "Api", options: Options, show: Show) -> tuple[str, ...]:
    """Return the symbols that were named; for bars those that are followed, unless some are."""
    words = split_symbols(options.symbols)
    if not words and options.dataset != "bars":
        return ()
    followed = api.get("/symbols")["symbols"]
    if not words:
        return tuple(followed)
    return tuple(dict.fromkeys(_symbol(word, followed, show) for word in words))


def _symbol(word: str, followed: list[str], show: Show) -> str:
    """Return a symbol that a word names; one that is not followed may have been, once."""
    try:
        try:
            return find_symbol(word, followed).symbol
        except UnknownSymbolError:
            name = read_symbol(word)
            show(f"{name} is not followed: only what is stored of earlier times")
            return name
    except SymbolError as error:
        raise CommandError(f"--symbols: {error}", code=USAGE) from error


def _progress(request: Request, steps: Iterator[Step]) -> Iterator[str]:
    rows = 0
    for step in steps:
        rows += step.rows
        lane = request.lanes[step.lane]
        where = "" if lane is None else f", {lane} ({step.lane + 1} of {len(request.lanes)})"
        far = "" if step.time is None else f", at {iso(step.time)[:16].replace('T', ' ')}"
        yield f"{request.dataset}: {rows:,} rows{where}{far}"


@contextmanager
def _goes_on(*, restart: bool) -> Iterator[None]:
    """Name in an error of the stack what is to be done, unless the same command begins anew."""
    try:
        yield
    except CommandError as error:
        if restart:
            raise
        raise CommandError(str(error), f"{error.fix}; {AGAIN}".lstrip("; "), error.code) from error


@contextmanager
def _folder_of(target: Path) -> Iterator[Path]:
    """Give the folder of a file's parts: beside it, but for a device or a pipe."""
    if is_stdout(target) or (target.exists() and not target.is_file()):
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        real = target.resolve()
        yield real.with_name(f".{real.name[:200]}.parts")


def _as_json(options: Options) -> dict[str, Any]:
    names = (
        "dataset", "start", "end", "symbols", "interval", "policy", "market", "strategy", "shadow",
    )  # fmt: skip
    return {name: getattr(options, name) for name in names}
