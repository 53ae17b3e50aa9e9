"""The verdict in words: *shown*, *suggestive* or *no edge shown*, with every condition.

What would be shown or suggestive is *not valid* where the final span had a part in finding it.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from research.evidence.phases import Phase
from research.statistics.summary import MIN_TRADES, Estimate

Verdict: TypeAlias = Literal["shown", "suggestive", "no edge shown", "not valid", "not looked at"]
DEFLATED: Final = 0.95
SUGGESTIVE: Final = 0.10
_WORDS: Final[dict[Verdict, str]] = {
    "shown": "Shown: an edge net of costs, on a span that had no part in finding it.",
    "suggestive": "Suggestive: not enough to call it an edge; worth watching on new data.",
    "no edge shown": "No edge shown.",
    "not valid": "Not valid",
    "not looked at": "No verdict: the final span was not looked at.",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a verdict."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether the final span had no part in finding what was looked at."""

    look: int = 1
    """The how many-th look of the strategy at the span, or a part of it."""
    chosen_after: tuple[str, ...] = ()
    """Strategies that measured a part of the span before this one was registered."""
    used: bool = False
    """Whether a part of it was design or validation of this strategy before."""
    recorded: bool = True
    """Whether the file of looks is whole and has every registration of the data."""

    @property
    def holds(self) -> bool:
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """Why it does not hold, in a few words each."""
        found = [f"this is look {self.look} at the final span"] if self.look > 1 else []
        if self.chosen_after:
            names = " and ".join(self.chosen_after)
            found.append(f"it was registered after {names} looked at the final span")
        if self.used:
            found.append("a part of the final span was design or validation before")
        if not self.recorded:
            found.append("the file of looks does not hold")
        return tuple(found)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return (
            Condition("the first look of this strategy at the final span", self.look == 1),
            Condition("no part of it was design or validation before", not self.used),
            Condition("registered before any other strategy looked at it", not self.chosen_after),
            Condition("the file of looks is whole", self.recorded),
        )


FIRST: Final = Validity()


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict and its conditions."""

    verdict: Verdict
    shown: tuple[Condition, ...]
    suggestive: tuple[Condition, ...]
    reached: Verdict = "not looked at"
    """What the numbers alone would be."""
    validity: Validity = FIRST

    @property
    def words(self) -> str:
        if self.verdict != "not valid":
            return _WORDS[self.verdict]
        why = ", and ".join(self.validity.faults)
        return f'{_WORDS[self.verdict]}: {why}. "{self.reached.capitalize()}" cannot be claimed.'


def verdict_of(validation: Phase, final: Phase | None, validity: Validity = FIRST) -> Found:
    """Return the verdict of the spans; without the final one there is none.

    What does not hold leaves *no edge shown* as it is: a second look finds too much, not too
    little.
    """
    if final is None:
        return Found("not looked at", (), ())
    shown, suggestive = _shown(final), _suggestive(validation, final)
    reached: Verdict = "no edge shown"
    if all(one.holds for one in shown):
        reached = "shown"
    elif all(one.holds for one in suggestive):
        reached = "suggestive"
    claimed = reached == "no edge shown" or validity.holds
    return Found(reached if claimed else "not valid", shown, suggestive, reached, validity)


def _shown(final: Phase) -> tuple[Condition, ...]:
    s, deflated, tried = final.found.summary, final.found.deflated, final.found.tried
    tries = "1 configuration" if tried == 1 else f"{tried} configurations"
    mean, double = s.mean_net, final.double_costs
    return (
        Condition(
            f"{s.n} closed signals in the final span, {MIN_TRADES} needed", s.n >= MIN_TRADES
        ),
        Condition(
            f"deflated Sharpe ratio {_number(deflated)} after {tries} tried, {DEFLATED} needed",
            (deflated.value or 0.0) >= DEFLATED,
        ),
        Condition(
            f"mean net return {_bps(mean)}: its interval must be above zero",
            (mean.low or 0.0) > 0.0,
        ),
        Condition(
            f"at twice the costs {_bps(double)}: above zero needed", (double.value or 0.0) > 0.0
        ),
    )


def _suggestive(validation: Phase, final: Phase) -> tuple[Condition, ...]:
    p = final.p
    text = "unknown: too few days" if p is None else f"{p:.2g}"
    return (
        Condition(
            f"one-sided p of the final span {text}, {SUGGESTIVE:g} or less needed",
            p is not None and p <= SUGGESTIVE and final.found.summary.n >= MIN_TRADES,
        ),
        Condition(
            f"validation {_bps(validation.mean_net)}: above zero needed",
            (validation.mean_net.value or 0.0) > 0.0,
        ),
    )


def _number(one: Estimate) -> str:
    return f"unknown ({one.reason})" if one.value is None else f"{one.value:.2f}"


def _bps(one: Estimate) -> str:
    if one.value is None:
        return f"unknown ({one.reason})"
    text = f"{one.value * 1e4:+.1f} bps"
    if one.low is not None and one.high is not None:
        text += f" ({one.low * 1e4:+.1f} to {one.high * 1e4:+.1f})"
    return text.replace("-", "−")
