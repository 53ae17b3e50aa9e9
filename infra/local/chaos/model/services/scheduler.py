"""EventBridge Scheduler: what it invokes a function with."""

import json
from collections.abc import Mapping
from typing import Any

from infra.names import SCHEDULED


def target(function: str) -> dict[str, str]:
    """Return the target of a function's schedule, as far as it says what is sent."""
    return {"Input": json.dumps(SCHEDULED[function])}


def event_of(target: Mapping[str, str]) -> Any:
    """Return the event with which a target is invoked: its input, as it is."""
    return json.loads(target["Input"])
