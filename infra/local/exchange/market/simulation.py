"""A market made from a seed: a factor common to all symbols, and a process for each symbol.

One step a second, with no price in between. A symbol's log return is its own drift and
noise, its beta times the market's, a rare jump, a weak pull to its level, and the push of
liquidations. Positions build up in bursts; a price far from its five-minute average liquidates the
losing side, which pushes it further until the leveraged positions are used up: a cascade. Funding
follows the premium, which follows trends.

The playback starts with a scripted scenario, so that events occur soon: hours of a common trend,
half an hour of quiet, and a burst of the whole market a minute and a half after the start.

Everything depends on the seed, the symbols' names and the start only: not on the speed, nor on the
other symbols played.
"""

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from signalengine.facts.symbols import is_symbol

from .bars import HOUR_MS, MINUTE_MS, Bar, Series
from .instruments import Instrument, instrument
from .price_path import PricePath, through
from .regime import MinuteRegime, RegimeProcess, Scenario, daytime
from .simulated_history import (
    MARKET_DAY_SIGMA,
    RUN_MINUTES,
    Past,
    columns,
    market_moves,
    premium_of,
    rate,
    simulate_history,
    simulate_older,
)
from .source import Funding, Liquidation, Mark, Minute, SourceError, Steps

PAST_MINUTES: Final = 21 * 1_440
_SECOND: Final = 1 / math.sqrt(60.0)
_FIVE: Final = math.sqrt(5.0)
_OFFSETS: Final = tuple(range(0, MINUTE_MS + 1, 1_000))
_PULL: Final = 1 / (5 * 86_400)
_STRETCHED: Final = 1.1
"""Distance from the five-minute average, in its deviations, from which liquidations begin."""
_USUAL_BITE: Final = 0.0259
"""Mean of a liquidation's bite."""
_COIN_MARGINED: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def _number(*parts: object) -> int:
    text = ":".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class SimulatedMarket:
    """A `source.Source` made from a seed."""

    market: Literal["simulated"] = "simulated"

    def __init__(
        self,
        symbols: Sequence[str],
        start: int,
        end: int | None,
        seed: str,
        past_minutes: int = PAST_MINUTES,
    ) -> None:
        """`start` and `end` are whole minutes, ms; `past_minutes` of history precede the start."""
        for symbol in symbols:
            if not symbol.endswith("USDT") or not is_symbol(symbol):
                raise SourceError(
                    f"{symbol!r}: the name of a simulated symbol has the form BTCUSDT."
                )
        self.start, self.end, self._seed = start, end, seed
        self.instruments: dict[str, Instrument] = {s: instrument(s) for s in symbols}
        self._process = RegimeProcess(
            f"{seed}:market",
            MARKET_DAY_SIGMA / math.sqrt(1_440),
            170.0,
            _opening(past_minutes),
        )
        self._chance = random.Random(f"{seed}:market:seconds")
        self._simulations = self._started(seed, past_minutes)
        self.interests: dict[str, Steps] = {
            s: x.past.interest for s, x in self._simulations.items()
        }
        self.fundings: dict[str, list[Funding]] = {
            s: x.past.fundings for s, x in self._simulations.items()
        }

    def past(self, symbol: str) -> Series:
        """Return the 1m bars before the start (21 days by default)."""
        return self._simulations[symbol].past.bars

    def older(self, symbol: str) -> Series:
        """Return the 4h bars of 500 days before those of `past`."""
        past = self._simulations[symbol].past.bars
        return simulate_older(self.instruments[symbol], past[0], _number(self._seed, symbol, "4h"))

    def minute(self, open_time: int) -> Minute:
        """Return the next minute; call it for each minute in order."""
        regime = self._process.next()
        day_factor = daytime(open_time)
        scale = regime.sigma * _SECOND * math.sqrt(day_factor)
        gauss = self._chance.gauss
        moves = [regime.drift / 60.0 + gauss(0.0, scale) for _ in range(60)]
        paths, marks, forced = {}, {}, []
        for symbol, simulation in self._simulations.items():
            paths[symbol], marks[symbol], orders = simulation.minute(
                open_time, moves, regime, day_factor
            )
            forced.extend(orders)
        forced.sort(key=lambda order: order.time)
        return Minute(open_time, paths, marks, forced)

    def _started(self, seed: str, count: int) -> dict[str, "_SymbolSimulation"]:
        market = columns([self._process.next() for _ in range(count)])
        first = self.start - count * MINUTE_MS
        times = np.arange(first, self.start, MINUTE_MS, dtype=np.float64)
        moves = market_moves(market, times, _number(seed, "market"))
        simulations = {}
        for symbol, coin in self.instruments.items():
            sigma = coin.day_volatility / math.sqrt(1_440)
            opening = _symbol_opening(_number(seed, symbol, "opening"), count)
            process = RegimeProcess(f"{seed}:{symbol}", sigma, 110.0, opening)
            own = columns([process.next() for _ in range(count)])
            past = simulate_history(coin, own, market, moves, times, _number(seed, symbol))
            total = math.hypot(sigma, coin.beta * MARKET_DAY_SIGMA / math.sqrt(1_440))
            chance = random.Random(f"{seed}:{symbol}:seconds")
            simulations[symbol] = _SymbolSimulation(coin, process, past, total, chance)
        return simulations


