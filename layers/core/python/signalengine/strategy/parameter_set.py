"""A parameter set: a strategy's numbers with the rules that every strategy has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..protections import Protections
from .code import Code


class AiPolicy(NamedTuple):
    """What a model may do to a decision; nothing by default."""

    mode: Literal["off", "gate", "blend"]
    """`off`: a model is at most recorded. `gate`: it may refuse what the rules emit. `blend`: its
    probability is part of the score."""
    model: str
    """Digest of the one model that is meant; empty when the mode is off."""
    minimum: float
    """Least probability that a gate lets through."""
    weight: float
    """Share of the probability in a blended score."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ParameterSet:
    """Checked. Durations are ms, costs are basis points a side."""

    name: str
    strategy: str
    """Name of the strategy; `key` has the set's too."""
    digest: str
    """12 hex digits: another set has another digest, and makes other signals."""
    threshold: float
    coverage: float
    cooldown_ms: int
    rearm_ms: int
    ttl_ms: int
    """The longest that a signal may be open."""
    grace_ms: int
    fresh_ms: int
    fee_bps: float
    slippage_bps: float
    cost_gate: float
    ai: AiPolicy
    protections: Protections
    numbers: tuple[float, ...]
    """What the rules read, by `params`."""
    parameters: tuple[float, ...]
    """What the strategy's functions read as `p`."""
    intervals: tuple[str, ...]
    """Intervals of the shared snapshot that the strategy reads."""
    components: tuple[str, ...]
    """Names of the components."""
    values: tuple[str, ...]
    """Names of the strategy's own values."""
    code: Code

    @property
    def round_trip(self) -> float:
        """Fees and slippage of entry and exit, as a fraction of the entry price."""
        return 2.0 * (self.fee_bps + self.slippage_bps) / 10_000.0

    @property
    def key(self) -> str:
        """Name in the keys of stored items: `classic`, `donchian@fast`."""
        return self.strategy if self.name == "default" else f"{self.strategy}@{self.name}"

    def atr(self, f: Sequence[float]) -> tuple[float | None, str | None]:  # noqa: ARG002 - one form for all
        """Return the ATR that the levels are made of, and its interval, where they are."""
        return None, None
