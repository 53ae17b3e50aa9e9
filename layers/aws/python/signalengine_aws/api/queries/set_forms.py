"""One parameter set in full: every number with its default, bounds, unit and meaning."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Self

from signalengine.errors import PermanentError
from signalengine.policy import CLASSIC
from signalengine.strategy.lifecycle import Registered, evidence_words
from signalengine.strategy.policy_fields import POLICY, Described, Value, differs, flattened

from ...stores.registry import Change, DynamoRegistry
from ..routing import MissingError
from .strategies import described

if TYPE_CHECKING:
    from signalengine.strategy.form import Parameter, Strategy

    from ..services import Services

_RULES: Final[Mapping[str, Described]] = {one.name: one for one in POLICY}


class SetForms:
    """The sets of the registry, and the deployed strategies."""

    def __init__(self, *, registry: DynamoRegistry, digest: str) -> None:
        """`digest` is that of the deployed policy."""
        self._registry, self._digest = registry, digest

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(
            registry=DynamoRegistry(services.env.strategies_table),
            digest=services.policy.digest,
        )

    def form(self, name: str) -> dict[str, Any]:
        """Return a registered set in full; raises MissingError when there is none."""
        one = self._registry.get(name)
        if one is None:
            raise MissingError(f"{name} is not registered; see /strategies")
        digest = one.digest or self._digest
        problem, shown = "", _classic() if name == CLASSIC else {}
        if name != CLASSIC:
            try:
                shown = _of(one)
            except PermanentError as error:  # its code is not deployed any more
                problem, shown = str(error), _unknown(one)
        found = described(one)
        return {
            **{key: found[key] for key in ("name", "strategy", "set", "status", "since", "reason")},
            "digest": digest,
            "evidence": evidence_words(one, digest),
            "problem": problem,
            **shown,
            "history": [_change(each) for each in self._registry.changes(one.name)],
        }


def _of(one: Registered) -> dict[str, Any]:
    """Return the fields of a set; raises PermanentError where its strategy is not deployed."""
    from signalengine.strategy.deployed import defined
    from signalengine.strategy.sets import RULES

    found = defined(one.text)
    strategy = found.loaded.strategy
    rules = json.loads(one.text).get("rules", {})
    declared = strategy.parameters.declared
    return {
        **_about(strategy, found.loaded.intervals),
        "fields": [
            *(_parameter(each, x) for each, x in zip(declared, found.parameters, strict=True)),
            *(_rule(key, float(rules.get(key, usual)), usual) for key, usual in RULES.items()),
        ],
    }


def _about(strategy: "Strategy", intervals: tuple[str, ...]) -> dict[str, Any]:
    return {
        "about": strategy.about,
        "every": strategy.every,
        "intervals": list(intervals),
        "features": list(strategy.features),
        "needs": list(strategy.needs),
        "warm_up": dict(strategy.warm_up),
        "editable": True,
    }


def _classic() -> dict[str, Any]:
    """Return the deployed policy, which no request changes."""
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text(encoding="utf-8"))
    found = dict(flattened(raw))
    return {
        "about": "Seven components, scored when an event backs a direction.",
        "every": "1m",
        "intervals": ["1m", "5m", "15m", "1h"],
        "features": ["1m", "5m", "15m", "1h"],
        "needs": [],
        "warm_up": {},
        "editable": False,
        "fields": [_field("policy", one, found.get(one.name, one.default)) for one in POLICY],
    }


def _unknown(one: Registered) -> dict[str, Any]:
    """Return what is stored of a set whose strategy is not deployed."""
    try:
        known = json.loads(one.text).get("parameters", {})
    except ValueError:
        known = {}
    rows = [Described(name, x, None, None, "", "") for name, x in known.items()]
    nothing: dict[str, Any] = {"intervals": [], "features": [], "needs": [], "warm_up": {}}
    return {
        "about": "", "every": "", **nothing, "editable": False,
        "fields": [_field("parameter", row, row.default) for row in rows],
    }  # fmt: skip


def _parameter(one: "Parameter", value: float) -> dict[str, Any]:
    row = Described(one.name, one.default, one.least, one.most, "", one.about)
    return {**_field("parameter", row, value), "whole": one.whole}


def _rule(name: str, value: float, usual: float) -> dict[str, Any]:
    from signalengine.strategy.sets import BOUNDS

    least, most = BOUNDS[name]
    known = _RULES[name]
    return _field("rule", known._replace(default=usual, least=least, most=most), value)


def _field(kind: str, one: Described, value: Value) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": one.name,
        "value": value,
        "default": one.default,
        "differs": differs(value, one.default),
        "least": one.least,
        "most": one.most,
        "whole": False,
        "unit": one.unit,
        "about": one.about,
    }


def _change(one: Change) -> dict[str, Any]:
    """Return a change for every reader: not who made it."""
    promotion = one.after.promotion
    promoted = one.after.status == "live" and promotion is not None
    return {
        "at": one.at,
        "before": None if one.before is None else one.before.status,
        "status": one.after.status,
        "digest": one.after.digest,
        "why": one.why,
        "reason": one.after.reason,
        "evidence": promotion.words if promoted and promotion is not None else "",
    }
