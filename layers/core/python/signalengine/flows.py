"""Open interest, liquidations and funding of one symbol, by minute.

Rings are indexed by the minute itself, and minutes that never came are NaN: a hole cannot be
mistaken for a quiet market.
"""

from math import nan
from typing import Final

from .blocks import (
    BLOCKS,
    FLOW_LONG,
    FLOW_LONG_SUM,
    FLOW_SHORT,
    FLOW_SHORT_SUM,
    MINUTE_BLOCK,
    OI_DELTA,
    OI_LAST,
    SYMBOL,
)
from .events import fire
from .indicators import CLEAN, CLOSE, COUNT, WINDOW, Buffer, Numbers
from .params import EventKind
from .strategy.numbers import ratio, unit

MINUTES: Final = 16
"""Minutes of open interest stored: a change over 15 minutes needs 16."""
FLOW_MINUTES: Final = 5
EVENT_MINUTES: Final = 15
LENGTHS: Final = (1, 5, 15, 60, 240, 1440)
"""Minutes of a bar, by interval; each is a multiple of the one before."""
USUAL_HOURS = 8.0
"""Between two payments of funding, unless the exchange gives another number."""

# --- slots: rings by minute, and what came with the newest one ------------------------------------

LAST_MINUTE: Final = SYMBOL.one("last_minute", "whole", fresh=-1.0)
"""Open time of the newest 1m bar that was folded, in minutes; −1 before the first."""
FUNDING: Final = SYMBOL.one("funding", "single")
MARK: Final = SYMBOL.one("mark", "single")
OI: Final = SYMBOL.many("oi", MINUTES, "contracts", fresh=nan)
LIQ_LONG: Final = SYMBOL.many("liq_long", FLOW_MINUTES, "usd", fresh=nan)
LIQ_SHORT: Final = SYMBOL.many("liq_short", FLOW_MINUTES, "usd", fresh=nan)
QUOTE_VOLUME: Final = SYMBOL.many("quote_volume", FLOW_MINUTES, "quote", fresh=nan)
EVENT_LONG: Final = SYMBOL.many("event_long", EVENT_MINUTES)  # 0, or 0.25 + 0.75 × strength
EVENT_SHORT: Final = SYMBOL.many("event_short", EVENT_MINUTES)

# --- kinds: each with its details, its field in the policy file and its edge ----------------------

_EXPANSION: Final = EventKind("oi_expansion", ("change", "price_change"), ("1m",))
OI_EXPANSION: Final = _EXPANSION.number
OI_CHANGE: Final = _EXPANSION.field("change")
OI_ON: Final = SYMBOL.one("oi_on", "whole")  # 1 while the condition holds: events fire on the edge

_CLUSTER: Final = EventKind("liquidation_cluster", ("share", "total_usd"), ("1m",))
LIQUIDATION_CLUSTER: Final = _CLUSTER.number
LIQ_SHARE: Final = _CLUSTER.field("share")
LIQ_ON: Final = SYMBOL.one("liq_on", "whole")

_FUNDING: Final = EventKind("funding_extreme", ("rate", "threshold"), ("1m",))
FUNDING_EXTREME: Final = _FUNDING.number
FUNDING_RATE: Final = _FUNDING.field("rate")
FUNDING_ON: Final = SYMBOL.one("funding_on", "whole")


def fold_minute(
    s: Buffer, minute: float, oi: float, long: float, short: float, quote: float
) -> None:
    """Put one minute's open interest, liquidations (USD) and quote volume into the rings."""
    last = s[LAST_MINUTE]
    now = int(minute)
    hole = minute != last + 1.0
    begin_flow(s, now, hole)
    if hole:
        fill_hole(s, last, minute)
    set_minute(s, now, oi, long, short, quote)
    s[LAST_MINUTE] = minute


def fill_hole(s: Buffer, last: float, minute: float) -> None:
    """Make the minutes between `last` (−1: none) and `minute` unknown, within the rings."""
    skipped = last + 1.0
    if last < 0.0 or minute - skipped > MINUTES:
        skipped = minute - MINUTES
    while skipped < minute:
        set_minute(s, int(skipped), nan, nan, nan, nan)
        skipped += 1.0


def set_minute(s: Buffer, minute: int, oi: float, long: float, short: float, quote: float) -> None:
    """Write one minute into every ring; its events start empty."""
    flow = minute % FLOW_MINUTES
    event = minute % EVENT_MINUTES
    s[OI + minute % MINUTES] = oi
    s[LIQ_LONG + flow] = long
    s[LIQ_SHORT + flow] = short
    s[QUOTE_VOLUME + flow] = quote
    s[EVENT_LONG + event] = 0.0
    s[EVENT_SHORT + event] = 0.0


def begin_flow(s: Buffer, minute: int, hole: bool) -> None:
    """Start the sums of the bars that begin with this minute; a bar with a hole is unknown."""
    for i in range(len(BLOCKS)):
        b = BLOCKS[i]
        if minute % LENGTHS[i] == 0:
            s[b + FLOW_LONG_SUM] = 0.0
            s[b + FLOW_SHORT_SUM] = 0.0
        elif hole:
            s[b + FLOW_LONG_SUM] = nan
            s[b + FLOW_SHORT_SUM] = nan
        else:
            return  # nor does a longer bar begin here


def fold_flow(s: Buffer, long: float, short: float) -> None:
    """Add the minute's liquidations to the forming bar of every interval."""
    for b in BLOCKS:
        s[b + FLOW_LONG_SUM] += long
        s[b + FLOW_SHORT_SUM] += short


