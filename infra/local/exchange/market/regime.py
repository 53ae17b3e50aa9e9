"""The regimes of a simulated market: volatility, activity and impulses of each minute.

Every component (the market as a whole, and each symbol) goes through, minute by minute:

* volatility with a slow (half-life 4 h) and a fast (20 min) part, so that it clusters;
* squeezes, 20 to 40 quiet minutes, that mostly end in a burst;
* bursts of 4 to 12 minutes: an impulse within the first minute, up or down, then high volatility,
  with volume and positions building up.

No price move follows from an earlier one: the side of an impulse is drawn in the very minute that
it moves. So no rule that decides at closes gains by this market, and each loses its costs. What
looks like a trend is one only afterwards, as in any random walk.

A minute's regime depends on the seed and the number of minutes before it only.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from .bars import DAY_MS, HOUR_MS

_SLOW_KEEP: Final = 0.5 ** (1 / 240)
_FAST_KEEP: Final = 0.5 ** (1 / 20)
_SLOW_SPREAD: Final = 0.35
_FAST_SPREAD: Final = 0.30
_FIFTEEN: Final = math.sqrt(15.0)
_BURST_SIGMA: Final = 1.9
"""Deviation of a burst's minutes, in usual ones."""


@dataclass(frozen=True, slots=True)
class MinuteRegime:
    """One minute of one component: log drift and its deviation, volume and position multiples.

    The drift's side cannot be known before the minute.
    """

    drift: float
    sigma: float
    activity: float
    build: float
    """Relative change of open positions in this minute."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scripted squeeze, or a burst of this power, that lasts `minutes`."""

    kind: Literal["squeeze", "burst"]
    minutes: int
    power: float = 1.0


class RegimeProcess:
    """The regimes of one component. `scenarios` start at their minute, counted from the first."""

    def __init__(
        self, name: str, minute_sigma: float, burst_every: float, scenarios: Mapping[int, Scenario]
    ) -> None:
        self._chance = random.Random(name)
        self._sigma = minute_sigma
        self._burst_every = burst_every
        self._scenarios = scenarios
        self._count = 0
        self._slow = self._chance.gauss(0.0, _SLOW_SPREAD)
        self._fast = 0.0
        self._squeeze_left, self._burst_left = 0, 0
        self._impulse, self._burst_activity, self._burst_build = 0.0, 1.0, 0.0

    def next(self) -> MinuteRegime:
        """Return the regime of the next minute."""
        scenario = self._scenarios.get(self._count)
        self._count += 1
        if scenario is not None:
            self._start(scenario)
        self._update_volatility()
        self._start_and_end_phases()
        sigma = self._sigma * math.exp(self._slow + self._fast)
        if self._burst_left:
            self._burst_left -= 1
            drift, self._impulse = self._impulse, 0.0
            return MinuteRegime(
                drift, sigma * _BURST_SIGMA, self._burst_activity, self._burst_build
            )
        if self._squeeze_left:
            self._squeeze_left -= 1
            return MinuteRegime(0.0, sigma * 0.45, 0.55, 0.0)
        return MinuteRegime(0.0, sigma, 1.0, 0.0)

    def _update_volatility(self) -> None:
        gauss = self._chance.gauss
        self._slow = self._slow * _SLOW_KEEP + gauss(0.0, _SLOW_SPREAD * 0.076)
        self._fast = self._fast * _FAST_KEEP + gauss(0.0, _FAST_SPREAD * 0.259)

    def _start_and_end_phases(self) -> None:
        """Start and end squeezes and bursts."""
        chance = self._chance
        if self._burst_left or self._squeeze_left:
            if self._squeeze_left == 1 and chance.random() < 0.8:
                self._burst(chance.randint(4, 12), chance.uniform(1.2, 2.8))
            return
        draw = chance.random() * self._burst_every
        if draw < 0.5:
            self._squeeze_left = chance.randint(20, 40)
        elif draw < 1.0:
            self._burst(chance.randint(4, 12), chance.uniform(1.0, 2.4))

    def _burst(self, minutes: int, power: float) -> None:
        """Begin a burst whose impulse is worth `power` deviations of a quarter of an hour."""
        chance = self._chance
        size = power * _FIFTEEN * self._sigma * math.exp(self._slow)
        self._squeeze_left, self._burst_left = 0, minutes
        self._impulse = chance.choice((-1, 1)) * size
        self._burst_activity = chance.uniform(2.5, 5.0)
        grows = chance.random() < 0.75
        self._burst_build = chance.uniform(0.0012, 0.0030) if grows else -0.0015

    def _start(self, scenario: Scenario) -> None:
        if scenario.kind == "squeeze":
            self._squeeze_left, self._burst_left = scenario.minutes, 0
        else:
            self._burst(scenario.minutes, scenario.power)
            self._burst_build = 0.0025


def daytime(time: int) -> float:
    """Return the volume of this time of day against the day's average, U-shaped between US hours.

    Busiest at 15:00 UTC, half as busy at 03:00, with a little more around the 8 h fundings.
    """
    hour = time % DAY_MS / HOUR_MS
    return (
        1.0
        + 0.40 * math.cos(2.0 * math.pi * (hour - 15.0) / 24.0)
        + 0.08 * math.cos(2.0 * math.pi * hour / 8.0)
    )
