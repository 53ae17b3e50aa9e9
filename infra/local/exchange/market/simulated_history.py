"""The history of a simulated market: 1m bars, open interest and fundings before the playback.

It has the same regimes as the playback, but one normal step per minute, with high and low drawn
from the exact distribution of a Brownian bridge's extremes. Three weeks of six symbols take about
a second.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .bars import DAY_MS, HOUR_MS, MINUTE_MS, OLDER_MS, Bar, Series, bucket
from .instruments import Instrument
from .regime import MinuteRegime, daytime
from .source import Funding, Steps

Floats = NDArray[np.float64]


MARKET_DAY_SIGMA: Final = 0.014
"""Deviation of a day's log return of the market factor."""
OLDER_DAYS: Final = 500
"""More than a task's warm-up takes of 1d."""
PREMIUM_OF_RUN: Final = 0.0010
"""Premium per `RUN_MINUTES` deviation that the price is above its average, bounded at two."""
RUN_MINUTES: Final = 360
"""Length of the average."""
_SECONDS_MISS = 0.5826 / math.sqrt(60.0)
"""What a path of one step a second misses of a Brownian extreme, in deviations of a minute."""


@dataclass(frozen=True, slots=True)
class RegimeColumns:
    """The regimes of many minutes as columns, one entry per minute."""

    drift: Floats
    sigma: Floats
    activity: Floats
    build: Floats


def columns(minutes: Sequence[MinuteRegime]) -> RegimeColumns:
    """Turn minutes into columns."""
    table = np.array([(w.drift, w.sigma, w.activity, w.build) for w in minutes])
    return RegimeColumns(*(np.ascontiguousarray(column) for column in table.T))


@dataclass(frozen=True, slots=True)
class Past:
    """The history of one symbol before the playback."""

    bars: Series
    interest: Steps
    fundings: list[Funding]
    premium: float
    """(perpetual - index) / index at the end."""
    run_average: float
    """Log of the price's average of `RUN_MINUTES` at the end."""


def market_moves(regime: RegimeColumns, times: Floats, seed: int) -> Floats:
    """Return the market factor's log return of each minute."""
    chance = np.random.default_rng(seed)
    return regime.drift + regime.sigma * _day_factors(times) * chance.standard_normal(len(times))


def simulate_history(
    coin: Instrument,
    own: RegimeColumns,
    market: RegimeColumns,
    moves: Floats,
    times: Floats,
    seed: int,
) -> Past:
    """Return the history of one symbol; `times` are open times in ms, `moves` the market's."""
    chance = np.random.default_rng(seed)
    day_factor = _day_factors(times)
    own_sigma = own.sigma * day_factor
    sigma = np.sqrt(own_sigma**2 + (coin.beta * market.sigma * day_factor) ** 2)
    step = own.drift + coin.beta * moves + own_sigma * chance.standard_normal(len(times))
    up, down = (
        np.sqrt(step**2 - 2 * sigma**2 * np.log(chance.random(len(step)))) / 2
        - _SECONDS_MISS * sigma
        for _ in range(2)
    )
    high, low = step / 2 + up, step / 2 - down
    level = np.cumsum(step)
    level += math.log(coin.price) - level[-1]
    before = level - step
    prices = [_grid(coin, np.exp(x)) for x in (before, before + high, before + low, level)]
    bars = _bars(coin, prices, np.abs(step) / sigma, own.activity * market.activity, times, chance)
    usual = math.hypot(coin.day_volatility, coin.beta * MARKET_DAY_SIGMA)
    premium = _premium(level, usual / math.sqrt(DAY_MS / MINUTE_MS), chance)
    return Past(
        bars,
        _interest(coin, own, market, times, chance),
        _fundings(premium, prices[3], times),
        float(premium[-1]),
        float(_smoothed(level, RUN_MINUTES)[-1]),
    )


def simulate_older(coin: Instrument, first: Bar, seed: int) -> Series:
    """Return the 4h bars of 500 days up to a symbol's first 1m bar, which go on at its open."""
    chance, count = np.random.default_rng(seed), OLDER_DAYS * DAY_MS // OLDER_MS
    end = bucket(first.open_time, OLDER_MS)
    times = np.arange(end - count * OLDER_MS, end, OLDER_MS, dtype=np.float64)
    sigma = coin.day_volatility * math.sqrt(OLDER_MS / DAY_MS)
    step = sigma * chance.standard_normal(count)
    level = math.log(first.open) + np.cumsum(step) - step.sum()
    wicks = np.abs(sigma / 2 * chance.standard_normal((2, count)))
    top, bottom = np.maximum(level - step, level) + wicks[0], np.minimum(level - step, level)
    prices = [_grid(coin, np.exp(x)) for x in (level - step, top, bottom - wicks[1], level)]
    prices = [np.maximum(price, coin.tick) for price in prices]
    calm = np.full(count, OLDER_MS / MINUTE_MS)
    return _bars(coin, prices, np.abs(step) / sigma, calm, times, chance)


