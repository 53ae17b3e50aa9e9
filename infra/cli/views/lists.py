"""The lists: signals, scores, symbols, events, decisions, gaps. One function per document."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.exits.risk import result_of, reward_of
from signalengine.text.formatting import duration

from .charts import bar
from .page import Page, plain, words
from .quoted import (
    NONE,
    between,
    gain,
    in_r,
    level_pct,
    mean_exit,
    money,
    points,
    policy_words,
    reward,
    score,
    side,
    state,
)
from .tables import Cell, Column, fitted, listed, nothing, number

ID_SHOWN = 10
"""Characters of a signal's id that are shown."""
Row = Mapping[str, Any]


def signals(document: Row, page: Page, prices: Mapping[str, float] | None = None) -> RenderableType:
    """Render signals, newest first; with prices also the current gain of open ones."""
    rows = document["signals"]
    if not rows:
        return nothing("no signals: none matches, or none has opened yet")
    columns = [
        Column(_closed(rows, page), 5), Column("symbol"), Column("side"), number("score", 4),
        number("entry"), number("TP"), number("SL"), Column("state", 1),
        number("net", 2), number("R", 3), number("R:R", 5), number("gross", 6),
        Column("market", 7), Column("id", 8),
    ]  # fmt: skip
    shown = [_signal(row, page, prices or {}) for row in rows]
    return fitted(
        columns, shown, page.width, "net: percent after costs; R: gross, in units of the risk"
    )


def hashes(document: Row, page: Page) -> RenderableType:
    """Render signals with their deduplication hash, and how many of these are unique."""
    rows = document["signals"]
    if not rows:
        return nothing("no signals: none matches, or none has opened yet")
    columns = [
        Column(_closed(rows, page), 1), Column("symbol"), Column("side"), number("score", 2),
        Column("hash"), Column("id", 3),
    ]  # fmt: skip
    shown: list[Sequence[Cell]] = [
        [
            page.minute(row["close_time"]), plain(row["symbol"]), side(row["direction"]),
            score(row["score"]), plain(row["dedup_hash"]), plain(row["id"])[:ID_SHOWN],
        ]
        for row in rows
    ]  # fmt: skip
    unique = len({row["dedup_hash"] for row in rows})
    note = f"{unique:,} unique of {len(rows):,}: MD5 of symbol:direction:timestamp:score"
    return fitted(columns, shown, page.width, note)


def _zone(rows: Sequence[Row], page: Page) -> str:
    return page.zone(row["close_time"] for row in rows)


def _closed(rows: Sequence[Row], page: Page) -> str:
    return f"closed bar {_zone(rows, page)}"


def _signal(row: Row, page: Page, prices: Mapping[str, float]) -> Sequence[Cell]:
    now = prices.get(row["symbol"])
    return [
        page.minute(row["close_time"]), plain(row["symbol"]), side(row["direction"]),
        score(row["score"]), *levels(row), state(row["status"]),
        _floating(row, now) if row["return_pct"] is None else gain(row["return_pct"]),
        in_r(result_of(row)), reward(reward_of(row)),
        gain(row.get("gross_return_pct")), plain(row["market"]), plain(row["id"])[:ID_SHOWN],
    ]  # fmt: skip


def levels(row: Row) -> tuple[str, str, str]:
    """Return a signal's entry, TP and SL on its tick size."""
    entry, tp, sl = (row[f"{name}_price"] for name in ("entry", "tp", "sl"))
    tick = row.get("tick_size")
    return money(entry, tick), money(tp, tick), money(sl, tick)


def _floating(row: Row, now: float | None) -> Text:
    """Return the gain of an open signal at a price, before costs, marked as not final."""
    if now is None:
        return Text(NONE, "dim")
    return Text.assemble("~", level_pct(row, mean_exit(row, now)))


def signal_stats(document: Row, _page: Page) -> RenderableType:
    """Render the statistics of the current policy and market over all time."""
    n = document["n"]
    if not n:
        return nothing(f"no closed signals yet; open: {document['open_signals']}")
    states = document.get("by_status", {})
    shown = [(words(name), str(count)) for name, count in states.items()]
    rows: list[tuple[str, Cell]] = [
        ("closed signals", str(n)),
        ("won", f"{score(document['win_rate'])} ({document['wins']} of {n}, net of costs)"),
        *shown,
        ("average net", gain(document["avg_return"])),
        ("best, worst", between(document["best_return"], document["worst_return"])),
        ("best symbol", plain(document["best_symbol"])),
        ("worst symbol", plain(document["worst_symbol"])),
        ("policy", policy_words(document)),
        ("market", plain(document["market"])),
    ]
    few = [] if n >= 30 else [Text("fewer than 30 signals prove nothing", "yellow")]
    return Group(listed(rows), *few)


def top(document: Row, page: Page) -> RenderableType:
    """Render the current scores of every symbol."""
    rows = document["top"]
    if not rows:
        return nothing("no symbol has a score yet")
    columns = [
        Column("symbol"), Column("side"), number("score"), Column("", 2), number("long/short", 5),
        number("price", 3), Column(f"bar {_zone(rows, page)}", 4), Column("note", 1),
    ]  # fmt: skip
    shown: list[Sequence[Cell]] = [
        [
            plain(row["symbol"]), side(row["direction"]), score(row["score"]),
            bar(row["score"], 16, "cyan"), _sides(row["long_score"], row["short_score"]),
            money(row["price"], row.get("tick_size")), page.minute(row["close_time"]),
            _score_note(row),
        ]
        for row in rows
    ]  # fmt: skip
    caption = "scores of the last closed bar; a signal also needs an event, and the policy's rules"
    return fitted(columns, shown, page.width, caption)


