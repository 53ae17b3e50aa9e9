"""The policy: every threshold, weight and fee, one validated data file.

Its digest is part of each signal's identity; changing any number makes other signals.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from . import params
from .errors import PolicyError
from .events import RSI_HIGH, RSI_LOW
from .indicators import ATR_14
from .intervals import CLASSIC_INTERVALS, INTERVAL_MS, INTERVALS
from .kinds import EVENT_KINDS, KINDS
from .params import EventKind, Field
from .protections import Protections
from .signals import COMPONENTS, RETURN_SCALE
from .snapshot import WIDTH
from .strategies import classic
from .strategy.code import Code
from .strategy.parameter_set import AiPolicy, ParameterSet

CLASSIC: Final = "classic"
"""The strategy whose parameters a policy file has."""
_TOP = (
    "threshold", "coverage", "cooldown_s", "rearm_s", "ttl_s", "grace_s", "fresh_s", "warm_bars",
    "tp_atr", "sl_atr", "fee_bps", "slippage_bps", "cost_gate",
)  # fmt: skip
_SECTIONS = (
    "name", "atr_interval", "weights", "interval_weights", "components", "events", "ai",
    "protections",
)  # fmt: skip
_PARTS = {
    "trend_full": params.TREND_FULL, "vwap_atr": params.VWAP_ATR, "room_atr": params.ROOM_ATR,
    "vwap_missing_bars": params.VWAP_MISSING_BARS, "oi_full": params.OI_FULL,
    "liq_full": params.LIQ_FULL, "liq_floor": params.LIQ_FLOOR,
}  # fmt: skip
_RULES = ("stops", "loss", "open_signals")
_SPANS = ("stops_within_s", "stops_pause_s", "loss_within_s", "loss_pause_s")
_MONTH_S = 30 * 86_400
_MOST = 10_000
_HUGE = 1e15
"""No number of a policy is near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(ParameterSet):
    """A checked policy: the parameter set of `classic`. Levels are ATRs."""

    warm_bars: int
    atr_interval: str
    tp_atr: float
    sl_atr: float

    def atr(self, f: Sequence[float]) -> tuple[float | None, str | None]:
        """Return the ATR that the levels are made of, and its interval."""
        return f[int(self.numbers[params.ATR_FEATURE])], self.atr_interval


_CODE: Final = Code(
    folds={}, entry=classic.entry, exits=classic.exits, components=classic.components
)


@cache
def default_policy() -> Policy:
    """Return the policy that ships with the code."""
    return load_policy(files(__package__).joinpath("policy.json").read_text())


