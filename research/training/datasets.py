"""Tables to train on: what was known at a close, and what became of a signal opened there."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from signalengine.intervals import CLASSIC_INTERVALS, MINUTE_MS
from signalengine.models.inputs import ALIASES, find, of_close, read
from signalengine.params import ATR_FEATURE
from signalengine.policy import Policy, default_policy
from signalengine.rules import CODE, OUT_SIZE, SIDE
from signalengine.signals import COMPONENTS, Verdict
from signalengine.snapshot import SIZE

from research.backtest.feed import Feed, feed_of_table
from research.backtest.kernel import DECISION_FIELDS
from research.backtest.run import run
from research.data.bars import BarTable
from research.data.errors import MissingBarsError
from research.data.times import Moment
from research.features.builder import COLUMNS, places_of
from research.features.snapshots import snapshots
from research.training.labels import Labels, labels

Floats: TypeAlias = npt.NDArray[np.float64]
Whole: TypeAlias = npt.NDArray[np.int64]
_ALONG = ("ema_9", "ema_21", "ema_50", "vwap", "bb_mid", "bb_upper", "bb_lower", "poc")
FEATURES: Final = (
    *(f"along_{i}_{name}_dist" for i in CLASSIC_INTERVALS for name in _ALONG),
    *(
        f"along_{i}_{name}"
        for i in CLASSIC_INTERVALS
        for name in ("rsi_mid", "last_break", "oi_delta")
    ),
    *(f"{i}_{name}" for i in CLASSIC_INTERVALS for name in ("atr_share", "volume_z")),
    "along_price_change_15m", "oi_change_15m", "along_funding_rate", "vwap_bars",
    "score", "rival_score", *COMPONENTS,
)  # fmt: skip
"""Inputs that mean the same at any price, for any symbol and on both sides."""
CLOSE_FEATURES: Final = (
    *(name.removeprefix("along_") for name in FEATURES if of_close(name.removeprefix("along_"))),
    *ALIASES,
)
"""Those of them that are known of a close, whatever the side; and the short names."""
SCORED: Final = (Verdict.EMITTED, Verdict.BELOW_THRESHOLD, Verdict.COOLDOWN)
"""Verdicts on fit data with a side, that the costs allow."""
TARGETS: Final = ("win", "tp_first", "signal_direction")


def scored_closes(
    table: BarTable,
    policy: Policy | None = None,
    *,
    start: Moment | None = None,
    features: Sequence[str] = FEATURES,
) -> pd.DataFrame:
    """Return one row per close that was scored with a side, as if each had become a signal.

    Indexed by close time; columns: symbol, opened and closed_at (ms), side, verdict, the features,
    net_bps, and the targets `win` (1: it nets a gain) and `tp_first` (1: TP was hit). Closes whose
    signal has no end in the data have no row.
    """
    policy = policy or default_policy()
    feed = feed_of_table(table, start)
    decisions = run(feed, policy).decision_rows
    out = decisions[:, len(DECISION_FIELDS) :]
    scored = np.isin(out[:, CODE], [list(Verdict).index(v) for v in SCORED]) & (out[:, SIDE] != 0.0)
    out, minutes = out[scored], decisions[scored, 0].astype(np.int64)
    rows, side = snapshots(feed, policy, minutes), out[:, SIDE]
    ends = labels(feed, minutes, rows, side, policy)
    verdicts = [list(Verdict)[int(code)].value for code in out[:, CODE]]
    frame = _frame(feed, ends, {"side": side, "verdict": verdicts})
    frame = frame.assign(**_inputs(features, rows, side, out))
    frame["net_bps"] = ends.net / 1e4
    frame["win"] = (ends.net > 0).astype(np.int8)
    frame["tp_first"] = ends.tp_first.astype(np.int8)
    return pd.DataFrame(frame.loc[ends.known])


def every_close(
    table: BarTable,
    policy: Policy | None = None,
    *,
    start: Moment | None = None,
    step: int = 5,
    features: Sequence[str] = CLOSE_FEATURES,
) -> pd.DataFrame:
    """Return every `step`-th close, whatever the rules say of it, with both sides' outcomes.

    Columns as in `scored_closes`, but long_net_bps, short_net_bps and `signal_direction` (1: the
    long does better, 0: the short does). Closes where both do the same have no row.
    """
    policy = policy or default_policy()
    feed = feed_of_table(table, start)
    minutes = np.arange(step - 1, len(feed.bars), step, dtype=np.int64)
    rows = snapshots(feed, policy, minutes)
    opened = feed.bars[minutes, 0].astype(np.int64) + MINUTE_MS
    index = pd.to_datetime(opened, unit="ms", utc=True).rename("close_time")
    frame = pd.DataFrame(_inputs(features, rows, np.ones(len(minutes)), None), index=index)
    return _with_directions(frame, feed, minutes, rows, policy)


def with_direction(
    frame: pd.DataFrame, table: BarTable, policy: Policy | None = None
) -> pd.DataFrame:
    """Return a frame of `FeatureBuilder` with the columns that `every_close` adds to its features.

    `table` has the 1m bars of the frame's closes and of what follows them: signals are settled
    minute by minute, also where the features are of longer bars. Where they lack the ATR of the
    policy's levels, as those of 1h bars do, it is that of these minutes. Closes without a minute
    there, an ATR, an end, or a better side have no row.
    """
    if table.interval != "1m":
        raise MissingBarsError(
            f"{table!r}: signals are settled minute by minute, so 1m bars are needed: "
            f"await bulk_download_klines({table.symbol!r}, '1m', days=90)"
        )
    policy, feed = policy or default_policy(), feed_of_table(table)
    closes = pd.DatetimeIndex(frame.index).as_unit("ms").asi8 - MINUTE_MS
    minutes = np.searchsorted(feed.bars[:, 0], closes)
    minutes[minutes == len(feed.bars)] = 0
    here = feed.bars[minutes, 0] == closes
    rows = np.full((int(here.sum()), SIZE), np.nan)
    rows[:, places_of(CLASSIC_INTERVALS)] = frame.loc[here, list(COLUMNS)].to_numpy(np.float64)
    atr = int(policy.numbers[ATR_FEATURE])
    if np.isnan(rows[:, atr]).all():
        ascending, places = np.unique(minutes[here], return_inverse=True)
        rows[:, atr] = snapshots(feed, policy, ascending)[places, atr]
    return _with_directions(frame.loc[here], feed, minutes[here], rows, policy)


def _with_directions(
    frame: pd.DataFrame, feed: Feed, minutes: Whole, rows: Floats, policy: Policy
) -> pd.DataFrame:
    """Add what became of a long and of a short at each close, whose snapshots are `rows`."""
    up = np.ones(len(minutes))
    long, short = (labels(feed, minutes, rows, side, policy) for side in (up, -up))
    made = frame.assign(
        symbol=feed.symbol,
        opened=long.opened,
        closed_at=np.maximum(long.closed_at, short.closed_at),
        long_net_bps=long.net / 1e4,
        short_net_bps=short.net / 1e4,
        signal_direction=(long.net > short.net).astype(np.int8),
    )
    made = pd.DataFrame(made.loc[long.known & short.known & (long.net != short.net)])
    made.attrs.update(frame.attrs)  # which `DataFrame` drops
    return made


def _frame(feed: Feed, ends: Labels, more: dict[str, Any]) -> pd.DataFrame:
    index = pd.to_datetime(ends.opened, unit="ms", utc=True).rename("close_time")
    columns = {"symbol": feed.symbol, "opened": ends.opened, "closed_at": ends.closed_at, **more}
    return pd.DataFrame(columns, index=index)


def _inputs(
    features: Sequence[str], rows: Floats, side: Floats, out: Floats | None
) -> dict[str, list[float]]:
    """Read the inputs with the core's own function, row by row."""
    found = {name: find(name) for name in features if name != "side"}
    nothing = [float("nan")] * OUT_SIZE
    values: dict[str, list[float]] = {name: [] for name in found}
    for n in range(len(rows)):
        f, d = rows[n].tolist(), float(side[n])
        decided = nothing if out is None else out[n].tolist()
        for name, one in found.items():
            values[name].append(read(one, f, d, decided))
    return values
