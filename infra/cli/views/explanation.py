"""The page about one signal: why it opened, how it ended, and its deliveries."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.exits.risk import moved, result_of, reward_of, target_of
from signalengine.intervals import MINUTE_MS
from signalengine.params import WEIGHTS
from signalengine.policy import default_policy
from signalengine.signals import COMPONENTS
from signalengine.text.formatting import (
    countdown,
    duration,
    latency,
    percent,
    ratio,
    share,
)

from .charts import bar, candles
from .lists import details, verdict
from .page import Page, lines, plain, words
from .quoted import (
    NONE,
    between,
    gain,
    in_r,
    level_pct,
    market_badge,
    mean_exit,
    money,
    points,
    score,
    side,
    state,
)
from .tables import Cell, Column, fitted, listed, number

CHART_HEIGHT = 15
CHART_MARGIN = 24
LONGEST_CHART = 90
BAR = 24
STALE_MS = 3_000
OTHER = {"long": "short", "short": "long"}
Row = Mapping[str, Any]


def explanation(document: Row, page: Page) -> RenderableType:
    """Render the full document of one signal, the most important parts first."""
    signal, decision = document["signal"], document["decision"]
    sections: list[tuple[str, Iterable[RenderableType]]] = [
        ("why it opened", [_why(signal, decision, page)]),
        ("components", [_components(signal, decision, page), _missing(signal)]),
        ("levels", [_levels(signal, page)]),
        *([("so far", [_so_far(signal, document["bars"])])] if signal["closed_at"] is None else []),
        ("price, 1m bars", _chart(document, page)),
        ("how it ended", [_end(signal, page)]),
        ("data quality", [_quality(signal)]),
        ("deliveries", [_receipts(document["receipts"], page), _stages(document)]),
        ("the same symbol within 30 minutes", [_neighbours(document["neighbours"], page)]),
    ]
    parts: list[RenderableType] = [_head(signal)]
    for title, content in sections:
        parts += [Text(), Text(title, "bold underline"), *content]
    return Group(*parts)


def _head(signal: Row) -> Text:
    policy, code = plain(signal["policy_digest"]), plain(signal["code_version"])
    identity = f"{plain(signal['id'])} · policy {policy} · code {code}"
    return Text.assemble(
        market_badge(signal["market"]), side(signal["direction"]),
        (f" {plain(signal['symbol'])}", "bold"), f"  {score(signal['score'])}  ",
        state(signal["status"]), "  ", gain(signal["return_pct"]) if signal["closed_at"] else "",
        "\n", (identity, "dim"),
    )  # fmt: skip


def _why(signal: Row, decision: Row | None, page: Page) -> Text:
    mine = [event for event in signal["events"] if event["direction"] == signal["direction"]]
    against = [event for event in signal["events"] if event["direction"] != signal["direction"]]
    when = f"At {page.at(signal['close_time'])}, the close of a 1m bar,"
    supporting = _count(len(mine), "event") if mine else "an event of the last minutes"
    shown = [f"{when} {supporting} supported {plain(signal['direction'])}"]
    shown += [f"  + {_event(event)}" for event in mine]
    if against:
        shown += ["against it:"] + [f"  - {_event(event)}" for event in against]
    return lines(*shown, *_scored(signal, decision))


def _scored(signal: Row, decision: Row | None) -> list[str]:
    if decision is None:
        return ["The decision itself is no longer stored; the rest is from the signal."]
    here, there = plain(signal["direction"]), OTHER.get(signal["direction"], "")
    mine, other = decision["scores"][here], decision["scores"][there]
    scored = f"{here.capitalize()} scored {score(mine['score'])}, {there} {score(other['score'])}"
    shown = [f"{scored}; {share(mine['coverage'])} of the weights had data."]
    opinion = decision.get("opinion")
    if opinion:
        shown.append(
            f"The model {plain(opinion['model'])[:12]} ({words(opinion['mode'])}) gave "
            f"{here} {score(opinion[here])}, {there} {score(opinion[there])}."
        )
    return shown


def _event(event: Row) -> str:
    bars = f"{words(event['kind'])} on {plain(event['interval'])} bars"
    shown = f"{bars}, strength {points(event['strength'])}"
    more = details(event["details"])
    return f"{shown} ({more})" if more else shown


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _components(signal: Row, decision: Row | None, page: Page) -> RenderableType:
    """Render each component's bar for this side, and its number for the other."""
    mine = signal["components"]
    weights = _weights(signal["policy_digest"])
    theirs: Row = {}
    if decision is not None:
        theirs = decision["scores"][OTHER[signal["direction"]]]["components"]
    names = [*(name for name in COMPONENTS if name in mine), *(mine.keys() - set(COMPONENTS))]
    columns = [
        Column("component"), Column(plain(signal["direction"]), 1), number("score"),
        number("weight", 3), number(OTHER.get(signal["direction"], "other"), 2),
    ]  # fmt: skip
    rows: list[Sequence[Cell]] = [
        [
            words(name), _component_bar(mine[name]), points(mine[name]),
            share(weights[name]) if name in weights else NONE, points(theirs.get(name)),
        ]
        for name in names
    ]  # fmt: skip
    return fitted(columns, rows, page.width)


