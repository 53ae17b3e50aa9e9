"""The estimate as it is reported: so far, by service, and for a month at this pace (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from .bill import ServiceBill, bill, month, planned_month, usd, usd_of
from .fixed_costs import CHANNELS
from .front import front_usd
from .metering import Meter
from .model import scaled
from .prices import DATED, HOURS_A_MONTH, REGION
from .shapes import Cost, MonthlyCost, ServiceCost
from .usage import BEATS_H, MINUTES_H, RECORDED, TICKS_H, Rates, Usage
from .watching import watching_usd

HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000
SIZES: Final = (20, 500)
"""Numbers of symbols for which a month is estimated, beside the followed ones."""
ENOUGH_CLOSES: Final = 1_000
"""From so many closes on, the pace is the market's own."""
ENOUGH_PUBLISHED: Final = 10
NOT_COUNTED: Final = (
    "Not in it: requests to the HTTP API, questions to the chat, failures, what is stored outside "
    "the stack; watching, CloudFront and other channels are given apart. Durations of "
    "functions are assumed."
)


RECORDED_PACE: Final = "the pace of recordings (6 % of closes have events, 0.2 % open a signal)"


def unknown(why: str) -> Cost:
    """Return an estimate without numbers, and the reason."""
    return {
        "since": None, "hours": None, "usd_estimate": None, "basis": f"Not known: {why}.",
        "billed": False, "own_pace": False,
        "region": REGION, "priced_on": DATED, "counted": None, "by_service": [], "months": [],
    }  # fmt: skip


def planned(symbols: int, clients: int = 0, chats: int = 1) -> dict[str, Any]:
    """Return a month with `symbols` symbols at the pace of recordings, without a stack."""
    rates = replace(RECORDED, clients=float(clients), chats=float(chats))
    who = "one Telegram chat" if chats == 1 else f"{chats:,} Telegram chats"
    listening = f"{clients:,} connected clients" if clients else "nobody listening"
    return {
        "region": REGION,
        "priced_on": DATED,
        "basis": f"A month of 730 hours at {RECORDED_PACE}, {who}, {listening}. "
        f"{_prices()} {NOT_COUNTED}",
        "months": [_month(symbols, planned_month(symbols, rates))],
    }


def cost(
    beat: Mapping[str, Any] | None, now: int, *, deliveries: int, clients: int, billed: bool
) -> Cost:
    """Return the estimate from a stored heartbeat at wall time `now`.

    `deliveries`: messages accepted by Telegram, `clients`: connected clients, `billed`: on AWS.
    """
    meter = Meter.read(beat)
    if beat is None or meter is None:
        return unknown("no heartbeat has been counted yet")
    live = beat["market"] == "live"
    if not live and not (meter.market_ms or meter.closes):
        return unknown("the market's clock has not moved yet")
    usage = used(meter, beat, now, deliveries)
    lines = bill(usage, _followed(meter, beat))
    symbols = len(beat["symbols"])
    pace, own = rates(usage, clients)
    return {
        "since": meter.since,
        "hours": round(usage.hours, 3),
        "usd_estimate": round(usd(lines), 4),
        "basis": _basis(usage, str(beat["market"]), billed=billed and live, own_pace=own),
        "billed": billed and live,
        "own_pace": own,
        "region": REGION,
        "priced_on": DATED,
        "counted": {name: round(value, 1) for name, value in asdict(usage).items()},
        "by_service": [_row(line) for line in lines],
        "months": [_month(n, month(n, pace)) for n in dict.fromkeys((symbols, *SIZES))],
    }


def used(meter: Meter, beat: Mapping[str, Any], now: int, deliveries: int) -> Usage:
    """Return the usage since counting began.

    Of a live stack hours are wall time and records are those that were sent. Of a replay hours are
    market time, so the estimate is the same at any speed; a fast replay misses the first heartbeats
    but no close.
    """
    wall_ms = max(1, int(beat["received_at"]) - meter.since)
    live = beat["market"] == "live"
    if live:
        hours = max(0, now - meter.since) / HOUR_MS
    else:
        closed_h = meter.closes / max(1.0, _followed(meter, beat)) / MINUTES_H
        hours = max(meter.market_ms / HOUR_MS, closed_h)
    speed = 1.0 if live else meter.market_ms / wall_ms
    return Usage(
        hours=hours,
        ticks=meter.ticks if live else hours * TICKS_H,
        beats=meter.beats if live else hours * BEATS_H,
        statuses=meter.statuses,
        prices=meter.prices,
        price_posts=meter.price_posts,
        closes=meter.closes,
        events=meter.events,
        opened=meter.opened,
        closed=max(0, meter.opened - int(beat["metrics"]["open_signals"])),
        deliveries=deliveries,
        client_minutes=meter.client_ms * speed / MINUTE_MS,
    )


def rates(usage: Usage, clients: int) -> tuple[Rates, bool]:
    """Return the pace for a month, and whether it is this market's own."""
    published = usage.opened + usage.closed
    chats = usage.deliveries / published if published >= ENOUGH_PUBLISHED else RECORDED.chats
    own = usage.closes >= ENOUGH_CLOSES
    events = usage.events / usage.closes if own else RECORDED.events
    opened = usage.opened / usage.closes if own else RECORDED.opened
    return Rates(events, opened, chats, clients), own


def _followed(meter: Meter, beat: Mapping[str, Any]) -> float:
    """Return how many symbols were followed, on average."""
    if not meter.market_ms:
        return len(beat["symbols"])
    return meter.symbol_ms / meter.market_ms


def _basis(usage: Usage, market: str, *, billed: bool, own_pace: bool) -> str:
    counted = (
        f"{usage.hours:,.1f} h, {usage.closes:,.0f} closes ({usage.events:,.0f} with events), "
        f"{usage.opened:,.0f} signals, {usage.deliveries:,.0f} Telegram messages"
    )
    kind = {"live": "live", "recording": "recorded", "simulated": "simulated"}.get(market, market)
    what = (
        f"Counted: {counted}."
        if billed
        else f"What AWS would ask for this much of the {kind} market, by its own clock: {counted}. "
        "Here nothing is billed."
    )
    pace = "this market's own pace" if own_pace else f"{RECORDED_PACE}: too little is counted"
    return f"{what} {_prices()} {NOT_COUNTED} Months go by {pace}."


def _prices() -> str:
    return f"Prices of {REGION} of {DATED}, of Spot for the ingest task, no free tier, no taxes."


def _month(symbols: int, lines: Iterable[ServiceBill]) -> MonthlyCost:
    lines = tuple(lines)
    by_service = {line.service: round(line.usd, 2) for line in lines}
    return {
        "symbols": symbols,
        "usd": round(usd(lines), 2),
        "watching_usd": round(watching_usd(), 2),
        "front_usd": round(front_usd(), 2),
        "channels_usd": round(usd_of(scaled(HOURS_A_MONTH, CHANNELS)), 2),
        "by_service": by_service,
    }


def _row(line: ServiceBill) -> ServiceCost:
    return {
        "service": line.service,
        "standing_usd": round(line.fixed, 6),
        "moving_usd": round(line.variable, 6),
        "usd": round(line.usd, 6),
    }
