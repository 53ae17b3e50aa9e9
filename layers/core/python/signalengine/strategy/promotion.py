"""What a parameter set was made live on: a verdict on its edge, or a reason instead (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ..errors import StrategyError

SHOWN: Final = "shown"
"""The verdict that needs no reason beside it."""
NONE_SHOWN: Final = "no edge shown"
MOST_REASON: Final = 300


@dataclass(frozen=True)
class Promotion:
    """The verdict of a final look at exactly this parameter set, and why it is live in spite of it.

    Without evidence everything but the reason is empty.
    """

    override: str = ""
    """Why it is live without an edge shown; empty where one was."""
    verdict: str = ""
    parameter_set: str = ""
    """Digest of the parameter set that was looked at."""
    registration: str = ""
    """Digest of what was registered."""
    head: str = ""
    """Digest of the look in the file of looks."""
    start: int = 0
    end: int = 0
    """The final span, ms."""

    @property
    def words(self) -> str:
        """Return it as it is shown."""
        if not self.verdict:
            return f"promoted without evidence: {self.override}"
        found = f"{self.verdict} (final span {_day(self.start)} to {_day(self.end)})"
        return found if not self.override else f"{found}, promoted nevertheless: {self.override}"


def check_promotion(one: Promotion, digest: str) -> Promotion:
    """Return what makes a set live, its reason cut to size; raises StrategyError.

    `digest` is the set's, or "" where it is not known here (`classic`, whose policy is deployed).
    """
    reason = " ".join(one.override.split())[:MOST_REASON]
    if one.verdict and digest and one.parameter_set != digest:
        raise StrategyError(
            f"promote: the evidence is of parameter set {one.parameter_set}, this one is {digest}"
        )
    if one.verdict and not (one.parameter_set and one.registration and one.head):
        raise StrategyError("promote: the evidence lacks a parameter set, registration or look")
    if one.verdict != SHOWN and not reason:
        raise StrategyError(
            f"promote: {one.verdict or 'no evidence was given'}: a reason is needed"
        )
    return Promotion(
        reason, one.verdict, one.parameter_set, one.registration, one.head, one.start, one.end
    )


def _day(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d")