def _component_bar(value: float | None) -> Text:
    return Text("no data", "yellow") if value is None else bar(value, BAR, "cyan")


def _weights(digest: str) -> Mapping[str, float]:
    """Return the weights if the signal's policy is the default one, else {}."""
    policy = default_policy()
    if policy.digest != digest:
        return {}
    return dict(zip(COMPONENTS, policy.numbers[WEIGHTS:], strict=False))


def _missing(signal: Row) -> Text:
    names = ", ".join(words(name) for name in signal["missing"])
    if not names:
        return Text("all seven had data", "dim")
    return Text(f"no data for {names}: left out of the weights", "yellow")


def _levels(signal: Row, page: Page) -> RenderableType:
    entry, tp, sl = (signal[name] for name in ("entry_price", "tp_price", "sl_price"))
    tick, reward = signal.get("tick_size"), reward_of(signal)
    rows: list[tuple[str, Cell]] = [
        ("take profit", Text.assemble(money(tp, tick), "  ", level_pct(signal, tp))),
        ("entry", f"{money(entry, tick)}  close of the bar"),
        ("stop loss", Text.assemble(money(sl, tick), "  ", level_pct(signal, sl))),
        ("risk to reward", NONE if reward is None else ratio(reward)),
        ("ATR", f"{money(signal['atr'], tick)}  of {plain(signal['atr_interval'])} bars"),
        ("expires", page.at(signal["expires_at"])),
    ]  # fmt: skip
    return listed(rows)


def _so_far(signal: Row, bars: Sequence[Sequence[float]]) -> RenderableType:
    """Render where an open signal is, at the close of the last stored bar."""
    if not bars:
        return Text("the bars are no longer stored", "dim")
    opened_at, *_, last, _ = bars[-1]
    tick = signal.get("tick_size")
    moves = [step["price"] for step in signal.get("progress", ()) if "fraction" not in step]
    stop = moves[-1] if moves else signal["sl_price"]
    gained = moved(signal, signal["entry_price"], mean_exit(signal, last))
    rows: list[tuple[str, Cell]] = [
        ("last price", f"{money(last, tick)}  close of the last bar"),
        *([("stop now", money(stop, tick))] if moves else []),
        ("to TP", in_r(moved(signal, last, target_of(signal)))),
        ("to SL", in_r(moved(signal, stop, last))),
        ("result so far", f"{in_r(gained)}  before costs"),
        ("time left", countdown(signal["expires_at"] - opened_at - MINUTE_MS)),
    ]  # fmt: skip
    return listed(rows)


def _parts(signal: Row) -> Iterable[tuple[str, Cell]]:
    """Yield the parts of the position that were closed, where there is more than one."""
    entry, tick = signal["entry_price"], signal.get("tick_size")
    for fill in signal.get("fills", ()):
        price = fill["price"]
        closed = f"{share(fill['fraction'])} at {money(price, tick)}"
        yield words(fill["name"]), f"{closed}  {in_r(moved(signal, entry, price))}"


def _chart(document: Row, page: Page) -> list[RenderableType]:
    bars, signal = document["bars"], document["signal"]
    if len(bars) < 2:
        return [Text("the bars are no longer stored", "dim")]
    levels = {"TP": signal["tp_price"], "entry": signal["entry_price"], "SL": signal["sl_price"]}
    marks = {"▲": signal["close_time"]}
    if signal["closed_at"]:
        marks["◆"] = int(signal["closed_at"] * 1000)
    width = max(20, min(LONGEST_CHART, page.width - CHART_MARGIN))
    first, last = page.at(bars[0][0]), page.clock(bars[-1][0] + 60_000)
    legend = f"{first} to {last} · █ up ▒ down · ▲ opened"
    legend += " · ◆ closed" if signal["closed_at"] else ""
    tick = signal.get("tick_size")
    return [*candles(bars, levels, marks, width, CHART_HEIGHT, tick), Text(legend, "dim")]


