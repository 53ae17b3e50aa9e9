"""The parameter sets of the stack, side by side."""

from typing import Any, Final, Literal, TypedDict

from signalengine.facts.markets import MARKETS

from .. import parameters as p
from ..field_types import Market
from ..routing import Request, Route
from ..services import Services

SECONDS: Final = 10
"""Cache time of the list."""


class PromotedOn(TypedDict):
    """What a set was made live on: the verdict of a final look, or a reason instead."""

    verdict: str | None
    """Null: without evidence."""
    override: str
    """Why it is live without an edge shown; else empty."""
    parameter_set: str
    """Digest of the parameter set that was looked at."""
    registration: str
    """Digest of what was registered."""
    head: str
    """Digest of the look in the file of looks."""
    start: int | None
    end: int | None
    """The final span, ms."""


class ListedStrategy(TypedDict):
    """A parameter set: what is registered, and its results under its present digest.

    Returns are net percent; the mean's 95 % interval is null below 30 closed signals.
    """

    name: str
    strategy: str
    set: str
    status: Literal["live", "shadow", "off", "parked"]
    since: int | None
    """Time (ms) of the last change; null when there was none."""
    changes: int
    reason: str
    """Why it is parked; else empty."""
    evidence: str
    """What is known of its edge, in words; empty for a set that was never live."""
    promotion: PromotedOn | None
    """What its last promotion rested on; null where none was recorded."""
    digest: str
    parameters: dict[str, float]
    """Empty for `classic`, whose policy is deployed."""
    rules: dict[str, Any]
    """Those that are not the defaults."""
    open: int
    closed: int
    wins: int
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    total_return: float
    avg_return: float | None
    avg_return_low: float | None
    avg_return_high: float | None
    last_signal: int | None
    """Close (ms) at which its newest signal opened."""


class Strategies(TypedDict):
    """All parameter sets: `classic`, then by status and name."""

    strategies: list[ListedStrategy]
    count: int
    market: Market | None


def strategies(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """Every parameter set that was ever registered: what it is, whether it runs, and what came of
    it. Results are of its present digest on one market, of what it published, or of its shadow
    while it was never live; so sets, parameters and shadow are never mixed, and
    `/equity?strategy=` has the curve of each.
    """
    from ..queries.strategies import StrategyQueries

    return services.query(StrategyQueries).all(**values)


class SetField(TypedDict):
    """A number (or a name, or intervals) of a set."""

    kind: Literal["policy", "parameter", "rule"]
    name: str
    value: float | str | list[str]
    default: float | str | list[str]
    differs: bool
    """Whether it is another than the default."""
    least: float | None
    most: float | None
    whole: bool
    unit: str
    about: str


class PublicChange(TypedDict):
    """A change of a set; who made it is for the operator."""

    at: int
    before: str | None
    """Null: it was not registered."""
    status: str
    digest: str
    why: str
    """What its author gave as the reason; else empty."""
    reason: str
    """Why it was parked; else empty."""
    evidence: str
    """What a promotion rested on; else empty."""


class StrategyForm(TypedDict):
    """A parameter set in full, with its changes, the newest first."""

    name: str
    strategy: str
    set: str
    status: Literal["live", "shadow", "off", "parked"]
    since: int | None
    reason: str
    digest: str
    evidence: str
    problem: str
    """Why the deployed code cannot run it; else empty."""
    about: str
    every: str
    intervals: list[str]
    features: list[str]
    needs: list[str]
    warm_up: dict[str, int]
    editable: bool
    """Whether other parameters make another set in shadow; the policy is changed by deployment."""
    fields: list[SetField]
    history: list[PublicChange]


def strategy_form(services: Services, _: Request, *, name: str) -> dict[str, Any]:
    """One registered set: each parameter, rule or field of the policy with its value, default,
    bounds, unit and one sentence, and every change of the set.
    """
    from ..queries.set_forms import SetForms

    return services.query(SetForms).form(name)


STRATEGIES: Final = """\
{"strategies": [
  {"name": "classic", "strategy": "classic", "set": "default", "status": "live", "since": null,
   "changes": 0, "reason": "",
   "evidence": "no edge shown (the default policy, docs/evidence.md)", "promotion": null,
   "digest": "5dd6a6097a63", "parameters": {}, "rules": {}, "open": 1,
   "closed": 40, "wins": 20, "win_rate": 0.5, "win_rate_low": 0.352, "win_rate_high": 0.648,
   "total_return": 12.31, "avg_return": 0.31, "avg_return_low": -0.14, "avg_return_high": 0.76,
   "last_signal": 1747620000000},
  {"name": "donchian@fast", "strategy": "donchian", "set": "fast", "status": "shadow",
   "since": 1747500000000, "changes": 1, "reason": "", "evidence": "", "promotion": null,
   "digest": "0f3c58a1d2b4",
   "parameters": {"days": 10.0, "...": 0}, "rules": {}, "open": 2, "closed": 0, "wins": 0,
   "win_rate": null, "...": null}],
 "count": 2, "market": "live"}"""

FORM: Final = """\
{"name": "donchian@fast", "strategy": "donchian", "set": "fast", "status": "shadow",
 "since": 1747500000000, "reason": "", "digest": "0f3c58a1d2b4", "evidence": "", "problem": "",
 "about": "A close beyond the highest or lowest close of some days.", "every": "1d",
 "intervals": ["1d"], "features": [], "needs": [], "warm_up": {"1d": 120}, "editable": true,
 "fields": [
  {"kind": "parameter", "name": "days", "value": 10.0, "default": 20.0, "differs": true,
   "least": 5.0, "most": 60.0, "whole": true, "unit": "", "about": "length of the channel, days"}],
 "history": [
  {"at": 1747500000000, "before": null, "status": "shadow", "digest": "0f3c58a1d2b4",
   "why": "a shorter channel reacts sooner", "reason": "", "evidence": ""}]}"""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/strategies", "All parameter sets, side by side", "Performance", strategies, Strategies,
        (p.choice("market", "Kind of market", MARKETS),), max_age_s=SECONDS, shared=True,
        example=STRATEGIES,
    ),
    Route(
        "/strategies/{name}", "One parameter set in full", "Performance", strategy_form,
        StrategyForm, (p.set_name(),), max_age_s=SECONDS, shared=True, raises=("404",),
        example=FORM,
    ),
)  # fmt: skip
