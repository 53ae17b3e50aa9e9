"""The estimate's form, for the API's own description."""

from typing import TypedDict


class ServiceCost(TypedDict):
    """US dollars: for being there, for what was counted, and both."""

    service: str
    standing_usd: float
    moving_usd: float
    usd: float


class MonthlyCost(TypedDict):
    """730 hours with so many symbols, in US dollars."""

    symbols: int
    usd: float
    by_service: dict[str, float]


class Cost(TypedDict):
    """An estimate from counted things; null where it cannot be made, and `basis` says why."""

    since: int | None
    hours: float | None
    usd_estimate: float | None
    basis: str
    region: str
    priced_on: str
    counted: dict[str, float] | None
    by_service: list[ServiceCost]
    months: list[MonthlyCost]