def load_policy(text: str) -> Policy:
    """Read and check a policy; raises PolicyError naming the field."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"policy: not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise PolicyError("policy: not an object")
    _exactly("policy", raw, {*_SECTIONS, *_TOP})
    top = {name: _number(raw, name, "") for name in _TOP}
    _check_top(raw, top)
    numbers, ai = _numbers(raw, top), _ai(raw)  # check all the rest, before it is digested
    protections = protections_of(raw)
    return Policy(
        name=str(raw["name"]),
        strategy=CLASSIC,
        digest=digest(raw),
        threshold=top["threshold"],
        coverage=top["coverage"],
        cooldown_ms=int(top["cooldown_s"] * 1000),
        rearm_ms=int(top["rearm_s"] * 1000),
        ttl_ms=int(top["ttl_s"] * 1000),
        grace_ms=int(top["grace_s"] * 1000),
        fresh_ms=int(top["fresh_s"] * 1000),
        warm_bars=int(top["warm_bars"]),
        atr_interval=raw["atr_interval"],
        tp_atr=top["tp_atr"],
        sl_atr=top["sl_atr"],
        fee_bps=top["fee_bps"],
        slippage_bps=top["slippage_bps"],
        cost_gate=top["cost_gate"],
        ai=ai,
        protections=protections,
        numbers=numbers,
        parameters=numbers,
        intervals=CLASSIC_INTERVALS,
        components=COMPONENTS,
        values=(),
        code=_CODE,
    )


def digest(raw: Mapping[str, Any]) -> str:
    """Return 12 hex digits over all fields but the name, whatever their order or number form.

    What is off decides nothing, so it does not count: `ai` in mode off, `protections` all at 0.
    """
    idle = {"name"}
    ai, protections = raw.get("ai"), raw.get("protections")
    if not isinstance(ai, Mapping) or ai.get("mode") == "off":
        idle.add("ai")
    if not isinstance(protections, Mapping) or not any(protections.get(rule) for rule in _RULES):
        idle.add("protections")
    body = {key: value for key, value in raw.items() if key not in idle}
    text = json.dumps(_floats(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _check_top(raw: Mapping[str, Any], top: Mapping[str, float]) -> None:
    rules: list[tuple[str, Callable[[float], bool], str]] = [
        ("threshold", lambda x: 0.0 < x <= 1.0, "must be in (0, 1]"),
        ("coverage", lambda x: 0.0 < x <= 1.0, "must be in (0, 1]"),
        ("ttl_s", lambda x: 0 < x <= _MONTH_S and x % 60 == 0, "must be whole minutes, to 30 days"),
        ("cooldown_s", lambda x: 0 <= x <= _MONTH_S, "must be 0 to 30 days"),
        ("rearm_s", lambda x: 0 <= x <= _MONTH_S, "must be 0 to 30 days"),
        ("grace_s", lambda x: 0 <= x <= _MONTH_S, "must be 0 to 30 days"),
        ("fresh_s", lambda x: 0 < x <= _MONTH_S, "must be positive, to 30 days"),
        ("warm_bars", lambda x: x >= 50 and x == int(x), "must be a whole number from 50"),
        ("tp_atr", lambda x: x > 0, "must be positive"),
        ("sl_atr", lambda x: x > 0, "must be positive"),
        ("fee_bps", lambda x: 0 <= x < 1000, "must be in [0, 1000)"),
        ("slippage_bps", lambda x: 0 <= x < 1000, "must be in [0, 1000)"),
        ("cost_gate", lambda x: x >= 0, "must not be negative"),
    ]
    for name, holds, words in rules:
        if not holds(top[name]):
            raise PolicyError(f"policy: {name} = {top[name]:g} {words}")
    if raw["atr_interval"] not in CLASSIC_INTERVALS:
        raise PolicyError(f"policy: atr_interval must be one of {', '.join(CLASSIC_INTERVALS)}")


def _numbers(raw: Mapping[str, Any], top: Mapping[str, float]) -> tuple[float, ...]:
    out = [0.0] * params.NUMBERS.end
    _plain_numbers(out, raw, top)
    _weights(out, raw, "interval_weights", CLASSIC_INTERVALS, params.INTERVAL_WEIGHTS)
    _weights(out, raw, "weights", COMPONENTS, params.WEIGHTS)
    parts = _object(raw, "components")
    _exactly("components", parts, set(_PARTS))
    for name, at in _PARTS.items():
        out[at] = _positive(parts, name, "components.")
    events = _object(raw, "events")
    _exactly("events", events, set(KINDS))
    for kind in EVENT_KINDS:
        _event(out, kind, _object(events, kind.name))
    low, high = out[RSI_LOW], out[RSI_HIGH]
    if not low < high < 100.0:
        raise PolicyError(f"policy: events.rsi_extreme.low = {low:g} must be below high, below 100")
    return tuple(out)


def _plain_numbers(out: list[float], raw: Mapping[str, Any], top: Mapping[str, float]) -> None:
    cost = 2.0 * (top["fee_bps"] + top["slippage_bps"]) / 10_000.0
    out[params.THRESHOLD] = top["threshold"]
    out[params.COVERAGE] = top["coverage"]
    out[params.FRESH_MS] = top["fresh_s"] * 1000.0
    out[params.COST_NEED] = top["cost_gate"] * cost
    out[params.TP_ATR] = top["tp_atr"]
    out[params.SL_ATR] = top["sl_atr"]
    out[params.ATR_FEATURE] = float(INTERVALS.index(raw["atr_interval"]) * WIDTH + ATR_14)
    out[params.COOLDOWN_MS] = top["cooldown_s"] * 1000.0
    out[params.REARM_MS] = top["rearm_s"] * 1000.0
    out[params.TTL_MS] = top["ttl_s"] * 1000.0
    out[params.WARM_BARS] = top["warm_bars"]


def _ai(raw: Mapping[str, Any]) -> AiPolicy:
    ai = _object(raw, "ai")
    _exactly("ai", ai, {"mode", "model", "minimum", "weight"})
    mode, model = ai["mode"], ai["model"]
    minimum, weight = _number(ai, "minimum", "ai."), _number(ai, "weight", "ai.")
    if mode not in ("off", "gate", "blend"):
        raise PolicyError("policy: ai.mode must be off, gate or blend")
    if not isinstance(model, str) or not re.fullmatch(r"([0-9a-f]{12})?", model):
        raise PolicyError("policy: ai.model must be a model's digest (12 hex digits), or empty")
    if mode != "off" and not model:
        raise PolicyError(f"policy: ai.model must name the model when ai.mode is {mode}")
    for name, value in (("minimum", minimum), ("weight", weight)):
        if not 0.0 <= value <= 1.0:
            raise PolicyError(f"policy: ai.{name} = {value:g} must be in [0, 1]")
    return AiPolicy(mode, model, minimum, weight)


def protections_of(raw: Mapping[str, Any]) -> Protections:
    """Read and check the protections of a policy or a parameter set; raises PolicyError."""
    table = _object(raw, "protections")
    _exactly("protections", table, {"lag_s", *_RULES, *_SPANS})
    value = {name: _number(table, name, "protections.") for name in table}
    for name in ("lag_s", *_SPANS):
        if not 60 <= value[name] <= _MONTH_S or value[name] % 60:
            raise PolicyError(f"policy: protections.{name} must be whole minutes, to 30 days")
    for name in ("stops", "open_signals"):
        if not 0 <= value[name] <= _MOST or value[name] != int(value[name]):
            raise PolicyError(f"policy: protections.{name} must be a whole number, to {_MOST}")
    if not 0.0 <= value["loss"] <= _MOST:
        raise PolicyError(f"policy: protections.loss must be a fraction, 0 to {_MOST}")
    return Protections(
        lag_ms=int(value["lag_s"] * 1000),
        stops=int(value["stops"]),
        stops_within_ms=int(value["stops_within_s"] * 1000),
        stops_pause_ms=int(value["stops_pause_s"] * 1000),
        loss=round(value["loss"] * RETURN_SCALE),
        loss_within_ms=int(value["loss_within_s"] * 1000),
        loss_pause_ms=int(value["loss_pause_s"] * 1000),
        open_signals=int(value["open_signals"]),
    )


def _event(out: list[float], kind: EventKind, row: Mapping[str, Any]) -> None:
    where = f"events.{kind.name}"
    _exactly(where, row, {"intervals", *(field.name for field in kind.fields)})
    chosen = row["intervals"]
    if not isinstance(chosen, list) or any(name not in kind.intervals for name in chosen):
        raise PolicyError(f"policy: {where}.intervals must be from {', '.join(kind.intervals)}")
    if len(set(chosen)) != len(chosen):
        raise PolicyError(f"policy: {where}.intervals names an interval twice")
    for name in chosen:
        out[kind.number + INTERVALS.index(name)] = 1.0
    for field in kind.fields:
        _fill(out, field, _positive(row, field.name, f"{where}."))


def _fill(out: list[float], field: Field, value: float) -> None:
    if not field.minutes:
        out[field.at] = value
        return
    for i, interval in enumerate(INTERVALS):
        bars = -(-value * 60_000 // INTERVAL_MS[interval])
        out[field.at + i] = max(2.0, float(bars))


def _weights(
    out: list[float], raw: Mapping[str, Any], name: str, keys: tuple[str, ...], at: int
) -> None:
    table = _object(raw, name)
    _exactly(name, table, set(keys))
    values = [_number(table, key, f"{name}.") for key in keys]
    if min(values) < 0.0 or abs(sum(values) - 1.0) > 1e-9:
        raise PolicyError(f"policy: {name} must not be negative and must sum to 1")
    out[at : at + len(values)] = values


def _exactly(where: str, raw: Mapping[str, Any], known: set[str]) -> None:
    unknown, missing = sorted(set(raw) - known), sorted(known - set(raw))
    if unknown:
        raise PolicyError(f"policy: {where} has unknown field {unknown[0]!r}")
    if missing:
        raise PolicyError(f"policy: {where} lacks field {missing[0]!r}")


def _object(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name)
    if not isinstance(value, dict):
        raise PolicyError(f"policy: {name} is not an object")
    return value


def _positive(raw: Mapping[str, Any], name: str, prefix: str) -> float:
    value = _number(raw, name, prefix)
    if value <= 0.0:
        raise PolicyError(f"policy: {prefix}{name} = {value:g} must be positive")
    return value


def _number(raw: Mapping[str, Any], name: str, prefix: str) -> float:
    value = raw.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _HUGE:
        raise PolicyError(f"policy: {prefix}{name} = {value!r} is not a number")
    return float(value)


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(value)
    return float(value) if isinstance(value, int | float) else value