def _sides(long: float, short: float) -> str:
    return f"{score(long)}/{score(short)}"


def _score_note(row: Row) -> Text:
    if not row["warm"]:
        return Text("warming up", "yellow")
    missing = [words(name) for name in row["missing"]]
    if missing:
        return Text(f"no data: {', '.join(missing)}", "dim")
    backed = row.get("backed", True)
    return Text("" if backed else "no event", "dim")


def symbols(document: Row, page: Page) -> RenderableType:
    """Render the followed symbols and their last prices."""
    if not document["symbols"]:
        return nothing("no symbols: no heartbeat of the feed has been received yet")
    prices, ticks = document["prices"], document.get("tick_sizes", {})
    rows = [[plain(name), money(prices.get(name), ticks.get(name))] for name in document["symbols"]]
    at = document["time"]
    caption = f"prices of {page.at(at)}" if at else ""
    return fitted([Column("symbol"), number("last price")], rows, page.width, caption)


def events(document: Row, page: Page) -> RenderableType:
    """Render events, newest first."""
    rows = document["events"]
    if not rows:
        return nothing("no events: none matches, or none has occurred yet")
    columns = [
        Column(_closed(rows, page)), Column("symbol"), Column("event"), Column("bars"),
        Column("side"), number("strength", 1), Column("details", 2),
    ]  # fmt: skip
    shown: list[Sequence[Cell]] = [
        [
            page.minute(row["close_time"]), plain(row["symbol"]), words(row["event_type"]),
            plain(row["interval"]), side(row["direction"]), points(row["strength"]),
            Text(details(row["details"]), "dim"),
        ]
        for row in rows
    ]  # fmt: skip
    return fitted(columns, shown, page.width)


def details(found: Mapping[str, float]) -> str:
    """Return an event's numbers as words."""
    return ", ".join(f"{words(name)} {value:.6g}" for name, value in found.items())


def event_stats(document: Row, page: Page) -> RenderableType:
    """Render the counts of a day's events."""
    if not document["total"]:
        return nothing(f"no events on {plain(document['day'])}")
    most = max(document["by_type"].values())
    kinds: list[Sequence[Cell]] = [
        [words(kind), str(n), bar(n / most, 20, "cyan")] for kind, n in document["by_type"].items()
    ]
    names = [[plain(name), str(n)] for name, n in document["by_symbol"].items()]
    return Group(
        fitted([Column("event"), number("n"), Column("", 1)], kinds, page.width),
        Text(),
        fitted([Column("symbol"), number("n")], names, page.width,
               f"{document['total']} events on {plain(document['day'])} UTC"),
    )  # fmt: skip


def decisions(document: Row, page: Page) -> RenderableType:
    """Render scored closes with verdict and reason."""
    rows = document["decisions"]
    if not rows:
        return nothing("no decisions: none matches, or no close had an event yet")
    columns = [
        Column(_closed(rows, page)), Column("symbol"), Column("verdict"), Column("side", 3),
        number("long/short", 4), Column("why"), Column("events", 5),
    ]  # fmt: skip
    shown: list[Sequence[Cell]] = [
        [
            page.minute(row["close_time"]), plain(row["symbol"]), verdict(row["verdict"]),
            side(row["direction"]),
            _sides(row["scores"]["long"]["score"], row["scores"]["short"]["score"]),
            plain(row["reason"]),
            Text(", ".join(words(kind) for kind in row["events"]), "dim"),
        ]
        for row in rows
    ]  # fmt: skip
    return fitted(columns, shown, page.width)


def why_not(document: Row, page: Page) -> RenderableType:
    """Render closes without a signal: counts of the reasons, then each close."""
    counts = document["by_verdict"]
    if not counts:
        return nothing("every scored close became a signal, or none was scored yet")
    most = max(counts.values())
    rows: list[Sequence[Cell]] = [
        [verdict(name), str(n), bar(n / most, 20, "yellow")] for name, n in counts.items()
    ]
    total = document["count"]
    caption = f"the newest {total} scored closes without a signal"
    return Group(
        fitted([Column("verdict"), number("n"), Column("", 1)], rows, page.width, caption),
        Text(),
        decisions(document, page),
    )


def verdict(name: object) -> Text:
    return Text(words(name), "green" if name == "emitted" else "yellow")


def counted(rows: Sequence[Row]) -> dict[str, int]:
    """Return how often each verdict is among decisions, the most frequent first."""
    return dict(Counter(str(row["verdict"]) for row in rows).most_common())


def gaps(document: Row, page: Page) -> RenderableType:
    """Render the gaps of the feed, and how each ended."""
    rows = document["gaps"]
    if not rows:
        return nothing(f"no gaps recorded on {plain(document['day'])} UTC")
    columns = [
        Column(f"detected {page.zone(row['noticed_at'] for row in rows)}"), Column("symbol"),
        Column("stream"), Column("cause", 1),
        number("lasted", 2), number("bars missing", 3), number("lost"), Column("outcome"),
        Column("detail", 4),
    ]  # fmt: skip
    shown = [_gap(row, page) for row in rows]
    return fitted(columns, shown, page.width)


def _gap(row: Row, page: Page) -> Sequence[Cell]:
    end = row.get("end")
    lost = row["bars_missing"] - row["bars_repaired"] if row["outcome"] == "lost" else 0
    style = {"open": "red", "lost": "red", "repaired": "green"}.get(row["outcome"], "")
    return [
        page.minute(row["noticed_at"]), plain(row["symbol"] or "all"), words(row["stream"]),
        words(row["cause"]), NONE if end is None else duration(end - row["start"]),
        str(row["bars_missing"]), str(lost), Text(words(row["outcome"]), style),
        Text(plain(row.get("detail", "")), "dim"),
    ]  # fmt: skip
