"""What can be exported: the columns of each dataset, and its rows from the API's documents. Pure.

A column has the API's name and unit where the API has it. `time` is ms here; files have it as a
time (see `formats`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "time", "json"]
Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Text and JSON are texts in CSV and Parquet, JSON is nested in JSON lines."""

    name: str
    kind: Kind
    about: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A kind of rows."""

    name: str
    columns: tuple[Column, ...]
    row: Callable[[Mapping[str, Any]], Row]
    """Makes a row of the API's one."""
    default_days: int | None = None
    """Days before the end that are exported unless a period is given; None: it has no times."""


def _columns(text: str) -> tuple[Column, ...]:
    """Read a table of columns: name, kind, meaning."""
    kinds: dict[str, Kind] = {
        "text": "text", "integer": "integer", "number": "number", "boolean": "boolean",
        "time": "time", "json": "json",
    }  # fmt: skip
    rows = (line.split(maxsplit=2) for line in text.strip().splitlines())
    return tuple(Column(name, kinds[kind], about) for name, kind, about in rows)


SIGNAL_COLUMNS: Final = _columns("""
time              time     close of the bar that opened it
id                text     24 hex digits
symbol            text     BTCUSDT
direction         text     long, short
status            text     open, tp_hit, sl_hit, expired, left
score             number   0 to 1
entry_price       number   close of the bar
tp_price          number   take profit
sl_price          number   stop loss
atr               number   average true range at the entry
atr_interval      text     of which bars
outcome           text     as status; null while it is open
closed_at         number   seconds since the epoch; null while it is open, as all below
return_pct        number   net percent of the entry, after costs
gross_return_pct  number   before costs
funding_pct       number   paid (+) or received (-)
exit_price        number   where it closed; of several fills the last
resolution        text     what decided: tick, path, bar, forced
ambiguous         boolean  one bar reached both levels
mfe_pct           number   best gross percent on the way
mae_pct           number   worst gross percent on the way
timestamp         number   close of the bar, seconds since the epoch
close_time        integer  the same in ms
expires_at        integer  ms since the epoch
market            text     live, recording, simulated
policy_digest     text     12 hex digits
code_version      text     of the engine that opened it
dedup_hash        text     of the message to Telegram
components        json     score by component, null without data
missing           json     components without data
events            json     the events at its close
quality           json     how complete the data was
strategy          text     the parameter set: classic, donchian@fast
shadow            boolean  true: it was not published
exits             json     more than one TP and one SL: targets, trailing stop
progress          json     parts that were closed and moves of the stop, while it was open
fills             json     all parts, where more than one closed it
""")
EVENT_COLUMNS: Final = _columns("""
time        time     close of the bar
symbol      text     BTCUSDT
event_type  text     ema_cross, oi_expansion, …
interval    text     of which bars: 1m, 5m, 15m, 1h
direction   text     long, short
strength    number   0 to 1
timestamp   number   close of the bar, seconds since the epoch
close_time  integer  the same in ms
details     json     the numbers it was found by
strategy    text     classic; another set's events are its entries
""")
DECISION_COLUMNS: Final = _columns("""
time           time     close of the bar
symbol         text     BTCUSDT
verdict        text     emitted, below_threshold, cooldown, …
direction      text     the better side; null for none
price          number   close of the bar
long_score     number   0 to 1
short_score    number   0 to 1
reason         text     why, in words
signal_id      text     of the signal that opened
close_time     integer  close of the bar in ms
market         text     live, recording, simulated
policy_digest  text     12 hex digits
events         json     kinds of the events at the close
scores         json     both sides with their components
strategy       text     the parameter set: classic, donchian@fast
""")
BAR_COLUMNS: Final = _columns("""
time       time     when it opened
symbol     text     BTCUSDT
interval   text     1m, 5m, 15m, 1h
open       number   first price
high       number   highest price
low        number   lowest price
close      number   last price
volume     number   in the base asset
open_time  integer  when it opened, ms since the epoch
""")
PERFORMANCE_COLUMNS: Final = _columns("""
symbol            text     BTCUSDT
policy_digest     text     12 hex digits
market            text     live, recording, simulated
total_signals     integer  closed signals
wins              integer  with a net gain
losses            integer  the others
tp_hits           integer  closed at the take profit
sl_hits           integer  closed at the stop loss
expired           integer  closed by time
left              integer  closed by the strategy's own condition
ambiguous         integer  one bar reached both levels
forced            integer  closed without complete bars
win_rate          number   wins of total_signals
avg_return        number   net percent a signal
avg_gross_return  number   before costs
total_return      number   sum of net percents
best_return       number   net percent
worst_return      number   net percent
sharpe_ratio      number   of daily sums; null below 30 signals or 30 days
strategy          text     the parameter set: classic, donchian@fast
""")


def _signal(raw: Mapping[str, Any]) -> Row:
    known = _known({"shadow": False, **raw}, SIGNAL_COLUMNS)
    return {"time": raw["close_time"], **known}


def _event(raw: Mapping[str, Any]) -> Row:
    return {"time": raw["close_time"], **_known(raw, EVENT_COLUMNS)}


def _decision(raw: Mapping[str, Any]) -> Row:
    scores = {f"{side}_score": row.get("score") for side, row in raw["scores"].items()}
    return {"time": raw["close_time"], **_known({**raw, **scores}, DECISION_COLUMNS)}


def _bar(raw: Mapping[str, Any]) -> Row:
    return {"time": raw["open_time"], **_known(raw, BAR_COLUMNS)}


def _performance(raw: Mapping[str, Any]) -> Row:
    return _known(raw, PERFORMANCE_COLUMNS)


def _known(raw: Mapping[str, Any], columns: tuple[Column, ...]) -> Row:
    """Return a value for each column but `time`; null where an older stack has none."""
    return {one.name: raw.get(one.name) for one in columns if one.kind != "time"}


DATASETS: Final = {
    one.name: one
    for one in (
        Dataset("signals", SIGNAL_COLUMNS, _signal, 366),
        Dataset("events", EVENT_COLUMNS, _event, 31),
        Dataset("decisions", DECISION_COLUMNS, _decision, 91),
        Dataset("bars", BAR_COLUMNS, _bar, 36),
        Dataset("performance", PERFORMANCE_COLUMNS, _performance),
    )
}
"""By name. Events are stored for 30 days, bars for 35, decisions for 90, signals for ever."""
