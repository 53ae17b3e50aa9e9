"""Views of a stack's health and metrics."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.text.formatting import duration, latency

from .page import Page, plain, words
from .quoted import NONE, policy_words
from .tables import Cell, Column, fitted, listed, number

TIMES = ("time", "watermark", "since")
"""Names whose values are times, ms."""


def status(document: Mapping[str, Any], page: Page) -> RenderableType:
    """Render the health of a stack."""
    health, stack = document["health"], document["stack"]
    well = health["status"] == "ok"
    head = Text.assemble(
        ("● ok" if well else f"● {plain(health['status'])}", "bold green" if well else "bold red"),
        f"  {plain(stack['name'])}  ",
        (plain(stack["url"]), "dim"),
    )
    return Group(head, Text(), listed([*_health_rows(health, page), *_data_rows(document)]))


def _tone(state: str) -> str:
    if state == "ok":
        return "green"
    return "yellow" if state.startswith("starting") else "red"


def _health_rows(health: Mapping[str, Any], page: Page) -> Iterable[tuple[str, Cell]]:
    for name, state in health["components"].items():
        yield words(name), Text(plain(state), _tone(state))
    if "feed_age_seconds" not in health:
        return
    yield "market", plain(health["market"])
    yield "symbols", str(health["symbols"])
    yield "market time", page.at(health["watermark"])
    yield "last heartbeat", f"{latency(health['feed_age_seconds'] * 1000)} ago"
    lag = health.get("lag_ms")
    yield "engine behind", NONE if lag is None else latency(max(0, lag))
    yield "up for", duration(int(health["uptime_seconds"] * 1000))
    gaps = health.get("gaps")
    if gaps:
        yield "missed", _missed(gaps)
    yield "policy", policy_words(health)
    yield "code", plain(health.get("code_version", NONE))


def _data_rows(document: Mapping[str, Any]) -> Iterable[tuple[str, Cell]]:
    data = document.get("data")
    if data:
        yield "data", plain(f"{data['bytes'] / 1e6:.1f} MB in {data['folder']}")


def _missed(gaps: Mapping[str, Any]) -> Text:
    shown = (
        f"{gaps['open']} gaps open, {gaps['last_24h']} in 24 h, {gaps['lost_bars_24h']} bars lost"
    )
    return Text(shown, "red" if gaps["open"] or gaps["lost_bars_24h"] else "")


def metrics(document: Mapping[str, Any], page: Page) -> RenderableType:
    """Render counters and gauges, the latency of each hop, the queues."""
    system, legacy = document["system"], document["metrics"]
    parts: list[RenderableType] = []
    hops = [
        [words(hop["name"]), _ms(hop["p50_ms"]), _ms(hop["p95_ms"]), str(hop["n"])]
        for hop in system.get("hops", [])
    ]
    if hops:
        columns = [Column("hop"), number("p50"), number("p95"), number("n")]
        came = all(hop["n"] for hop in system["hops"])
        note = "WebSocket clients do not acknowledge messages"
        if not came:
            note = f"n 0: no messages; the closes of a replay have no wall time\n{note}"
        parts += [fitted(columns, hops, page.width, note), Text()]
    for name, values in (*legacy.items(), *_more(system)):
        known = {key: value for key, value in values.items() if value is not None}
        if values:
            rows = [(words(key), _value(value, page, key)) for key, value in known.items()]
            parts += [Text(words(name), "bold underline"), listed(rows)]
            parts += [*_unknown(values.keys() - known.keys()), Text()]
    return Group(*parts[:-1])


def _unknown(names: Iterable[str]) -> Iterable[Text]:
    """Yield a line with the names whose value nobody has reported."""
    shown = ", ".join(map(words, sorted(names)))
    if shown:
        yield Text(f"not reported: {shown}", "dim")


def _more(system: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Yield the groups of the system document besides its hops, single values last."""
    alone: dict[str, Any] = {}
    for name, value in system.items():
        if name == "cost":  # in full in its own command
            yield name, {"since": value["since"], "usd": value["usd_estimate"]} if value else {}
        elif isinstance(value, Mapping):
            yield name, value
        elif name != "hops":
            alone[name] = value
    yield "other", alone


def _ms(value: float | None) -> str:
    return NONE if value is None else latency(value)


def _value(value: object, page: Page, name: str = "") -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case int() | float() if name in TIMES:
            return page.at(value)
        case float():
            return f"{value:,.2f}".rstrip("0").rstrip(".")
        case int():
            return f"{value:,}"
        case Mapping():
            shown = (f"{words(key)} {_value(one, page)}" for key, one in value.items())
            return ", ".join(shown) or NONE
        case list() | tuple():
            return ", ".join(_value(one, page) for one in value) or NONE
    return plain(value)
