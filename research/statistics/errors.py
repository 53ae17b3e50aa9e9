"""Errors of statistics.

PermanentError
└── StatisticsError           signals that cannot be summed up together, or at all
"""

from signalengine.errors import PermanentError


class StatisticsError(PermanentError, ValueError):
    """Signals that do not belong into one statistic; the message names what to separate."""
