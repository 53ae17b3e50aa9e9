"""The whole engine over one symbol's minutes in one compiled loop.

The loop only passes data on: every rule (fold, events, score, decision, levels, cooldown, outcome)
is the core's own function, compiled from the core's own source.
"""

from math import ceil
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from signalengine import rules as plain_rules
from signalengine import verdicts
from signalengine.events import MAX_EVENTS, ROW
from signalengine.exits import levels as plain_levels
from signalengine.exits import rules as plain_exits
from signalengine.flows import (
    EVENT_LONG,
    EVENT_MINUTES,
    EVENT_SHORT,
    FLOW_MINUTES,
    FUNDING,
    LAST_MINUTE,
    QUOTE_VOLUME,
)
from signalengine.flows import LENGTHS as MINUTES_OF
from signalengine.intervals import CLASSIC_INTERVALS, INTERVAL_MS, MINUTE_MS, numbers_of
from signalengine.kinds import EVENT_KINDS
from signalengine.layout import BLOCK, BLOCKS, CLEAN, COUNT, LAST_OPEN, MINUTE_BLOCK, WINDOW
from signalengine.params import ATR_FEATURE, WARM_BARS
from signalengine.snapshot import SIZE as SNAPSHOT_SIZE

from research.compiled import cached, compiled_strategy, core, inlined, uncounted
from research.data.series import Floats

Columns: TypeAlias = tuple[Floats, ...]

MINUTE: Final = 60_000.0
LENGTHS: Final = np.array(MINUTES_OF, dtype=np.float64)
"""Minutes of each interval."""
BAR_FIELDS: Final = ("open_time", "open", "high", "low", "close", "volume", "quote_volume")
BESIDE_FIELDS: Final = (
    "open_interest",
    "funding_rate",
    "mark_price",
    "liq_long_usd",
    "liq_short_usd",
    "funding_hours",
)
DECISION_FIELDS: Final = ("minute", "first_event", "events")
"""Columns of a decision row before those that the rules write (`rules.OUT_SIZE`)."""
DECISION_WIDTH: Final = len(DECISION_FIELDS) + plain_rules.OUT_SIZE
SIGNAL_FIELDS: Final = ("decision", "minute", "side", "score", "entry", "tp", "sl", "atr")
EVENTS_A_MINUTE: Final = ceil(
    sum(MINUTE_MS / INTERVAL_MS[interval] for kind in EVENT_KINDS for interval in kind.intervals)
)
"""On average at most, whatever the policy looks for."""
OUTCOME_FIELDS: Final = ("outcome", "exit_minute", "exit_price", "ambiguous")
OPEN, TP_HIT, SL_HIT, EXPIRED, LEFT = 0.0, 1.0, 2.0, 3.0, 4.0
"""Outcomes: the numbers of `signalengine.exits.rules`."""

_events, _flows = core()["events"], core()["flows"]
_snapshot, _rules = core()["snapshot"], core()["rules"]
fold_bar = _events.fold_bar
fold_minute, set_latest = _flows.fold_minute, _flows.set_latest
fold_flow, close_flow = _flows.fold_flow, _flows.close_flow
detect_flows, remember_event = _flows.detect_flows, _flows.remember_event
scored_features, score_side, rule = _snapshot.scored_features, _rules.score_side, _rules.rule
cool_down = _rules.cool_down
apart, on_tick = _rules.apart, core()["exits.ticks"].on_tick
clear = core()["exits.levels"].clear
_classic = compiled_strategy("classic").code
entry, exits_of = _classic.entry, _classic.exits
components: Any = _classic.components
touched, stop_fill = _rules.touched, _rules.stop_fill
_exits = core()["exits.rules"]
enter, fold_exits = _exits.enter, _exits.fold_bar

