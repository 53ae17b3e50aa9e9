"""What each field of a policy, and each rule of a set, is: default, bounds, unit, a sentence.

The defaults are those of the policy that ships; a deployment may have another file in its place, so
they stand here too, and a test compares them. docs/policy.md says more.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

Value: TypeAlias = float | str | list[str]
_MONTH_S: Final = 2_592_000.0
_EVENTS: Final = "events."


class Described(NamedTuple):
    """One field, as a person reads it."""

    name: str
    """Its path in the file: `weights.trend`."""
    default: Value
    least: float | None
    most: float | None
    unit: str
    about: str


def _weight(name: str, default: float, of: str) -> Described:
    return Described(name, default, 0.0, 1.0, "", f"Weight of {of}; all of its group sum to 1.")


POLICY: Final[tuple[Described, ...]] = (
    Described("name", "default", None, None, "", "A label; not part of the digest."),
    Described("threshold", 0.5, 0.0, 1.0, "score",
              "The better direction needs at least this score."),
    Described("coverage", 0.6, 0.0, 1.0, "weight", "Sum of the weights that must have data."),
    Described("cooldown_s", 300.0, 0.0, _MONTH_S, "s",
              "After a signal, none of the same symbol for this long."),
    Described("rearm_s", 3600.0, 0.0, _MONTH_S, "s",
              "After a signal, none of the same symbol and direction for this long."),
    Described("ttl_s", 3600.0, 60.0, _MONTH_S, "s",
              "A signal that hit neither level expires after this long."),
    Described("grace_s", 120.0, 0.0, _MONTH_S, "s",
              "Expiry is forced when bars are missing this far past it."),
    Described("fresh_s", 30.0, 0.0, _MONTH_S, "s",
              "A bar sent later than this after its close is stale."),
    Described("warm_bars", 64.0, 50.0, None, "bars",
              "Bars that an interval needs before it counts."),
    Described("atr_interval", "15m", None, None, "interval", "The interval whose ATR sets levels."),
    Described("tp_atr", 2.0, 0.0, None, "ATR", "Distance of the target from the entry."),
    Described("sl_atr", 1.0, 0.0, None, "ATR", "Distance of the stop from the entry."),
    Described("fee_bps", 5.0, 0.0, 1000.0, "bp", "Fee of one side."),
    Described("slippage_bps", 1.0, 0.0, 1000.0, "bp", "Slippage of one side."),
    Described("cost_gate", 3.0, 0.0, None, "× costs",
              "A target nearer than this many round trips' costs opens nothing."),
    Described("ai.mode", "off", None, None, "", "What a trained model does: off, gate or blend."),
    Described("ai.model", "", None, None, "", "Digest of the model."),
    Described("ai.minimum", 0.5, 0.0, 1.0, "probability", "What gate demands of the model."),
    Described("ai.weight", 0.5, 0.0, 1.0, "weight", "How much the model counts in blend."),
    Described("protections.lag_s", 60.0, 60.0, _MONTH_S, "s",
              "Outcomes count from so long after they are known."),
    Described("protections.stops", 0.0, 0.0, 10_000.0, "signals",
              "So many stops of a symbol pause it; 0: off."),
    Described("protections.stops_within_s", 3600.0, 60.0, _MONTH_S, "s",
              "The span in which stops count."),
    Described("protections.stops_pause_s", 3600.0, 60.0, _MONTH_S, "s",
              "How long a symbol pauses after stops."),
    Described("protections.loss", 0.0, 0.0, 10_000.0, "fraction",
              "A net loss of all symbols that pauses everything; 0: off."),
    Described("protections.loss_within_s", 86400.0, 60.0, _MONTH_S, "s",
              "The span in which the loss counts."),
    Described("protections.loss_pause_s", 14400.0, 60.0, _MONTH_S, "s",
              "How long everything pauses after a loss."),
    Described("protections.open_signals", 0.0, 0.0, 10_000.0, "signals",
              "Most signals that are open at once; 0: off."),
    _weight("weights.trend", 0.2, "the slope of EMA 21"),
    _weight("weights.liquidation", 0.15, "liquidations"),
    _weight("weights.volatility", 0.15, "volatility above its average"),
    _weight("weights.vwap", 0.1, "the distance from the session's VWAP"),
    _weight("weights.oi", 0.15, "the change of open interest"),
    _weight("weights.structure", 0.15, "the last structure break and the room ahead"),
    _weight("weights.event", 0.1, "the newest event"),
    _weight("interval_weights.1m", 0.1, "1m"),
    _weight("interval_weights.5m", 0.2, "5m"),
    _weight("interval_weights.15m", 0.3, "15m"),
    _weight("interval_weights.1h", 0.4, "1h"),
    Described("components.trend_full", 0.3, 0.0, None, "ATR a bar", "Slope that counts fully."),
    Described("components.vwap_atr", 2.0, 0.0, None, "ATR", "Distance from VWAP that is full."),
    Described("components.room_atr", 2.0, 0.0, None, "ATR", "Room to the next swing that is full."),
    Described("components.vwap_missing_bars", 60.0, 0.0, None, "bars",
              "Bars after midnight UTC in which VWAP counts as missing."),
    Described("components.oi_full", 0.01, 0.0, None, "fraction",
              "Change of open interest that counts fully."),
    Described("components.liq_full", 0.01, 0.0, None, "of volume",
              "Share of liquidations that counts fully."),
    Described("components.liq_floor", 0.001, 0.0, None, "of volume",
              "Below this share liquidations are left out."),
    Described(f"{_EVENTS}ema_cross.full_atr", 0.3, 0.0, None, "ATR",
              "Change of the spread of EMA 9 and 21 that is of full strength."),
    Described(f"{_EVENTS}rsi_extreme.low", 30.0, 0.0, 100.0, "RSI", "RSI below it fires long."),
    Described(f"{_EVENTS}rsi_extreme.high", 70.0, 0.0, 100.0, "RSI", "RSI above it fires short."),
    Described(f"{_EVENTS}volume_spike.z", 3.0, 0.0, None, "z", "Volume this unusual fires."),
    Described(f"{_EVENTS}volatility_breakout.keltner_atr", 1.5, 0.0, None, "ATR",
              "Width of the channel that Bollinger has to be inside."),
    Described(f"{_EVENTS}volatility_breakout.bars", 5.0, 0.0, None, "bars",
              "So long it has to be inside."),
    Described(f"{_EVENTS}volatility_breakout.within", 5.0, 0.0, None, "bars",
              "The close outside comes within so many bars."),
    Described(f"{_EVENTS}vwap_reclaim.minutes", 30.0, 0.0, None, "min",
              "So long the price was on the other side of VWAP."),
    Described(f"{_EVENTS}oi_expansion.change", 0.01, 0.0, None, "fraction",
              "Change of open interest over 15 min that fires."),
    Described(f"{_EVENTS}liquidation_cluster.share", 0.01, 0.0, None, "of volume",
              "Share of liquidations over 5 min that fires."),
    Described(f"{_EVENTS}funding_extreme.rate", 0.0005, 0.0, None, "a 8 h",
              "Size of the funding rate that fires."),
    *(
        Described(f"{_EVENTS}{kind}.intervals", list(names.split()), None, None, "intervals",
                  "Where this event is looked for.")
        for kind, names in (
            ("ema_cross", "5m 15m 1h"), ("rsi_extreme", "5m 15m 1h"), ("volume_spike", "1m"),
            ("volatility_breakout", "1m 5m 15m 1h"), ("vwap_reclaim", "1m 5m 15m 1h"),
            ("structure_break", "5m 15m 1h"), ("oi_expansion", "1m"),
            ("liquidation_cluster", "1m"), ("funding_extreme", "1m"),
        )
    ),
)  # fmt: skip


def flattened(raw: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Value]]:
    """Yield each field of a policy's file by its path."""
    for name, value in raw.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def differs(value: Value, default: Value) -> bool:
    """Return whether a value is another than the default; 5 and 5.0 are the same."""
    if isinstance(value, list) and isinstance(default, list):
        return sorted(value) != sorted(default)
    return value != default
