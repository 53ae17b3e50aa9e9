"""What it costs to watch the stack: the probe, the alarms, the dashboard; apart from its bill.

The ten metrics that the alarms read, and one dashboard of fifty metrics, are free in an account
without others. The metrics of errors and of waiting messages exist in bad hours only.
"""

from collections.abc import Mapping
from typing import Final

from .model import LOG_BYTES, scaled
from .prices import GB, HOURS_A_MONTH, PRICES, Unit

PROBES_H: Final = 12
PROBE_GB: Final = 0.25
PROBE_S: Final = 7.0
"""Half of the time between two statuses, and the start (assumed)."""
ANSWER_GB_S: Final = 3 * 0.05 * 0.5 + 0.1 * 0.5 + 0.01 + 0.05 * 0.25
"""What it makes others do: connect_websocket three times, serve_api, broadcast and greet_clients
(assumed)."""
METRICS: Final = 1
"""The age of the heartbeat that a client sees."""
PER_PROBE: Final[Mapping[Unit, float]] = {
    Unit.SCHEDULE: 1,
    Unit.REQUEST: 7,
    Unit.GB_S: PROBE_S * PROBE_GB + ANSWER_GB_S,
    Unit.LOG_GB: 7 * LOG_BYTES / GB,
    Unit.PUBLISH: 1,  # a status, since a client is connected
    Unit.SOCKET_MESSAGE: 4,  # it connects, resumes, is connected, and gets a status
    Unit.SOCKET_MINUTE: 1,
    Unit.HTTP_REQUEST: 1,
    Unit.WRITE: 5,  # pending, registered (tried twice), removed, and what was seen
    Unit.READ: 12 + 4,  # the stages of the health; who is to have the status
    Unit.KEY_CALL: 1,  # of the token's parameter
}
PER_HOUR: Final[Mapping[Unit, float]] = {
    **scaled(PROBES_H, PER_PROBE),
    Unit.METRIC_MONTH: METRICS / HOURS_A_MONTH,
}


def watching_usd(hours: float = HOURS_A_MONTH) -> float:
    """Return US dollars of so many hours, of a month by default."""
    return hours * sum(amount * PRICES[unit].each for unit, amount in PER_HOUR.items())
