"""The market as of the clock's now; REST answers from it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..faults.schedule import Faults
from ..market.bars import INTERVAL_MS, MINUTE_MS, Bar, Rollup, Series
from ..market.clock import Clock
from ..market.instruments import Instrument
from ..market.source import Funding, Mark, Minute, Source, Steps
from ..protocol.payloads import Day

TRADING = "TRADING"
_FIRST_TRADE_ID = 1_000_000_000
_DAY_MINUTES = 1_440


class MarketState:
    """Closed bars, the minute being played, and marks, open interest and fundings as of now."""

    def __init__(self, source: Source, clock: Clock, faults: Faults | None = None) -> None:
        """`faults`: those of kind `halt`, `unlisted` and `lagging_rest` apply here."""
        self.clock = clock
        self._faults = Faults() if faults is None else faults
        self.instruments: Mapping[str, Instrument] = source.instruments
        self.market = source.market
        self.start, self.end = source.start, source.end
        self._minutes: dict[str, Series] = {s: source.past(s) for s in source.instruments}
        self._older: dict[str, Series | None] = {s: source.older(s) for s in source.instruments}
        self._rollups: dict[tuple[str, str], Rollup] = {}
        self._interests: Mapping[str, Steps] = source.interests
        self._fundings: Mapping[str, Sequence[Funding]] = source.fundings
        self._minute: Minute | None = None
        self._marks: dict[str, Mark] = {}
        self._trades = dict.fromkeys(source.instruments, _FIRST_TRADE_ID)

    # --- contracts ---

    @property
    def listed(self) -> Mapping[str, Instrument]:
        """The contracts listed as of now."""
        absent = {row.fault.symbol for row in self._faults.on(self.clock.now, "unlisted")}
        return {s: x for s, x in self.instruments.items() if s not in absent} if absent else (
            self.instruments
        )  # fmt: skip

    def status(self, symbol: str) -> str:
        """Return a contract's status."""
        halts = self._faults.on(self.clock.now, "halt")
        return next((str(h.fault.status) for h in halts if h.fault.symbol == symbol), TRADING)

    # --- minutes ---

    def begin(self, minute: Minute) -> None:
        """Start the next minute, without the symbols that do not trade in it."""
        paths = dict(minute.paths)
        for row in self._faults.on(minute.open_time, "halt", "unlisted"):
            row.strike(minute.open_time)
            paths.pop(row.fault.symbol, None)
            if row.fault.kind == "unlisted" and row.fault.symbol in self._minutes:
                self._minutes[row.fault.symbol] = Series()  # it has no history either
        self._minute = minute if len(paths) == len(minute.paths) else replace(minute, paths=paths)

    def close(self) -> list[tuple[str, Bar]]:
        """End the minute; return its bars, now closed, by symbol."""
        minute = self._minute
        if minute is None:
            return []
        closed = [(symbol, path.bar) for symbol, path in minute.paths.items()]
        for symbol, bar in closed:
            self._minutes[symbol].append(bar)
            self._trades[symbol] += bar.trades
        self._marks = {symbol: marks[-1] for symbol, marks in minute.marks.items()}
        self._minute = None
        return closed

    # --- bars ---

    def running(self, symbol: str) -> Bar | None:
        """Return the 1m bar as formed by now, None at its very start or in a gap."""
        minute = self._minute
        path = None if minute is None else minute.paths.get(symbol)
        if minute is None or path is None or self.clock.now <= minute.open_time:
            return None
        return path.at(self.clock.now - minute.open_time)

    def update_due(self, symbol: str) -> bool:
        """Return whether an update of the running 1m bar is due now, besides the grid."""
        minute = self._minute
        path = None if minute is None else minute.paths.get(symbol)
        return (
            minute is not None
            and path is not None
            and path.update_due(self.clock.now - minute.open_time)
        )

    def forming(self, symbol: str, interval: str, running: Bar | None) -> Bar | None:
        """Return the bar of that interval as formed by now, given the running 1m bar."""
        if interval == "1m":
            return running
        return self._rollup(symbol, interval).forming(running)

    def newest(self, symbol: str, interval: str) -> Bar | None:
        """Return the bar that closed last, None before the first."""
        bars = self._closed(symbol, interval)
        return bars[len(bars) - 1] if len(bars) else None

    def last_trade_id(self, symbol: str, running: Bar | None) -> int:
        """Return the id of the newest trade, given the running 1m bar."""
        return self._trades[symbol] + (0 if running is None else running.trades)

    def klines(
        self, symbol: str, interval: str, start: int | None, end: int | None, limit: int
    ) -> list[Bar]:
        """Return bars by open time, `start` <= it <= `end`, oldest first, the open bar last.

        With a start the oldest `limit` of them, without the newest.
        """
        closed = self._closed(symbol, interval)
        low = 0 if start is None else closed.at_or_after(start)
        high = len(closed) if end is None else closed.at_or_after(end + 1)
        last = self.forming(symbol, interval, self.running(symbol))
        tail = [last] if last is not None and _within(last.open_time, start, end) else []
        if start is None:
            low = max(low, high - (limit - len(tail)))
        return [*closed.between(low, min(high, low + limit)), *tail][:limit]

    @property
    def known_until(self) -> int | None:
        """The newest close time (ms) in REST answers while a fault delays them, else None."""
        lags = [row.fault.delay_ms for row in self._faults.on(self.clock.now, "lagging_rest")]
        return self.clock.now - max(lags) if lags else None

    def price(self, symbol: str) -> float:
        """Return the last traded price."""
        running = self.running(symbol)
        if running is not None:
            return running.close
        minutes = self._minutes[symbol]
        return minutes[len(minutes) - 1].close if len(minutes) else self._mark_now(symbol).price

    def day(self, symbol: str) -> Day | None:
        """Return the last 24 hours, None when nothing was traded in them."""
        minutes, now = self._minutes[symbol], self.clock.now
        since = now - now % MINUTE_MS - (_DAY_MINUTES - 1) * MINUTE_MS
        first = minutes.at_or_after(since)
        running = self.running(symbol)
        if first == len(minutes):
            return None if running is None else _day([running])
        high, low = minutes.extremes(first)
        volume, quote, trades = minutes.sums(first)
        oldest, newest = minutes[first], minutes[len(minutes) - 1]
        closed = Bar(
            oldest.open_time, oldest.open, high, low, newest.close, volume, quote, trades
        )  # fmt: skip
        return _day([closed] if running is None else [closed, running])

    # --- marks, open interest, funding ---

    def mark(self, symbol: str) -> Mark:
        """Return the newest mark."""
        minute = self._minute
        second = 0 if minute is None else (self.clock.now - minute.open_time) // 1_000
        if minute is None or second < 1:
            return self._marks.get(symbol) or self._mark_now(symbol)
        return minute.marks[symbol][min(second, 60) - 1]

    def interest(self, symbol: str) -> float | None:
        """Return the open interest in base currency, None where the market has none."""
        steps = self._interests.get(symbol)
        return None if steps is None else steps.as_of(self.clock.now)

    def interests(
        self, symbol: str, period: int, start: int, end: int
    ) -> list[tuple[int, float, float]]:
        """Return (end of period, open interest, its value in quote) between two times."""
        steps, minutes = self._interests.get(symbol), self._minutes[symbol]
        if steps is None:
            return []
        rows = []
        for stamp, value in steps.stamped(start, min(end, self.clock.now), period):
            index = minutes.at_or_after(stamp) - 1
            price = minutes[index].close if index >= 0 else 0.0
            rows.append((stamp, value, value * price))
        return rows

    def fundings(self, symbol: str) -> list[Funding]:
        """Return the settled fundings up to now, ascending."""
        return [item for item in self._fundings[symbol] if item.time <= self.clock.now]

    def _closed(self, symbol: str, interval: str) -> Series:
        if interval == "1m":
            return self._minutes[symbol]
        rollup = self._rollup(symbol, interval)
        rollup.catch_up()
        return rollup.closed

    def _rollup(self, symbol: str, interval: str) -> Rollup:
        key = (symbol, interval)
        if key not in self._rollups:
            older = self._older[symbol]
            self._rollups[key] = Rollup(self._minutes[symbol], INTERVAL_MS[interval], older)
        return self._rollups[key]

    def _mark_now(self, symbol: str) -> Mark:
        """Return the mark before the first minute is played."""
        minutes = self._minutes[symbol]
        price = minutes[len(minutes) - 1].close if len(minutes) else 0.0
        settled = self.fundings(symbol)
        if not settled:
            return Mark(price, price, price, None, 0)
        period = self.instruments[symbol].funding_hours * 60 * MINUTE_MS
        upcoming = self.clock.now - self.clock.now % period + period
        return Mark(price, price, price, settled[-1].rate, upcoming)


def _within(time: int, start: int | None, end: int | None) -> bool:
    return (start is None or start <= time) and (end is None or time <= end)


def _day(bars: Sequence[Bar]) -> Day:
    return Day(
        bars[0].open_time,
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        sum(bar.volume for bar in bars),
        sum(bar.quote_volume for bar in bars),
        sum(bar.trades for bar in bars),
    )