def _day_factors(times: Floats) -> Floats:
    """Return the factor of the time of day on volatility."""
    hours = [daytime(hour * HOUR_MS) ** 0.5 for hour in range(24)]
    return np.asarray(hours)[(times // HOUR_MS % 24).astype(np.int64)]


def _grid(coin: Instrument, prices: Floats) -> Floats:
    return np.round(np.rint(prices / coin.tick) * coin.tick, coin.price_decimals)


def _bars(
    coin: Instrument, prices: Sequence[Floats], shock: Floats, activity: Floats, times: Floats,
    chance: np.random.Generator,
) -> Series:  # fmt: skip
    o, h, lo, c = prices
    o = np.concatenate([o[:1], c[:-1]])
    h, lo = np.maximum(h, np.maximum(o, c)), np.minimum(lo, np.minimum(o, c))
    size = len(times)
    flow = coin.turnover / 1_440 * activity * _day_factors(times) ** 2 * (0.4 + 0.75 * shock)
    flow *= np.exp(chance.normal(-0.06, 0.35, size))
    middle = (h + lo + c) / 3
    volume = np.round(flow / middle, coin.quantity_decimals)
    share = np.clip(0.5 + 0.12 * np.sign(c - o) * shock + chance.normal(0, 0.05, size), 0.05, 0.95)
    taker = np.round(volume * share, coin.quantity_decimals)
    series = Series()
    series.extend(
        times.astype(np.int64).tolist(),
        [column.tolist() for column in (
            o, h, lo, c, volume, np.round(volume * middle, 4), np.ceil(flow / 900), taker,
            np.round(taker * middle, 4),
        )],
    )  # fmt: skip
    return series


def _premium(level: Floats, sigma: float, chance: np.random.Generator) -> Floats:
    """Return (perpetual - index) / index of each minute: what the price has run, and a noise."""
    averages = _smoothed(level, RUN_MINUTES)
    pulled = [premium_of(gap, sigma) for gap in (level - averages).tolist()]
    noise = chance.normal(0.0, 0.00002, len(level))
    wander = np.convolve(noise, 0.98 ** np.arange(400))[: len(noise)]
    return _smoothed(np.array(pulled), 120) + wander


def _smoothed(values: Floats, minutes: int) -> Floats:
    """Return the exponential average of that length, which begins at the first value."""
    average = float(values[0])
    return np.array([average := average + (value - average) / minutes for value in values.tolist()])


def premium_of(gap: float, sigma: float) -> float:
    """Return the premium that a price tends to, `gap` (log) above its average of a few hours."""
    run = gap / (sigma * math.sqrt(RUN_MINUTES))
    return PREMIUM_OF_RUN * min(max(run, -2.0), 2.0)


def _interest(
    coin: Instrument,
    own: RegimeColumns,
    market: RegimeColumns,
    times: Floats,
    chance: np.random.Generator,
) -> Steps:
    steps, level = Steps(), 0.0
    base = coin.interest / coin.price
    changes = own.build + 0.6 * market.build + chance.normal(0.0, 0.00012, len(times))
    for index, change in enumerate(changes.tolist()):
        level = level * 0.9993 + change
        if index % 5 == 4:
            time = int(times[index]) + MINUTE_MS
            steps.append(time, round(base * math.exp(level), coin.quantity_decimals))
    return steps


def _fundings(premium: Floats, closes: Floats, times: Floats) -> list[Funding]:
    """Return a settlement per 8 h: the rate of the average premium since the one before."""
    out = []
    period = 8 * HOUR_MS
    for index in np.flatnonzero((times + MINUTE_MS) % period == 0).tolist():
        average = float(premium[max(0, index - 479) : index + 1].mean())
        out.append(Funding(int(times[index]) + MINUTE_MS, rate(average), float(closes[index])))
    return out


def rate(premium: float) -> float:
    """Return Binance's 8 h funding rate of an average premium (interest 0.01 %, clamp 0.05 %)."""
    clamped = premium + min(max(0.0001 - premium, -0.0005), 0.0005)
    return round(min(max(clamped, -0.02), 0.02), 8)
