"""What a stack's parameter sets may become, by the registry of that stack."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import PermanentError, StrategyError
from signalengine.intervals import DAY_MS, INTERVAL_MS
from signalengine.policy import CLASSIC
from signalengine.strategy.deployed import defined
from signalengine.strategy.lifecycle import Action, Registered, changed
from signalengine.strategy.promotion import Promotion
from signalengine.strategy.sets import StrategySet, as_text

from infra.cli.deliveries.stack import StackAccess
from infra.cli.strategies.folder import finder, parameters_of
from infra.errors import USAGE, CommandError

if TYPE_CHECKING:
    from signalengine_aws.stores.registry import Change, DynamoRegistry

STORED_DAYS: Final = 30
"""How far back the stored bars of a stack reach."""
VARIABLES: Final = {
    "region_name": "AWS_DEFAULT_REGION",
    "endpoint_url": "AWS_ENDPOINT_URL",
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
}
SOON: Final = "the functions read it within a minute"


@dataclass(frozen=True, slots=True)
class Sets:
    """The sets of one stack; every change is stored with who made it."""

    registry: "DynamoRegistry"
    who: str

    def act(
        self,
        action: Action,
        name: str,
        sets: Sequence[str],
        now: int,
        promotion: Promotion | None = None,
    ) -> dict[str, Any]:
        """Change a set; raises CommandError. `sets` are parameters, `now` is wall time, ms."""
        before = self.registry.get(name)
        try:
            definition = self._definition(action, name, before, parameters_of(sets))
            text = "" if definition is None else _text(definition, before)
            to = partial(
                changed, action=action, now=now, definition=definition, text=text,
                promotion=promotion,
            )  # fmt: skip
            after = self.registry.change(name, self.who, to)
        except (PermanentError, ValueError) as error:
            raise CommandError(str(error), f"see: signalengine strategy history {name}") from error
        return document(before, after, notes(action, before, after, definition))

    def history(self, name: str) -> dict[str, Any]:
        """Return who changed a set when, and what; raises CommandError when nobody did."""
        found = self.registry.changes(name)
        if not found and name != CLASSIC:
            raise CommandError(
                f"{name} was never registered", "signalengine strategy status lists all sets"
            )
        return {"name": name, "changes": [_change(one) for one in found]}

    def _definition(
        self, action: Action, name: str, before: Registered | None, chosen: Mapping[str, float]
    ) -> StrategySet | None:
        """Return the set with the code that is here, where an action registers it anew."""
        anew = action == "shadow" and (before is None or before.status == "off" or chosen)
        if name == CLASSIC or not (anew or action == "resume"):
            if chosen:
                raise StrategyError(f"{action} {name}: --set is for `shadow` of another strategy")
            return None
        known = {} if before is None else json.loads(before.text)
        strategy, _, label = name.partition("@")
        raw = {**known, "strategy": strategy, "name": label or "default"}
        raw["parameters"] = {**known.get("parameters", {}), **chosen}
        found = defined(json.dumps(raw), finder())
        if found.key != name:
            raise StrategyError(f"the set is named {found.key}, not {name}")
        self._alone(found)
        return found

    def _alone(self, one: StrategySet) -> None:
        """Refuse a set that another one is under another name: their signals would be the same."""
        for other in self.registry.read().values():
            if other.digest == one.digest and other.name != one.key:
                raise StrategyError(f"{other.name} has the same code, parameters and rules")


def sets_of(stack: StackAccess) -> Sets:
    """Return the sets of a stack; the process's one AWS client is that stack's from now on."""
    from signalengine_aws.stores.registry import DynamoRegistry

    os.environ.update({VARIABLES[name]: str(value) for name, value in stack.options.items()})
    table = stack.outputs.get("StrategiesTable")
    if table is None:
        raise CommandError("this stack has no registry of strategies", "deploy this version first")
    return Sets(DynamoRegistry(table), operator(stack))


def operator(stack: StackAccess) -> str:
    """Return who runs this command: the identity at AWS, or the user of this machine."""
    from getpass import getuser

    if "endpoint_url" in stack.options:
        return getuser()
    return str(stack.client("sts").get_caller_identity()["Arn"])


def checked_name(text: str) -> str:
    """Return a set's name, `donchian` or `donchian@fast`; raises CommandError."""
    from signalengine_aws.stores.strategies import Strategy

    name = text.removesuffix("@default")
    try:
        return Strategy(name).name
    except ValueError as error:
        raise CommandError(str(error), "write it like donchian or donchian@fast", USAGE) from error


def document(before: Registered | None, after: Registered, found: list[str]) -> dict[str, Any]:
    """Return a change as it is printed."""
    return {
        "name": after.name,
        "before": None if before is None else before.status,
        "status": after.status,
        "digest": after.digest,
        "changes": after.version,
        "notes": found,
    }


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


def _evidence(one: "Change") -> dict[str, Any] | None:
    """Return what a promotion rested on; None of every other change."""
    before, found = one.before, one.after.promotion
    promoted = before is not None and (before.status, one.after.status) == ("shadow", "live")
    return {"text": found.words, **asdict(found)} if found is not None and promoted else None


def _change(one: "Change") -> dict[str, Any]:
    return {
        "at": one.at,
        "who": one.who,
        "before": None if one.before is None else one.before.status,
        "status": one.after.status,
        "digest": one.after.digest,
        "reason": one.after.reason,
        "evidence": _evidence(one),
        "set": json.loads(one.after.text) if one.after.text else {},
    }
