"""Reads parameter sets: a policy file of `classic`, or a set of any other strategy.

    {"strategy": "donchian", "name": "fast", "parameters": {"days": 10},
     "rules": {"fee_bps": 4}}

What is left out has its default. A file without `strategy` is a policy of `classic`.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from .. import params
from ..errors import PolicyError
from ..intervals import INTERVALS, MINUTE_MS
from ..library import LIBRARY_VERSION
from ..policy import CLASSIC, digest, load_policy, protections_of
from .form import Strategy
from .loading import Loaded, load_shipped
from .parameter_set import AiPolicy, ParameterSet

Find: TypeAlias = Callable[[str], Loaded]
"""Returns a strategy by name; raises StrategyError when there is none."""

RULES: Final[Mapping[str, float]] = {
    "threshold": 0.5, "coverage": 0.6, "cooldown_s": 0.0, "rearm_s": 0.0, "grace_s": 120.0,
    "fresh_s": 30.0, "fee_bps": 5.0, "slippage_bps": 1.0, "cost_gate": 3.0,
}  # fmt: skip
"""The rules of every strategy, with their defaults; `protections` beside them as in a policy."""
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "threshold": (0.0, 1.0), "coverage": (0.0, 1.0), "cooldown_s": (0.0, 2_592_000.0),
    "rearm_s": (0.0, 2_592_000.0), "grace_s": (0.0, 2_592_000.0), "fresh_s": (1.0, 2_592_000.0),
    "fee_bps": (0.0, 999.0), "slippage_bps": (0.0, 999.0), "cost_gate": (0.0, 1_000.0),
}  # fmt: skip
"""The least and the greatest value of each rule."""
NO_MODEL: Final = AiPolicy("off", "", 0.5, 0.5)
_FIELDS: Final = frozenset({"strategy", "name", "parameters", "rules"})
_NAME: Final = r"[a-z0-9_]{1,40}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategySet(ParameterSet):
    """A parameter set of a strategy that is loaded from its file."""

    loaded: Loaded

    @property
    def one_open(self) -> bool:
        return self.loaded.strategy.one_open


def load_set(text: str, find: Find = load_shipped) -> ParameterSet:
    """Read and check a parameter set; raises PolicyError or StrategyError naming the field."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"parameter set: not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise PolicyError("parameter set: not an object")
    if raw.get("strategy", CLASSIC) == CLASSIC:
        return load_policy(json.dumps({k: v for k, v in raw.items() if k != "strategy"}))
    unknown = sorted(set(raw) - _FIELDS)
    if unknown:
        raise PolicyError(f"parameter set: unknown field {unknown[0]!r}")
    if not isinstance(raw["strategy"], str):
        raise PolicyError("parameter set: strategy must be a name")
    return set_of(find(raw["strategy"]), raw)


def set_of(loaded: Loaded, raw: Mapping[str, Any] | None = None) -> StrategySet:
    """Return a strategy with chosen parameters and rules; all defaults when none are given."""
    given = raw or {}
    name = given.get("name", "default")
    if not isinstance(name, str) or not re.fullmatch(_NAME, name):
        raise PolicyError(f"parameter set: name {name!r} must be lower-case letters, digits, _")
    chosen = loaded.strategy.parameters.chosen(_object(given, "parameters"))
    rules, protections = _rules(_object(given, "rules"))
    return StrategySet(
        name=name,
        strategy=loaded.name,
        digest=_digest(loaded, chosen, rules | {"protections": protections}),
        threshold=rules["threshold"],
        coverage=rules["coverage"],
        cooldown_ms=int(rules["cooldown_s"] * 1000),
        rearm_ms=int(rules["rearm_s"] * 1000),
        ttl_ms=loaded.strategy.ttl_minutes * MINUTE_MS,
        grace_ms=int(rules["grace_s"] * 1000),
        fresh_ms=int(rules["fresh_s"] * 1000),
        fee_bps=rules["fee_bps"],
        slippage_bps=rules["slippage_bps"],
        cost_gate=rules["cost_gate"],
        ai=NO_MODEL,
        protections=protections_of({"protections": protections}),
        numbers=_numbers(loaded.strategy, rules),
        parameters=chosen,
        intervals=tuple(name for name in INTERVALS if name in loaded.strategy.features),
        components=tuple(loaded.strategy.components) or ("score",),
        values=tuple(one.name for one in loaded.strategy.values.declared),
        code=loaded.code,
        loaded=loaded,
    )


def as_text(one: StrategySet) -> str:
    """Return a set as its file has it, every parameter named."""
    declared = one.loaded.strategy.parameters.declared
    named = {d.name: x for d, x in zip(declared, one.parameters, strict=True)}
    return json.dumps(
        {"strategy": one.strategy, "name": one.name, "parameters": named}, sort_keys=True
    )


def _digest(loaded: Loaded, chosen: tuple[float, ...], rules: Mapping[str, Any]) -> str:
    declared = loaded.strategy.parameters.declared
    named = {one.name: x for one, x in zip(declared, chosen, strict=True)}
    return digest({
        **rules,
        "strategy": loaded.name,
        "syntax": loaded.digest,
        "library": LIBRARY_VERSION,
        "parameters": named,
    })  # fmt: skip


def _rules(raw: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the common rules, and the protections as a policy file has them."""
    unknown = sorted(set(raw) - {*RULES, "protections"})
    if unknown:
        raise PolicyError(f"parameter set: rules has unknown field {unknown[0]!r}")
    rules = {name: _number(raw, name, default) for name, default in RULES.items()}
    for name, value in rules.items():
        low, high = BOUNDS[name]
        if not low <= value <= high:
            raise PolicyError(
                f"parameter set: rules.{name} = {value:g} must be from {low:g} to {high:g}"
            )
    return rules, {**_IDLE, **_object(raw, "protections")}


_IDLE: Final[Mapping[str, float]] = {
    "lag_s": 60, "stops": 0, "stops_within_s": 3600, "stops_pause_s": 3600, "loss": 0.0,
    "loss_within_s": 86400, "loss_pause_s": 14400, "open_signals": 0,
}  # fmt: skip


def _numbers(strategy: Strategy, rules: Mapping[str, float]) -> tuple[float, ...]:
    out = [0.0] * params.NUMBERS.end
    out[params.THRESHOLD] = rules["threshold"]
    out[params.COVERAGE] = rules["coverage"]
    out[params.FRESH_MS] = rules["fresh_s"] * 1000.0
    cost = 2.0 * (rules["fee_bps"] + rules["slippage_bps"]) / 10_000.0
    out[params.COST_NEED] = rules["cost_gate"] * cost
    out[params.COOLDOWN_MS] = rules["cooldown_s"] * 1000.0
    out[params.REARM_MS] = rules["rearm_s"] * 1000.0
    out[params.TTL_MS] = float(strategy.ttl_minutes * MINUTE_MS)
    weights = tuple(strategy.components.values()) or (1.0,)
    out[params.WEIGHTS : params.WEIGHTS + len(weights)] = weights
    return tuple(out)


def _object(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name, {})
    if not isinstance(value, dict):
        raise PolicyError(f"parameter set: {name} is not an object")
    return value


def _number(raw: Mapping[str, Any], name: str, default: float) -> float:
    value = raw.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        raise PolicyError(f"parameter set: rules.{name} = {value!r} is not a number")
    return float(value)