def close_flow(s: Buffer, b: int, oi: float) -> None:
    """Close an interval's bar for the flows: liquidations of the bar, change of open interest.

    Runs after the bar was folded; across a hole the change is unknown.
    """
    s[b + FLOW_LONG] = s[b + FLOW_LONG_SUM]
    s[b + FLOW_SHORT] = s[b + FLOW_SHORT_SUM]
    before = s[b + OI_LAST]
    s[b + OI_DELTA] = oi / before - 1.0 if before > 0.0 and s[b + CLEAN] > 1.0 else nan
    s[b + OI_LAST] = oi


def forget_flow(s: Buffer, b: int) -> None:
    """Close a bar of which only the prices are known."""
    s[b + FLOW_LONG] = nan
    s[b + FLOW_SHORT] = nan
    s[b + OI_DELTA] = nan
    s[b + OI_LAST] = nan


def oi_change(s: Buffer, minute: int) -> float:
    """Relative change of open interest (contracts) over 15 minutes; NaN when either end is."""
    before = s[OI + (minute - 15) % MINUTES]
    now = s[OI + minute % MINUTES]
    return now / before - 1.0 if before > 0.0 else nan


def price_change(s: Buffer) -> float:
    """Relative change of the close over the last 15 1m bars; NaN across a hole."""
    if s[MINUTE_BLOCK + CLEAN] <= 15.0 or s[MINUTE_BLOCK + COUNT] <= 15.0:
        return nan
    n = int(s[MINUTE_BLOCK + COUNT])
    now = s[MINUTE_BLOCK + CLOSE + (n - 1) % WINDOW]
    return now / s[MINUTE_BLOCK + CLOSE + (n - 16) % WINDOW] - 1.0


def flow_sum(s: Buffer, ring: int) -> float:
    """Sum of a five-minute ring, in slot order; NaN when any minute is."""
    total = 0.0
    for i in range(FLOW_MINUTES):
        total += s[ring + i]
    return total


def detect_flows(s: Buffer, hours: float, p: Numbers, ev: Buffer) -> None:
    """Append the events of open interest, liquidations and funding at this minute.

    A minute without data is not a quiet one: it neither fires nor arms an edge. `hours` lie between
    two payments of funding; NaN: the usual 8.
    """
    minute = int(s[LAST_MINUTE])
    detect_oi(s, minute, p, ev)
    detect_liquidations(s, p, ev)
    detect_funding(s, hours, p, ev)


def detect_funding(s: Buffer, hours: float, p: Numbers, ev: Buffer) -> None:
    """`funding_extreme`: the rate is large for the hours it is paid for; contrarian.

    The policy's rate is one of 8 hours: half of it is as much where it is paid every 4.
    """
    rate = s[FUNDING]
    if rate != rate:
        return
    need = p[FUNDING_RATE] * (hours / USUAL_HOURS if hours > 0.0 else 1.0)
    on = abs(rate) >= need
    if on and s[FUNDING_ON] == 0.0:
        side = -1.0 if rate > 0.0 else 1.0
        strength = unit((abs(rate) / need - 1.0) / 2.0)
        fire(ev, p, FUNDING_EXTREME, 0, side, strength, rate, need)
    s[FUNDING_ON] = 1.0 if on else 0.0


def detect_oi(s: Buffer, minute: int, p: Numbers, ev: Buffer) -> None:
    """`oi_expansion`: open interest moved over 15 minutes; direction of the price."""
    change = oi_change(s, minute)
    if change != change:
        return
    moved = price_change(s)
    if moved != moved:
        return
    on = abs(change) >= p[OI_CHANGE]
    if on and s[OI_ON] == 0.0:
        side = 1.0 if moved > 0.0 else (-1.0 if moved < 0.0 else 0.0)
        strength = unit((abs(change) / p[OI_CHANGE] - 1.0) / 2.0)
        fire(ev, p, OI_EXPANSION, 0, side, strength, change, moved)
    s[OI_ON] = 1.0 if on else 0.0


def detect_liquidations(s: Buffer, p: Numbers, ev: Buffer) -> None:
    """`liquidation_cluster`: liquidations over 5 minutes are a large share of the volume."""
    long = flow_sum(s, LIQ_LONG)
    if long != long:
        return
    short = flow_sum(s, LIQ_SHORT)
    quote = flow_sum(s, QUOTE_VOLUME)
    if short + quote != short + quote:
        return
    share = ratio(long + short, quote)
    on = share >= p[LIQ_SHARE]
    if on and s[LIQ_ON] == 0.0:
        side = 1.0 if short > long else (-1.0 if long > short else 0.0)
        strength = unit((share / p[LIQ_SHARE] - 1.0) / 2.0)
        fire(ev, p, LIQUIDATION_CLUSTER, 0, side, strength, share, long + short)
    s[LIQ_ON] = 1.0 if on else 0.0


def remember_event(s: Buffer, side: float, strength: float) -> None:
    """Store the best event of this minute and direction for the event window."""
    base = EVENT_LONG if side > 0.0 else EVENT_SHORT
    at = base + int(s[LAST_MINUTE]) % EVENT_MINUTES
    value = 0.25 + 0.75 * strength
    if value > s[at]:
        s[at] = value


def event_memory(s: Buffer, base: int) -> float:
    """max over the last 15 minutes of (0.25 + 0.75 × strength) × (1 − age/15); 0 when none."""
    minute = int(s[LAST_MINUTE])
    best = 0.0
    for age in range(EVENT_MINUTES):
        value = s[base + (minute - age) % EVENT_MINUTES] * (1.0 - age / EVENT_MINUTES)
        if value > best:
            best = value
    return best


def set_latest(s: Buffer, funding: float, mark: float) -> None:
    """Store the funding rate and mark price as of this minute (NaN: unknown)."""
    s[FUNDING] = funding
    s[MARK] = mark