_BLOCKS = np.array(BLOCKS)
_NUMBERS = np.arange(len(BLOCKS))
"""Numbers of the intervals. With literals numba would compile the fold once for each."""
_LONGEST = len(BLOCKS) - 1
_RULED = np.array(numbers_of(CLASSIC_INTERVALS))
"""Numbers of the intervals that the rules read."""
_RULED_BLOCKS = tuple(BLOCKS[number] for number in numbers_of(CLASSIC_INTERVALS))
_EMITTED, _CODE, _SIDE = verdicts.EMITTED, plain_rules.CODE, plain_rules.SIDE
_LONG_SCORE, _SHORT_SCORE = plain_rules.LONG_SCORE, plain_rules.SHORT_SCORE
_OUT_SIZE = plain_rules.OUT_SIZE
_NEITHER, _BOTH, _ONLY_TP = plain_rules.NEITHER, plain_rules.BOTH, plain_rules.TP
_TARGET, _STOP, _EXITS_SIZE = plain_levels.TARGET, plain_levels.STOP, plain_levels.EXITS_SIZE
_TTL_MINUTES, _MOST_TARGETS = plain_levels.TTL_MINUTES, plain_levels.MOST_TARGETS
_STILL_OPEN, _POSITION_SIZE = plain_exits.OPEN, plain_exits.POSITION_SIZE
_EXIT, _AMBIGUOUS = plain_exits.EXIT, plain_exits.AMBIGUOUS
_FILLED, _REACHED = plain_exits.FILLED, plain_exits.REACHED


class Kernel(NamedTuple):
    """The compiled functions; arrays are float64, rows by the fields above."""

    longer: Any
    """longer(columns, minutes) -> the bars of that length that have all their minutes, in rows."""
    warm: Any
    """warm(s, interval number, bars, p): fold the past without recording events."""
    run: Any
    """run(s, columns, beside, late_ms, tick, longer, p, decisions, events, signals)
    -> rows used of the last three; raises nothing, never writes past their ends. `beside` has one
    row where nothing is known beside the minutes."""
    settle: Any
    """settle(columns, signals, minutes of life, outcomes): one TP and one SL each."""
    settle_exits: Any
    """settle_exits(bars, length in ms of a bar, signals, exits, leaves, outcomes, reached): any
    exits, a row of `signalengine.exits.levels` each. `leaves` has the closes at which the strategy
    leaves a long and a short (columns; above 0), or no rows; `reached` gets the row of the bar that
    reached each target, or NaN."""
    put_on_ticks: Any
    """put_on_ticks(signals, tick) -> which of them still have TP and SL around the entry."""


def kernel() -> Kernel:
    """Return the compiled functions; numba does the work on the first calls.

    `columns` are those of a feed, `bars` rows, both by `BAR_FIELDS`.
    """
    return Kernel(longer, warm, run, settle, settle_exits, put_on_ticks)


