"""The verdict in words: *shown*, *suggestive* or *no edge shown*, with every condition."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from research.evidence.phases import Phase
from research.statistics.summary import MIN_TRADES, Estimate

Verdict: TypeAlias = Literal["shown", "suggestive", "no edge shown", "not looked at"]
DEFLATED: Final = 0.95
SUGGESTIVE: Final = 0.10
_WORDS: Final[dict[Verdict, str]] = {
    "shown": "Shown: an edge net of costs, on a span that had no part in finding it.",
    "suggestive": "Suggestive: not enough to call it an edge; worth watching on new data.",
    "no edge shown": "No edge shown.",
    "not looked at": "No verdict: the final span was not looked at.",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a verdict."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict and its conditions."""

    verdict: Verdict
    shown: tuple[Condition, ...]
    suggestive: tuple[Condition, ...]

    @property
    def words(self) -> str:
        return _WORDS[self.verdict]


def verdict_of(validation: Phase, final: Phase | None) -> Found:
    """Return the verdict of the spans; without the final one there is none."""
    if final is None:
        return Found("not looked at", (), ())
    shown, suggestive = _shown(final), _suggestive(validation, final)
    verdict: Verdict = "no edge shown"
    if all(one.holds for one in shown):
        verdict = "shown"
    elif all(one.holds for one in suggestive):
        verdict = "suggestive"
    return Found(verdict, shown, suggestive)


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
