"""The shape of an estimate, for the API."""

from typing import TypedDict


class ServiceCost(TypedDict):
    """US dollars: fixed, for what was counted, and both."""

    service: str
    standing_usd: float
    moving_usd: float
    usd: float


class MonthlyCost(TypedDict):
    """730 hours with `symbols` symbols, in US dollars. `watching_usd` (the probe; the alarms and
    the dashboard are free in an account without others), `front_usd` (CloudFront, for one
    dashboard that is always open) and `channels_usd` (where there are destinations of other
    channels than Telegram: their queue's polling and alarms) are not in `usd`."""

    symbols: int
    usd: float
    watching_usd: float
    front_usd: float
    channels_usd: float
    by_service: dict[str, float]


class Cost(TypedDict):
    """An estimate from counts; null where nothing is counted yet, and `basis` has the reason.

    `billed`: AWS bills it, otherwise it is what AWS would ask for. `own_pace`: `months` go by what
    was counted, otherwise by the pace of recordings.
    """

    since: int | None
    hours: float | None
    usd_estimate: float | None
    basis: str
    billed: bool
    own_pace: bool
    region: str
    priced_on: str
    counted: dict[str, float] | None
    by_service: list[ServiceCost]
    months: list[MonthlyCost]