@cached
def longer(columns: Columns, minutes: int) -> Floats:
    times, opens, highs, lows, closes, volumes, quotes = columns
    length, size = minutes * MINUTE, times.shape[0]
    out = np.empty((size // minutes + 1, 7))
    made = 0
    i = 0
    while i + minutes <= size:
        last = i + minutes - 1
        start = times[i]
        if start % length != 0.0 or times[last] != start + length - MINUTE:
            i += 1
            continue
        high, low, volume, quote = highs[i], lows[i], volumes[i], quotes[i]
        for j in range(i + 1, last + 1):
            high = highs[j] if highs[j] > high else high
            low = lows[j] if lows[j] < low else low
            volume += volumes[j]
            quote += quotes[j]
        row = out[made]
        row[0], row[1], row[2], row[3], row[4] = start, opens[i], high, low, closes[last]
        row[5], row[6] = volume, quote
        made += 1
        i += minutes
    return out[:made]


@inlined
def fold_row(s: Floats, k: int, bar: Floats, p: Floats, ev: Floats) -> bool:
    """Fold one bar if it is newer than its interval's last."""
    b = _BLOCKS[k]
    if bar[0] <= s[b + LAST_OPEN]:
        return False
    length = LENGTHS[k] * MINUTE
    r = s[b : b + BLOCK]
    fold_bar(r, k, length, bar[0], bar[1], bar[2], bar[3], bar[4], bar[5], bar[6], p, ev)
    return True


@inlined
def quote_of(close: float, volume: float, quote: float) -> Any:
    return quote if quote == quote else volume * close


@inlined
def unknown(beside: Columns) -> Any:
    """Return whether nothing is ever known beside the minutes."""
    found: bool = beside[0].shape[0] == 1
    for column in beside:
        found = found and bool(column[0] != column[0])
    return found


@inlined
def passes(s: Floats, minute: float, quote: float) -> bool:
    """Fold a minute beside which nothing is ever known; false where `fold_minute` has to.

    That is after a hole and for the first minute; it leaves unknown all that stays unknown then:
    open interest, liquidations, funding and their sums. What is left is the quote volume, and that
    no event has happened yet.
    """
    if minute != s[LAST_MINUTE] + 1.0 or s[FUNDING] == s[FUNDING]:
        return False
    now = int(minute)
    s[QUOTE_VOLUME + now % FLOW_MINUTES] = quote
    s[EVENT_LONG + now % EVENT_MINUTES] = 0.0
    s[EVENT_SHORT + now % EVENT_MINUTES] = 0.0
    s[LAST_MINUTE] = minute
    return True


@cached
def warm(s: Floats, k: int, bars: Floats, p: Floats) -> None:
    ev = np.zeros(1 + ROW * MAX_EVENTS)
    for i in range(bars.shape[0]):
        ev[0] = 0.0
        if fold_row(s, k, bars[i], p, ev) and k == 0:
            nan = np.nan
            quote = quote_of(bars[i, 4], bars[i, 5], bars[i, 6])
            fold_minute(s, bars[i, 0] / MINUTE, nan, nan, nan, quote)
            fold_flow(s, nan, nan)


@inlined
def closes_by(bars: Floats, at: int, k: int, t: float) -> Any:
    """Return whether the next bar of interval k closes with the minute at `t`, or before."""
    return at < bars.shape[0] and bars[at, 0] + LENGTHS[k] * MINUTE <= t + MINUTE


@inlined
def next_close(bars: Floats, at: int, k: int) -> Any:
    """Return when the next bar of interval k closes; infinity after the last."""
    return bars[at, 0] + LENGTHS[k] * MINUTE if at < bars.shape[0] else np.inf


@uncounted
def fold_longer(
    s: Floats, k: int, bars: Floats, at: int, t: float, oi: float, p: Floats, ev: Floats
) -> int:
    """Fold the bar of interval k that closes with the minute at `t`; returns the next index."""
    length = LENGTHS[k] * MINUTE
    while at < bars.shape[0] and bars[at, 0] + length < t + MINUTE:
        at += 1
    if at < bars.shape[0] and bars[at, 0] + length == t + MINUTE:
        if fold_row(s, k, bars[at], p, ev):
            close_flow(s, _BLOCKS[k], oi)
        at += 1
    return at


@inlined
def fitness(s: Floats, p: Floats) -> tuple[bool, bool]:
    """(too few bars, a hole inside the windows), over the intervals that the rules read."""
    unwarm = False
    tainted = False
    for b in _RULED_BLOCKS:
        unwarm = unwarm or s[b + COUNT] < p[WARM_BARS]
        tainted = tainted or (s[b + CLEAN] < s[b + COUNT] and s[b + CLEAN] < WINDOW)
    return unwarm, tainted


@inlined
def rule_close(
    f: Floats,
    t: float,
    late_ms: float,
    tick: float,
    unwarm: bool,
    tainted: bool,
    long_exits: Floats,
    short_exits: Floats,
    cool: Floats,
    p: Floats,
    scratch: Floats,
    out: Floats,
) -> None:
    """Score both sides of a close and write its verdict, as `decisions.decide` does."""
    components(f, f, 1.0, p, scratch)
    score_side(scratch, 1.0, p, out)
    components(f, f, -1.0, p, scratch)
    score_side(scratch, -1.0, p, out)
    clear(long_exits)
    exits_of(f, f, 1.0, p, long_exits)
    clear(short_exits)
    exits_of(f, f, -1.0, p, short_exits)
    rule(
        t, late_ms, unwarm, tainted, f[0], tick, entry(f, f, 1.0, p), entry(f, f, -1.0, p),
        long_exits, short_exits, cool, p, out,
    )  # fmt: skip


@inlined
def open_signal(row: Floats, x: Floats, f: Floats, side: float, out: Floats, p: Floats) -> None:
    row[2] = side
    row[3] = out[_LONG_SCORE] if side > 0.0 else out[_SHORT_SCORE]
    row[4] = f[0]
    row[5], row[6] = x[_TARGET], x[_STOP]
    row[7] = f[int(p[ATR_FEATURE])]


@uncounted
def remember_events(s: Floats, ev: Floats, rows: Floats) -> None:
    """Copy the events of a close to `rows` and into the event window."""
    for e in range(int(ev[0])):
        for field in range(ROW):
            rows[e, field] = ev[1 + e * ROW + field]
        remember_event(s, rows[e, 2], rows[e, 3])


@cached
def run(
    s: Floats,
    columns: Columns,
    beside: Columns,
    late_ms: Floats,
    tick: Floats,
    longer: tuple[Floats, ...],
    p: Floats,
    decisions: Floats,
    events: Floats,
    signals: Floats,
) -> tuple[int, int, int]:
    ev = np.zeros(1 + ROW * MAX_EVENTS)
    f = np.full(SNAPSHOT_SIZE, np.nan)
    out = np.full(_OUT_SIZE, np.nan)
    scratch = np.full(7, np.nan)
    long_exits, short_exits = np.empty(_EXITS_SIZE), np.empty(_EXITS_SIZE)
    cool = np.zeros(4)
    ends = np.zeros(_LONGEST + 1, np.int64)
    made, fired, opened = 0, 0, 0
    times, opens, highs, lows, closes, volumes, quotes = columns
    contracts, rates, marks, longs, shorts, every = beside
    nothing, due = unknown(beside), 0.0
    r = s[MINUTE_BLOCK : MINUTE_BLOCK + BLOCK]
    for i in range(times.shape[0]):
        t, close, volume, quote = times[i], closes[i], volumes[i], quotes[i]
        if t <= r[LAST_OPEN]:
            continue
        at = i if contracts.shape[0] > 1 else 0
        oi = contracts[at]
        ev[0] = 0.0
        quiet = nothing and passes(s, t / MINUTE, quote_of(close, volume, quote))
        if not quiet:
            long, short = longs[at], shorts[at]
            fold_minute(s, t / MINUTE, oi, long, short, quote_of(close, volume, quote))
            set_latest(s, rates[at], marks[at])
            fold_flow(s, long, short)
        if t + MINUTE >= due:
            due = np.inf
            for k in range(_LONGEST, 0, -1):
                if closes_by(longer[k - 1], ends[k], _NUMBERS[k], t):
                    ends[k] = fold_longer(s, _NUMBERS[k], longer[k - 1], ends[k], t, oi, p, ev)
                due = min(due, next_close(longer[k - 1], ends[k], _NUMBERS[k]))
        fold_bar(
            r, _NUMBERS[0], MINUTE, t, opens[i], highs[i], lows[i], close, volume, quote, p, ev
        )
        if not quiet:
            close_flow(s, _BLOCKS[0], oi)
            detect_flows(s, every[at], p, ev)
        n = int(ev[0])
        if n == 0:
            continue
        remember_events(s, ev, events[fired : fired + n])
        scored_features(s, f, _RULED)
        unwarm, tainted = fitness(s, p)
        rule_close(
            f, t + MINUTE, late_ms[i], tick[i], unwarm, tainted, long_exits, short_exits, cool, p,
            scratch, out,
        )  # fmt: skip
        decisions[made, 0], decisions[made, 1], decisions[made, 2] = i, fired, n
        for field in range(_OUT_SIZE):
            decisions[made, 3 + field] = out[field]
        side = out[_SIDE] if out[_CODE] == _EMITTED else 0.0
        cool_down(cool, t + MINUTE, side, p)
        if side != 0.0:
            signals[opened, 0], signals[opened, 1] = made, i
            x = long_exits if side > 0.0 else short_exits
            open_signal(signals[opened], x, f, side, out, p)
            opened += 1
        fired += n
        made += 1
    return made, fired, opened


@cached
def settle(columns: Columns, signals: Floats, minutes: int, outcomes: Floats) -> None:
    times, opens, highs, lows, closes, _, _ = columns
    for k in range(signals.shape[0]):
        at, side = int(signals[k, 1]), signals[k, 2]
        tp, sl = signals[k, 5], signals[k, 6]
        outcomes[k, 0] = OPEN
        for j in range(at + 1, at + 1 + minutes):
            if j >= times.shape[0] or times[j] != times[j - 1] + MINUTE:
                break
            which = touched(side, tp, sl, lows[j], highs[j])
            if which == _NEITHER and j < at + minutes:
                continue
            outcomes[k, 1] = j
            outcomes[k, 3] = 1.0 if which == _BOTH else 0.0
            if which == _NEITHER:
                outcomes[k, 0], outcomes[k, 2] = EXPIRED, closes[j]
            elif which == _ONLY_TP:
                outcomes[k, 0], outcomes[k, 2] = TP_HIT, tp
            else:
                outcomes[k, 0], outcomes[k, 2] = SL_HIT, stop_fill(side, sl, opens[j])
            break


@cached
def put_on_ticks(signals: Floats, tick: Floats) -> Any:
    fit = np.empty(signals.shape[0], np.bool_)
    for k in range(signals.shape[0]):
        row = signals[k]
        side, step = row[2], tick[int(row[1])]
        row[5], row[6] = on_tick(row[5], side, step), on_tick(row[6], side, step)
        fit[k] = apart(row[4], side, row[5], row[6])
    return fit


@cached
def settle_exits(
    bars: Floats,
    length: float,
    signals: Floats,
    exits: Floats,
    leaves: Floats,
    outcomes: Floats,
    reached: Floats,
) -> None:
    w = np.zeros(_POSITION_SIZE)
    for k in range(signals.shape[0]):
        at, side, entry = int(signals[k, 1]), signals[k, 2], signals[k, 4]
        x = exits[k]
        enter(x, entry, w)
        last = at + ceil(x[_TTL_MINUTES] * MINUTE / length)  # inside a bar: at its close
        column = 0 if side > 0.0 else 1
        outcomes[k, 0] = OPEN
        for j in range(at + 1, last + 1):
            if j >= bars.shape[0] or bars[j, 0] != bars[j - 1, 0] + length:
                break
            leave = leaves.shape[0] > 0 and leaves[j, column] > 0.0
            bar = bars[j]
            code = fold_exits(
                x, side, entry, float(j), bar[1], bar[2], bar[3], bar[4], j == last, leave, w
            )
            if code != _STILL_OPEN:
                outcomes[k, 0], outcomes[k, 1] = float(code), j
                outcomes[k, 2], outcomes[k, 3] = w[_EXIT], w[_AMBIGUOUS]
                break
        for t in range(_MOST_TARGETS):
            reached[k, t] = w[_REACHED + t] if t < w[_FILLED] else np.nan
