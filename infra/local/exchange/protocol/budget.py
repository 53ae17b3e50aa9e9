"""Request budgets: how many units a client may use in a span of time.

A span ends when either event time or wall time has passed it, whichever is first. So the budget
holds per minute of the market at any speed (polling each symbol once a minute costs the same at
speed 1 and at full speed), and a stopped clock does not block clients.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """`limit` units per span of `span_ms`."""

    limit: int
    span_ms: int
    used: int = 0
    _span: tuple[int, int] = (-1, -1)

    def spend(self, units: int, event_ms: int, wall_ms: int) -> bool:
        """Count a request; returns whether it is still within the limit."""
        span = (event_ms // self.span_ms, wall_ms // self.span_ms)
        if span != self._span:
            self._span, self.used = span, 0
        self.used += units
        return self.used <= self.limit
