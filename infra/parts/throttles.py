"""Throttles of an API's routes: API Gateway refuses what is beyond them, and does not bill it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from constructs import IConstruct

from .function import resource_of
from .settings import Settings

REST: Final = "$rest"
"""Stands for the routes that are not named: each of them has this rate."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Calls a second that a route accepts in the long run, and how many at once."""

    rate: float
    public: float
    """The rate where everyone may read: it bounds the bill."""
    burst: int


def throttle(stage: IConstruct, throttles: Mapping[str, Throttle], settings: Settings) -> None:
    """Give the routes of a stage their throttles."""
    rendered = {
        key: {
            "ThrottlingRateLimit": settings.where_public(one.public, one.rate),
            "ThrottlingBurstLimit": one.burst,
        }
        for key, one in throttles.items()
    }
    resource = resource_of(stage)
    resource.add_property_override("DefaultRouteSettings", rendered.pop(REST))
    resource.add_property_override("RouteSettings", rendered)
