"""Which parameter sets a stack runs: their statuses, and which change of one is permitted (pure).

A set is `live`, `shadow` (decided, stored, settled and counted, never published), `off`, or
`parked`: the stack cannot run it, for the reason that is stored. `classic` is live unless something
else is stored, and its parameters are those of the deployed policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ..errors import StrategyError
from ..policy import CLASSIC, default_policy
from .promotion import MOST_REASON, NONE_SHOWN, Promotion, check_promotion

if TYPE_CHECKING:
    from .sets import StrategySet

Status: TypeAlias = Literal["live", "shadow", "off", "parked"]
RUNNING: Final[tuple[Status, ...]] = ("live", "shadow")
Action: TypeAlias = Literal["shadow", "promote", "retire", "resume", "park"]
ACTIONS: Final[Mapping[Action, tuple[Status | None, ...]]] = {
    "shadow": (None, "off", "live"),
    "promote": ("shadow",),
    "retire": ("live", "shadow", "parked"),
    "resume": ("parked",),
    "park": ("live", "shadow"),
}
"""The statuses in which each is permitted; None: the set is not registered."""
DEFAULT_POLICY: Final = f"{NONE_SHOWN} (the default policy, docs/evidence.md)"


@dataclass(frozen=True)
class Registered:
    """A parameter set of a stack."""

    name: str
    """`classic`, `donchian@fast`."""
    status: Status
    text: str = ""
    """The set as its file has it; empty for `classic`."""
    digest: str = ""
    """12 hex digits of strategy, parameters and rules; empty for `classic`."""
    since: int = 0
    """Wall time (ms) of the last change; 0 when there was none."""
    reason: str = ""
    """Why it is parked."""
    resumes: Status = "off"
    """What it was when it was parked."""
    version: int = 0
    """Number of changes; 0: it is not stored."""
    promoted: bool = False
    """Whether it was ever live, so that signals of it may have been published."""
    promotion: Promotion | None = None
    """What it was made live on the last time; None: never with these parameters, or by deployment,
    or by a version that did not store it."""

    @property
    def running(self) -> bool:
        """Whether closes are evaluated for it."""
        return self.status in RUNNING

    @property
    def public(self) -> bool:
        """Whether signals of it may have been published."""
        return self.promoted or self.status == "live" or self.name == CLASSIC


def evidence_words(one: Registered, digest: str) -> str:
    """Return what is known of a set's edge, in words; `digest` is its present one.

    Empty for a set that was never live.
    """
    found = one.promotion
    if found is not None and (not found.verdict or found.parameter_set == digest):
        return found.words
    if found is not None:
        return f"{found.words} (of parameter set {found.parameter_set})"
    if one.name == CLASSIC:
        default = digest == default_policy().digest
        return DEFAULT_POLICY if default else "live by deployment, without evidence"
    return "promoted without a record of evidence" if one.promoted or one.status == "live" else ""


@dataclass(frozen=True, slots=True)
class Running:
    """What a stack evaluates closes for."""

    classic: bool = True
    sets: "tuple[StrategySet, ...]" = ()


CLASSIC_ALONE: Final = Running()


UNCHANGED_CLASSIC: Final = Registered(CLASSIC, "live")
"""`classic` while nothing is stored of it."""


def changed(
    before: Registered | None,
    action: Action,
    now: int,
    *,
    definition: "StrategySet | None" = None,
    text: str = "",
    reason: str = "",
    digest: str | None = None,
    promotion: Promotion | None = None,
) -> Registered:
    """Return a set after an action; raises StrategyError where it is not permitted.

    `promotion` is what `promote` rests on: a verdict on this parameter set, or a reason.

    `definition` and its `text` are the parameters that a set gets which is not registered, is off,
    or is parked because its strategy has changed. With a `digest` it is refused for a set that has
    another by now. `now` is wall time, ms.
    """
    status = None if before is None else before.status
    if status not in ACTIONS[action]:
        allowed = ", ".join(one or "not registered" for one in ACTIONS[action])
        named = definition.key if before is None and definition is not None else _name(before)
        raise StrategyError(
            f"{action}: {named} is {status or 'not registered'}, and has to be one of: {allowed}"
        )
    if digest is not None and before is not None and before.digest != digest:
        raise StrategyError(f"{action}: {before.name} is {before.digest} now, not {digest}")
    if definition is not None:
        before = _defined(before, definition, text, action)
    if before is None:
        raise StrategyError(f"{action}: the parameters of a new set are needed")
    after = replace(before, since=now, reason="", resumes="off", version=before.version + 1)
    match action:
        case "shadow":
            return replace(after, status="shadow")
        case "promote":
            on = check_promotion(promotion or Promotion(), before.digest)
            return replace(after, status="live", promoted=True, promotion=on)
        case "retire":
            return replace(after, status="off")
        case "resume":
            return replace(after, status=before.resumes)
        case "park":
            why = reason.strip()[:MOST_REASON] or "no reason was given"
            return replace(after, status="parked", resumes=before.status, reason=why)


def _name(before: Registered | None) -> str:
    return "the set" if before is None else before.name


def _defined(
    before: Registered | None, definition: "StrategySet", text: str, action: Action
) -> Registered:
    """Return a set with other parameters, which one that runs cannot get."""
    if before is None:
        return Registered(definition.key, "off", text, definition.digest)
    if before.name != definition.key:
        raise StrategyError(f"{action}: {before.name} cannot become {definition.key}")
    if before.digest == definition.digest:
        return replace(before, text=text)
    if before.running:
        raise StrategyError(f"{action}: the parameters of {before.name} differ: retire it first")
    # what was published under other rules says nothing of these
    return replace(before, text=text, digest=definition.digest, resumes="shadow", promotion=None)


def failure(error: BaseException, origin: str) -> str:
    """Return what a strategy's function raised, and on which line of its file."""
    where, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == origin:
            where = f", line {trace.tb_lineno}"
        trace = trace.tb_next
    return f"{origin}{where}: {type(error).__name__}: {error}".splitlines()[0]
