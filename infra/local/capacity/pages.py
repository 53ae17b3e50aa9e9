"""The tables of docs/latency.md and docs/capacity.md, each between two marks of its page."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isinf
from pathlib import Path
from typing import Final

from infra.assets import ROOT

from .chats import waited
from .groups import appended
from .hops import OBJECTIVES_MS, hops, whole
from .limits import LIMITS, Load, month_usd, ranked, reached, shards

COMMAND: Final = "python -m infra.local.capacity"
DOCS: Final = ROOT / "docs"
SYMBOLS: Final = tuple(base * times for base in (20, 500) for times in (1, 10, 100))
AUDIENCES: Final = tuple(
    Load(symbols, clients, chats)
    for symbols in (20, 500)
    for clients, chats in ((100, 1), (10_000, 1), (0, 1_000), (10_000, 1_000), (100_000, 10_000))
)
SHARDS: Final = (1, 2, 4, 8)
CHATS: Final = (10, 100, 1_000, 10_000)
_PLACE: Final = "<!-- {0}: written by `" + COMMAND + "` -->\n"


def written(text: str, tables: Mapping[str, str]) -> str:
    """Return a page with these tables in their places; raises ValueError where one is missing."""
    for name, table in tables.items():
        mark, end = _PLACE.format(name), f"<!-- end of {name} -->"
        if mark not in text or end not in text:
            raise ValueError(f"the page has no place for {name}")
        place = re.compile(re.escape(mark) + ".*?" + re.escape(end), re.DOTALL)
        before, after = place.split(text, maxsplit=1)
        text = before + mark + table + end + after
    return text


def pages() -> dict[Path, dict[str, str]]:
    """Return the tables of each page by their names."""
    return {
        DOCS / "latency.md": {"the hops": _hops(), "the whole": _whole()},
        DOCS / "capacity.md": {
            "symbols": _symbols(), "audiences": _audiences(), "limits": _limits(),
            "shards": _shards(), "chats": _chats(),
        },
    }  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    first, *others = (f"| {' | '.join(line)} |\n" for line in (head, *rows))
    return "".join([first, "|" + "---|" * len(head) + "\n", *others])


def _hops() -> str:
    few, many, wild = hops(20), hops(500), hops(500, "wild")
    only = {"websocket": " (WebSocket)", "telegram": " (Telegram)", "both": ""}
    rows = [
        [one.name + only[one.way], *(_range(each.spread.at) for each in (one, two, three)),
         one.source if one.source == two.source else f"{one.source}; with 500: {two.source}"]
        for one, two, three in zip(few, many, wild, strict=True)
    ]  # fmt: skip
    return table(["hop", "20 symbols", "500 symbols", "500, wild minute", "source"], rows)


def _range(at: Callable[[float], float]) -> str:
    return f"{at(0.5):,.0f} / {at(0.95):,.0f}"


def _whole() -> str:
    kinds = ((20, "usual"), (500, "usual"), (500, "wild"))
    rows = []
    for symbols, minute in kinds:
        parts = hops(symbols, minute)
        ways = (whole(parts, "websocket"), whole(parts, "telegram"))
        wild = ", a wild minute" if minute == "wild" else ""
        rows.append(
            [f"{symbols} symbols{wild}", *(f"{a / 1000:.1f} / {b / 1000:.1f}" for a, b in ways),
             f"{OBJECTIVES_MS[symbols] / 1000:.0f}"]
        )  # fmt: skip
    head = ["s from the bar's close", "to a WebSocket client", "to Telegram's answer", "objective"]
    return table(head, rows)


def _symbols() -> str:
    rows = [[f"{load.symbols:,}", *_row(load)] for load in map(Load, SYMBOLS)]
    return table(["symbols", *_HEAD], rows)


def _audiences() -> str:
    rows = [
        [f"{load.symbols:,}", f"{load.clients:,}", f"{load.chats:,}", *_row(load)]
        for load in AUDIENCES
    ]
    return table(["symbols", "clients", "chats", *_HEAD], rows)


_HEAD: Final = ("first limit", "next", "beyond their limit", "shards", "US dollars a month, about")


def _row(load: Load) -> list[str]:
    (first, one), (second, two) = ranked(load)[:2]
    return [
        f"{one.name}, {share(first)}",
        f"{two.name}, {share(second)}",
        str(len(reached(load)) or "none"),
        str(shards(load)),
        dollars(month_usd(load)),
    ]


def dollars(usd: float) -> str:
    """Return an amount in two significant digits: the model is no more exact."""
    return f"{float(f'{usd:.2g}'):,.0f}"


def share(use: float) -> str:
    """Return a use for a reader: a part of the limit, or times it."""
    return f"{use:,.1f} ×" if use > 1 else f"{100 * use:.0f} %"


def _limits() -> str:
    loads = (Load(20), Load(500), Load(500, 10_000, 1_000))
    rows = [
        [one.name, one.allowed, *(share(one.use(load)) for load in loads), one.turn]
        for one in LIMITS
    ]
    head = ["limit", "allowed", "20", "500", "500; 10,000 clients; 1,000 chats", "what to turn"]
    return table(head, rows)


def _shards() -> str:
    rows = []
    for symbols in (500, 2_000):
        for count in SHARDS:
            now, keyed = appended(symbols, count), appended(symbols, count, by_group=True)
            rows.append(
                [f"{symbols:,}", str(count), f"{now.tries:.2f}",
                 f"{now.p50_ms:.0f} / {now.p95_ms:.0f}", f"{100 * now.given_up:.1f} %",
                 f"{keyed.p50_ms:.0f} / {keyed.p95_ms:.0f}"]
            )  # fmt: skip
    head = ["symbols", "shards", "tries an entry", "ms to append, p50 / p95",
            "invocations that come again", "ms, keyed by group"]  # fmt: skip
    return table(head, rows)


def _chats() -> str:
    rows = []
    for symbols in (20, 500):
        for chats in CHATS:
            found = waited(symbols, chats)
            times = [_seconds(found.p50_s), _seconds(found.p95_s)]
            rows.append([f"{symbols}", f"{chats:,}", share(found.use), *times])
    return table(["symbols", "chats", "of the rate", "last chat, p50", "p95"], rows)


def _seconds(value: float) -> str:
    return "grows without end" if isinf(value) else f"{value:,.1f} s"