def _end(signal: Row, page: Page) -> RenderableType:
    if signal["closed_at"] is None:
        return Text("still open", "cyan")
    closed_at = int(signal["closed_at"] * 1000)
    costs = signal["gross_return_pct"] - signal["return_pct"]
    rows: list[tuple[str, Cell]] = [
        ("outcome", state(signal["status"])),
        ("at", f"{page.at(closed_at)}, after {duration(closed_at - signal['close_time'])}"),
        ("exit", money(signal["exit_price"], signal.get("tick_size"))),
        ("net", Text.assemble(gain(signal["return_pct"]), "  after costs")),
        ("gross", Text.assemble(gain(signal["gross_return_pct"]), f"  costs {percent(-costs)}, "
                                f"of it funding {percent(-signal['funding_pct'])}")),
        ("gross in R", in_r(result_of(signal))),
        *_parts(signal),
        ("best, worst", between(signal["mfe_pct"], signal["mae_pct"])),
        ("decided by", words(signal["resolution"])),
    ]  # fmt: skip
    if signal["ambiguous"]:
        rows.append(("note", Text("one bar crossed both levels: counted as the stop", "yellow")))
    return listed(rows)


def _quality(signal: Row) -> Text:
    quality = signal["quality"]
    found = []
    if quality.get("gap_s"):
        found.append(f"{duration(quality['gap_s'] * 1000)} of this market are missing")
    if (quality.get("stream_age_ms") or 0) >= STALE_MS:
        found.append(f"its stream had been silent for {latency(quality['stream_age_ms'])}")
    if not found:
        return Text("no gap before it, and its stream was fresh", "dim")
    return Text("\n".join(found), "yellow")


def _receipts(rows: Sequence[Row], page: Page) -> RenderableType:
    if not rows:
        return Text("no delivery is recorded", "dim")
    columns = [
        Column("message"), Column("channel"), Column("state"), number("tries", 1),
        Column("sent (wall clock)", 2), number("after", 1),
    ]  # fmt: skip
    shown: list[Sequence[Cell]] = [
        [
            words(row["kind"]), plain(row["channel"]), words(row["state"]), str(row["attempts"]),
            NONE if row["sent_at"] is None else page.at(row["sent_at"]),
            NONE if row["latency_ms"] is None else latency(row["latency_ms"]),
        ]
        for row in rows
    ]  # fmt: skip
    return fitted(columns, shown, page.width)


def _stages(document: Row) -> Text:
    """Render how long each stage of each delivery took; a replay's bars have no wall time."""
    live = document["signal"]["market"] == "live"
    stages = [("stored_at", "stored"), ("published_at", "published"), ("sent_at", "acknowledged")]
    if live:
        stages.insert(0, ("bar_closed_at", "bar closed"))
    shown: list[str | Text | None] = [
        f"{words(row['kind'])} {plain(row['channel'])}: {_steps(row, stages)}"
        for row in document["receipts"]
        if row["sent_at"] is not None
    ]
    note = "WebSocket clients do not acknowledge messages, and so have no receipts"
    return lines(*shown, Text(note, "dim"))


def _steps(row: Row, stages: Sequence[tuple[str, str]]) -> str:
    """Return the stages whose times are known, with the ms between them."""
    known = [(row[key], name) for key, name in stages if row.get(key) is not None]
    steps = [known[0][1]]
    for (before, _), (at, name) in pairwise(known):
        steps.append(f"{name} {latency(at - before)}")
    return " → ".join(steps)


def _neighbours(rows: Sequence[Row], page: Page) -> RenderableType:
    if not rows:
        return Text("no other close was scored", "dim")
    columns = [
        Column(page.zone(row["close_time"] for row in rows)), Column("verdict"),
        Column("side", 2), number("score", 1), Column("why"),
    ]  # fmt: skip
    shown: list[Sequence[Cell]] = [
        [
            page.clock(row["close_time"]), verdict(row["verdict"]), side(row["direction"]),
            score(row["score"]), plain(row["reason"]),
        ]
        for row in sorted(rows, key=lambda row: row["close_time"])
    ]  # fmt: skip
    return fitted(columns, shown, page.width)