def _opening(start: int) -> dict[int, Scenario]:
    """Return the market's scenarios around the start, by minutes from the start of the history."""
    return {start - 30: Scenario("squeeze", 31), start + 1: Scenario("burst", 9, 1.6)}


def _symbol_opening(number: int, start: int) -> dict[int, Scenario]:
    """Return a symbol's own scenarios: two bursts in the first half hour, at minutes of its own."""
    first, second = number % 11 + 2, number // 11 % 14 + 16
    return {
        start - 30: Scenario("squeeze", 31),
        start + first: Scenario("burst", 8, 3.0),
        start + second: Scenario("burst", 8, 2.4),
    }


@dataclass(slots=True)
class _SymbolSimulation:
    """The simulation of one symbol from the start of the playback on."""

    coin: Instrument
    process: RegimeProcess
    past: Past
    sigma: float
    """Usual deviation of a minute's log return, the market's part included."""
    chance: random.Random
    level: float = field(init=False)
    average: float = field(init=False)
    interest: float = field(init=False)
    premium: float = field(init=False)
    run_average: float = field(init=False)
    price: float = field(init=False)
    fuel: dict[str, float] = field(default_factory=lambda: {"SELL": 1.0, "BUY": 1.0})
    push: float = 0.0
    mark: float = field(init=False)
    mark_average: float = field(init=False)
    premiums: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.price = self.past.bars[len(self.past.bars) - 1].close
        self.level = self.average = math.log(self.price)
        self.mark = self.mark_average = self.price
        self.interest = self.past.interest.values[-1]
        self.premium = self.past.premium
        self.run_average = self.past.run_average

    def minute(
        self, open_time: int, moves: Sequence[float], market: MinuteRegime, day_factor: float
    ) -> tuple[PricePath, list[Mark], list[Liquidation]]:
        """Simulate one minute; `moves` are the market's log returns of its 60 seconds."""
        own, coin = self.process.next(), self.coin
        self._refuel(own.build)
        pull = (self.level - math.log(coin.price)) * _PULL
        drift, noise = own.drift / 60.0 - pull, own.sigma * _SECOND * day_factor**0.5
        flow = coin.turnover / 86_400.0 * day_factor * own.activity * market.activity
        orders, marks = list[Liquidation](), list[tuple[float, float]]()
        prices, volumes, quotes = [self.price], [0.0], [0.0]
        for second, move in enumerate(moves, 1):
            change = self._step(drift + coin.beta * move, noise)
            forced = self._forced(open_time + second * 1_000)
            usd = self._traded(flow, change)
            if forced:
                orders.extend(forced)
                usd += forced[0].size_usd
                self.interest -= forced[0].quantity
            quantity = round(usd / self.price, coin.quantity_decimals)
            prices.append(self.price)
            volumes.append(round(volumes[-1] + quantity, coin.quantity_decimals))
            quotes.append(quotes[-1] + quantity * self.price)
            self.mark += (self.price - self.mark) / 5.0
            self.mark_average += (self.mark - self.mark_average) / 30.0
            marks.append((self.mark, self.mark_average))
            if second % 10 == 0:
                self._position(open_time + second * 1_000, own.build + 0.6 * market.build)
        bar = self._bar(open_time, prices, volumes[-1], quotes[-1])
        quotes = [min(quote, bar.quote_volume) for quote in quotes[:-1]] + [bar.quote_volume]
        self._wander()
        path = through(bar, coin, _OFFSETS, prices, volumes, quotes, jumps=True)
        return path, self._marks(open_time, marks), orders

    def _refuel(self, build: float) -> None:
        for side in self.fuel:
            self.fuel[side] = min(1.0, self.fuel[side] + 0.025 + max(build, 0.0) * 10.0)

    def _step(self, drift: float, noise: float) -> float:
        """Advance the price by one second; return the log return."""
        chance = self.chance
        change = drift + chance.gauss(0.0, noise) + self.push
        self.push = 0.0
        if chance.random() < 1 / 14_400:
            change += chance.choice((-1, 1)) * chance.uniform(2.0, 5.0) * self.sigma
        self.level += change
        self.average += (self.level - self.average) / 300.0
        self.price = self.coin.on_grid(math.exp(self.level))
        return change

    def _forced(self, time: int) -> list[Liquidation]:
        """Return the liquidations of a stretched price's losing side; they push the next second."""
        stretch = (self.level - self.average) / (self.sigma * _FIVE)
        side: Literal["SELL", "BUY"] = "SELL" if stretch < 0.0 else "BUY"
        urge = 0.004
        if abs(stretch) > _STRETCHED:
            urge += 0.35 * (abs(stretch) - _STRETCHED) * self.fuel[side]
        urge = min(urge, 0.9)
        size = (1.0 if side == "BUY" else -1.0) * _FIVE * self.sigma
        self.push = -urge * _USUAL_BITE * size
        if self.chance.random() >= urge:
            return []
        weight = min(self.chance.lognormvariate(0.0, 1.0), 12.0)
        bite = 0.02 * min(weight, 3.0)
        self.fuel[side] = max(0.0, self.fuel[side] - bite)
        self.push += bite * size
        return self._orders(time, side, self.coin.turnover / 288.0 * 9e-4 * weight)

    def _orders(self, time: int, side: Literal["SELL", "BUY"], usd: float) -> list[Liquidation]:
        coin, at = self.coin, time - self.chance.randint(1, 900)
        quantity = max(
            round(usd / self.price, coin.quantity_decimals), 10.0**-coin.quantity_decimals
        )
        orders = [Liquidation(at, coin.symbol, side, self.price, quantity)]
        if coin.symbol in _COIN_MARGINED and self.chance.random() < 0.2:
            contracts = max(1.0, round(usd / (100.0 if coin.symbol == "BTCUSDT" else 10.0) / 5))
            name = coin.symbol.removesuffix("T") + "_PERP"
            orders.append(Liquidation(at, name, side, self.price, contracts, market=2))
        return orders

    def _traded(self, flow: float, change: float) -> float:
        """Return the USD traded in a second, more when the price moves, in exponential bursts."""
        shock = min(abs(change) / (self.sigma * _SECOND), 6.0)
        return flow * (0.4 + 0.75 * shock) * -math.log(1.0 - self.chance.random())

    def _position(self, time: int, build: float) -> None:
        """Advance open interest by ten seconds."""
        base = self.coin.interest / self.coin.price
        change = build / 6.0 + self.chance.gauss(0.0, 0.00005)
        self.interest += self.interest * change + (base - self.interest) / 8_640.0
        self.past.interest.append(time, round(self.interest, self.coin.quantity_decimals))

    def _bar(self, open_time: int, prices: Sequence[float], volume: float, quote: float) -> Bar:
        way = (prices[-1] - prices[0]) / prices[0] / self.sigma
        share = min(max(0.5 + 0.12 * way + self.chance.gauss(0.0, 0.05), 0.05), 0.95)
        taker = round(volume * share, self.coin.quantity_decimals)
        return Bar(
            open_time, prices[0], max(prices), min(prices), prices[-1], volume, round(quote, 4),
            1 + int(quote / 900.0), taker, round(quote * share, 4),
        )  # fmt: skip

    def _wander(self) -> None:
        self.run_average += (self.level - self.run_average) / RUN_MINUTES
        goal = premium_of(self.level - self.run_average, self.sigma)
        self.premium += (goal - self.premium) / 120.0 + self.chance.gauss(0.0, 0.00002)
        self.premiums.append(self.premium)

    def _marks(self, open_time: int, marks: Sequence[tuple[float, float]]) -> list[Mark]:
        """Return 60 marks; at a funding time the rate settles and the next period begins."""
        period = self.coin.funding_hours * HOUR_MS
        upcoming = open_time - open_time % period + period
        estimate = rate(sum(self.premiums) / len(self.premiums))
        ratio = 1.0 / (1.0 + self.premium)
        out = [Mark(mark, mean, mark * ratio, estimate, upcoming) for mark, mean in marks]
        if open_time + MINUTE_MS == upcoming:
            last = out[-1]
            self.past.fundings.append(Funding(upcoming, estimate, round(last.price, 8)))
            self.premiums.clear()
            out[-1] = Mark(last.price, last.average, last.index, estimate, upcoming + period)
        return out
