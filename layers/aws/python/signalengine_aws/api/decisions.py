"""The whole of a decision, as the API gives it."""

from dataclasses import asdict
from typing import Any, Final

from signalengine.signals import Decision

_OF_MARKETS: Final = ("across", "absent")
"""Fields of strategies that compare symbols, and of no other."""


def full(decision: Decision) -> dict[str, Any]:
    """Return all fields of a decision."""
    raw = asdict(decision)
    return {name: x for name, x in raw.items() if name not in _OF_MARKETS or x}
