"""The regimes of a simulated market: drift, volatility and activity of each minute.

Every component (the market as a whole, and each symbol) goes through, minute by minute:

* volatility with a slow (half-life 4 h) and a fast (20 min) part, so that it clusters;
* trends of 1 to 12 hours, up or down;
* squeezes, 20 to 40 quiet minutes, that mostly end in a burst;
* bursts, 4 to 12 minutes of drift worth one to three 15-minute standard deviations, mostly with
  the trend, with volume and positions building up; half of them fade afterwards.

A minute's regime depends on the seed and the number of minutes before it only.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .bars import DAY_MS, HOUR_MS

_SLOW_KEEP: Final = 0.5 ** (1 / 240)
_FAST_KEEP: Final = 0.5 ** (1 / 20)
_SLOW_SPREAD: Final = 0.35
_FAST_SPREAD: Final = 0.30
_TREND_PULL: Final = 0.08
"""Drift of the strongest trend, in standard deviations of a minute."""
_FIFTEEN: Final = math.sqrt(15.0)


@dataclass(frozen=True, slots=True)
class MinuteRegime:
    """One minute of one component: log drift and its deviation, volume and position multiples."""

    drift: float
    sigma: float
    activity: float
    build: float
    """Relative change of open positions in this minute."""
    trend: float
    """-1 .. 1."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scripted trend or burst in `direction`, or a squeeze, that lasts `minutes`."""

    kind: str
    minutes: int
    direction: int = 0
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
        self._trend, self._trend_left = 0.0, 0
        self._squeeze_left, self._burst_left, self._fade_left = 0, 0, 0
        self._burst_drift, self._burst_activity, self._burst_build = 0.0, 1.0, 0.0
        self._fade_drift = 0.0

    def next(self) -> MinuteRegime:
        """Return the regime of the next minute."""
        scenario = self._scenarios.get(self._count)
        self._count += 1
        if scenario is not None:
            self._start(scenario)
        self._update_volatility()
        self._start_and_end_phases()
        sigma = self._sigma * math.exp(self._slow + self._fast)
        drift = self._trend * _TREND_PULL * self._sigma
        if self._burst_left:
            self._burst_left -= 1
            return MinuteRegime(
                drift + self._burst_drift, sigma * 1.4, self._burst_activity, self._burst_build,
                self._trend,
            )  # fmt: skip
        if self._squeeze_left:
            self._squeeze_left -= 1
            return MinuteRegime(drift * 0.3, sigma * 0.45, 0.55, 0.0, self._trend)
        if self._fade_left:
            self._fade_left -= 1
            return MinuteRegime(drift + self._fade_drift, sigma * 1.1, 1.3, -0.0004, self._trend)
        return MinuteRegime(drift, sigma, 1.0, 0.0, self._trend)

    def _update_volatility(self) -> None:
        gauss = self._chance.gauss
        self._slow = self._slow * _SLOW_KEEP + gauss(0.0, _SLOW_SPREAD * 0.076)
        self._fast = self._fast * _FAST_KEEP + gauss(0.0, _FAST_SPREAD * 0.259)

    def _start_and_end_phases(self) -> None:
        """Start and end trends, squeezes and bursts."""
        chance = self._chance
        if self._trend_left <= 0:
            self._trend = chance.choice((-1, 1)) * chance.uniform(0.2, 1.0)
            self._trend_left = 60 + min(int(chance.expovariate(1 / 240)), 660)
        self._trend_left -= 1
        if self._burst_left or self._squeeze_left:
            if self._squeeze_left == 1 and chance.random() < 0.8:
                self._burst(self._side(), chance.randint(4, 12), chance.uniform(1.2, 2.8))
            return
        draw = chance.random() * self._burst_every
        if draw < 0.5:
            self._squeeze_left = chance.randint(20, 40)
        elif draw < 1.0:
            self._burst(self._side(), chance.randint(4, 12), chance.uniform(1.0, 2.4))

    def _side(self) -> int:
        with_trend = self._chance.random() < 0.5 + 0.3 * abs(self._trend)
        up = (self._trend > 0) == with_trend
        return 1 if up else -1

    def _burst(self, direction: int, minutes: int, power: float) -> None:
        chance = self._chance
        way = direction * power * _FIFTEEN * self._sigma * math.exp(self._slow)
        self._squeeze_left, self._burst_left = 0, minutes
        self._burst_drift = way / minutes
        self._burst_activity = chance.uniform(2.5, 5.0)
        grows = chance.random() < 0.75
        self._burst_build = chance.uniform(0.0012, 0.0030) if grows else -0.0015
        self._fade_left, self._fade_drift = 0, 0.0
        if chance.random() < 0.5:
            self._fade_left = 2 * minutes
            self._fade_drift = -0.35 * way / self._fade_left

    def _start(self, scenario: Scenario) -> None:
        if scenario.kind == "trend":
            self._trend, self._trend_left = scenario.direction * scenario.power, scenario.minutes
        elif scenario.kind == "squeeze":
            self._squeeze_left, self._burst_left, self._fade_left = scenario.minutes, 0, 0
        else:
            self._burst(scenario.direction, scenario.minutes, scenario.power)
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
