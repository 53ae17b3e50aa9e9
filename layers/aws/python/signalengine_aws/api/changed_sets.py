"""What an operator makes of a stack's parameter sets, by the command line or by the page.

Both use this module, so both check the same and give the same reasons. The page has fewer actions:
nothing that publishes, and nothing on a set that is live.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from signalengine.errors import StrategyError
from signalengine.intervals import DAY_MS, INTERVAL_MS
from signalengine.policy import CLASSIC
from signalengine.strategy.deployed import defined
from signalengine.strategy.lifecycle import Action, Registered, changed
from signalengine.strategy.promotion import Promotion
from signalengine.strategy.sets import Find, StrategySet, as_text

if TYPE_CHECKING:
    from ..stores.registry import DynamoRegistry

STORED_DAYS: Final = 30
"""How far back the stored bars of a stack reach."""
SOON: Final = "the functions read it within a minute"
SHADOWED: Final[tuple[Action, ...]] = ("shadow", "park", "resume", "retire")
"""What the page may do: it makes, pauses, continues and removes sets in shadow."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A set before and after a change, and what a person has to know of it."""

    before: Registered | None
    after: Registered
    notes: list[str]


@dataclass(frozen=True, slots=True)
class ChangedSets:
    """The sets of one stack; every change is stored with who made it, and why if that is said."""

    registry: "DynamoRegistry"
    who: str
    find: Find

    def act(
        self,
        action: Action,
        name: str,
        chosen: Mapping[str, float],
        now: int,
        *,
        promotion: Promotion | None = None,
        why: str = "",
    ) -> Changed:
        """Change a set; raises PermanentError or ValueError. `now` is wall time, ms."""
        before = self.registry.get(name)
        definition = self._definition(action, name, before, chosen)
        text = "" if definition is None else _text(definition, before)
        to = partial(
            changed, action=action, now=now, definition=definition, text=text, promotion=promotion,
            reason=why,
        )  # fmt: skip
        return self._changed(action, name, to, before, definition, why)

    def shadow(
        self, action: Action, name: str, chosen: Mapping[str, float], now: int, why: str
    ) -> Changed:
        """Change a set that is not live and does not become it; raises as `act` does."""
        if action not in SHADOWED:
            raise StrategyError(f"{action}: only the command line does this")
        before = self.registry.get(name)
        _check_shadow(action, name, before)
        definition = self._definition(action, name, before, chosen)
        text = "" if definition is None else _text(definition, before)

        def to(stored: Registered | None) -> Registered:
            _check_shadow(action, name, stored)
            after = changed(
                stored, action, now, definition=definition, text=text, reason=f"paused: {why}"
            )
            if after.status == "live":
                raise StrategyError(f"{action}: {name} was live; only the command line makes it so")
            return after

        return self._changed(action, name, to, before, definition, why)

    def proposed(self, name: str, chosen: Mapping[str, float]) -> StrategySet:
        """Return a set with chosen parameters, as `shadow` would make it; raises as `act` does."""
        found = self._defined(name, self.registry.get(name), chosen)
        self._alone(found)
        return found

    def current(self, name: str) -> StrategySet:
        """Return a set as it is registered, with its defaults if it is not; raises as `act`."""
        return self._defined(name, self.registry.get(name), {})

    def _changed(
        self,
        action: Action,
        name: str,
        to: Callable[[Registered | None], Registered],
        before: Registered | None,
        definition: StrategySet | None,
        why: str,
    ) -> Changed:
        after = self.registry.change(name, self.who, to, why)
        return Changed(before, after, notes(action, before, after, definition))

    def _definition(
        self, action: Action, name: str, before: Registered | None, chosen: Mapping[str, float]
    ) -> StrategySet | None:
        """Return the set with the code that is here, where an action registers it anew."""
        anew = action == "shadow" and (before is None or before.status == "off" or chosen)
        if name == CLASSIC or not (anew or action == "resume"):
            if chosen:
                raise StrategyError(f"{action} {name}: --set is for `shadow` of another strategy")
            return None
        found = self._defined(name, before, chosen)
        self._alone(found)
        return found

    def _defined(
        self, name: str, before: Registered | None, chosen: Mapping[str, float]
    ) -> StrategySet:
        known = {} if before is None or not before.text else json.loads(before.text)
        strategy, _, label = name.partition("@")
        if strategy == CLASSIC:
            raise StrategyError(f"the parameters of {CLASSIC} are deployed, as a policy file")
        raw = {**known, "strategy": strategy, "name": label or "default"}
        raw["parameters"] = {**known.get("parameters", {}), **chosen}
        found = defined(json.dumps(raw), self.find)
        if found.key != name:
            raise StrategyError(f"the set is named {found.key}, not {name}")
        return found

    def _alone(self, one: StrategySet) -> None:
        """Refuse a set that another one is under another name: their signals would be the same."""
        for other in self.registry.read().values():
            if other.digest == one.digest and other.name != one.key:
                raise StrategyError(f"{other.name} has the same code, parameters and rules")


def _check_shadow(action: Action, name: str, stored: Registered | None) -> None:
    """Refuse what would change something that is published."""
    if name == CLASSIC or (stored is not None and stored.status == "live"):
        raise StrategyError(f"{action}: {name} is live; only the command line changes it")


def notes(
    action: Action, before: Registered | None, after: Registered, definition: StrategySet | None
) -> list[str]:
    """Return what a person has to know of a change: above all, what does not happen at once."""
    found = [SOON]
    was_running = before is not None and before.running
    if after.running and not was_running:
        if definition is not None:
            found += _warm_up(definition)
        found.append("if other code is deployed than here, it is parked, and `status` says so")
    if before is not None and before.digest and before.digest != after.digest:
        found.append("code or parameters are others now: its results begin anew")
    match action:
        case "promote":
            found += [] if after.promotion is None else [after.promotion.words]
            found.append("signals that opened in shadow stay unpublished; the next ones are sent")
        case "shadow" if before is not None and before.status == "live":
            found.append("open signals are still published; the next ones are not")
        case "retire":
            found.append("open signals still settle, and are published if they were live")
    return found


def _warm_up(one: StrategySet) -> list[str]:
    needs = one.loaded.strategy.warm_up
    if not needs:
        return []
    bars = ", ".join(f"{count} × {name}" for name, count in needs.items())
    found = f"it needs {bars}; until it has them, its closes are decided as not_warm"
    longest = max(count * INTERVAL_MS[name] for name, count in needs.items())
    if longest <= STORED_DAYS * DAY_MS:
        return [f"{found}. It begins with the stored bars, as long as the stack has run"]
    reach = f"Stored bars reach back {STORED_DAYS} days"
    return [f"{found}. {reach}; older ones come when the ingest task starts again"]


def _text(one: StrategySet, before: Registered | None) -> str:
    """Return a set as it is stored: all parameters by name, and the rules that it had."""
    rules = {} if before is None else json.loads(before.text or "{}").get("rules", {})
    raw = json.loads(as_text(one))
    return json.dumps({**raw, "rules": rules} if rules else raw, sort_keys=True)
