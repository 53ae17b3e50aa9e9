"""What a stack's parameter sets may become, by the registry of that stack."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import PermanentError
from signalengine.policy import CLASSIC
from signalengine.strategy.lifecycle import Action, Registered
from signalengine.strategy.promotion import Promotion

from infra.cli.deliveries.stack import StackAccess
from infra.cli.strategies.folder import finder, parameters_of
from infra.errors import USAGE, CommandError

if TYPE_CHECKING:
    from signalengine_aws.stores.registry import Change, DynamoRegistry

VARIABLES: Final = {
    "region_name": "AWS_DEFAULT_REGION",
    "endpoint_url": "AWS_ENDPOINT_URL",
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
}


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
        from signalengine_aws.api.changed_sets import ChangedSets

        sets_here = ChangedSets(self.registry, self.who, finder())
        try:
            done = sets_here.act(action, name, parameters_of(sets), now, promotion=promotion)
        except (PermanentError, ValueError) as error:
            raise CommandError(str(error), f"see: signalengine strategy history {name}") from error
        return document(done.before, done.after, done.notes)

    def history(self, name: str) -> dict[str, Any]:
        """Return who changed a set when, and what; raises CommandError when nobody did."""
        found = self.registry.changes(name)
        if not found and name != CLASSIC:
            raise CommandError(
                f"{name} was never registered", "signalengine strategy status lists all sets"
            )
        return {"name": name, "changes": [_change(one) for one in found]}


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
        "why": one.why,
        "evidence": _evidence(one),
        "set": json.loads(one.after.text) if one.after.text else {},
    }
