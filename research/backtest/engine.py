"""The backtester, as researchers call it."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import nan
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from signalengine.intervals import CLASSIC_INTERVALS
from signalengine.models.model import Model
from signalengine.policy import Policy, default_policy
from signalengine.strategy.sets import StrategySet

from research.backtest.coarse import usable, why_minutes
from research.backtest.feed import WARM_MS, warm_ms
from research.backtest.result import Run
from research.backtest.run import simulate
from research.backtest.strategy_run import StrategyRun, simulate_set
from research.data.bars import BarTable
from research.data.errors import MissingBarsError
from research.data.loader import bulk_download_klines, data_folder, load
from research.data.times import Moment, moment, time_ms
from research.policies import varied
from research.statistics.frames import FRAMES
from research.statistics.marking import trades_of_runs
from research.statistics.summary import summarise
from research.strategies.named import strategy_set


class Backtester:
    """Runs the engine over one symbol's recorded bars.

    `data` is a table, or a file or folder that `research.data.loader.load` reads (default: where
    `bulk_download_klines` stores files). It needs 1m bars; where the default folder has none from
    `start_date` on, they are downloaded, whatever longer bars are there. Only a strategy of longer
    intervals is run on longer bars (`research.backtest.coarse`) where there are no 1m bars. Bars
    before `start_date` warm up. `score_threshold` is the default policy's with that threshold;
    give it or a `policy`, and the `model` that it uses. Or give a `strategy` (its name, or the path
    of its file) and its `parameters`.
    """

    def __init__(
        self,
        symbol: str,
        start_date: Moment | None = None,
        end_date: Moment | None = None,
        score_threshold: float | None = None,
        *,
        policy: Policy | None = None,
        model: Model | None = None,
        strategy: StrategySet | Path | str | None = None,
        parameters: Mapping[str, float] | None = None,
        data: BarTable | Path | str | None = None,
    ) -> None:
        self.symbol = symbol
        self.start_date = start_date
        self.end_date = end_date
        if score_threshold is not None:
            if policy is not None:
                raise ValueError("give score_threshold or policy, not both: a policy has its own")
            policy = varied({"threshold": score_threshold})
        if strategy is not None and (policy is not None or model is not None):
            raise ValueError("give a strategy, or a policy and its model, not both")
        self.strategy = None if strategy is None else strategy_set(strategy, parameters)
        self.policy = policy or default_policy()
        self.model = model
        self._data = data

    def run(self) -> "Results":
        """Fold every bar, decide every event and settle every signal.

        Raises DataError for data that cannot be read (MissingBarsError, with the call that
        downloads what lacks), ModelError for a policy without its model.
        """
        if self.strategy is not None:
            return Results(simulate_set(self._table(), self.strategy, start=self.start_date))
        done = simulate(self._table(), self.policy, start=self.start_date, model=self.model)
        return Results(done)

    def _table(self) -> BarTable:
        if isinstance(self._data, BarTable):
            return self._usable(self._data)
        folder = data_folder() if self._data is None else Path(self._data)
        try:
            return self._shortest(folder)
        except MissingBarsError as error:
            if self._data is not None or self.start_date is None:
                raise MissingBarsError(f"{error} {self._needed()}") from error
        self._download(self.start_date)
        return self._loaded(folder)

    def _shortest(self, folder: Path) -> BarTable:
        """Return the shortest bars that can be run on; in the default folder 1m bars alone."""
        first, *longer = usable(self.strategy)
        try:
            return self._loaded(folder, first)
        except MissingBarsError:
            if self._data is None and self.start_date is not None:
                raise
            for interval in longer:
                with suppress(MissingBarsError):
                    return self._loaded(folder, interval)
            raise

    def _loaded(self, folder: Path, interval: str = "1m") -> BarTable:
        table = load(folder, self.symbol, end=self.end_date, interval=interval)
        if self.start_date is not None and table.end <= time_ms(self.start_date):
            raise MissingBarsError(f"{self.symbol}: no {interval} bars from {self.start_date} on.")
        return table

    def _usable(self, table: BarTable) -> BarTable:
        if table.interval not in usable(self.strategy):
            raise MissingBarsError(f"{table!r} has no 1m bars. {self._needed()}")
        return table.between(None, self.end_date)

    def _needed(self) -> str:
        """Return what 1m bars are needed for, and the call that downloads them."""
        span = "days=90" if self.start_date is None else f"start={str(self.start_date)!r}"
        end = "" if self.end_date is None else f", end={str(self.end_date)!r}"
        return (
            f"{why_minutes(self.strategy)} Download them: "
            f"await bulk_download_klines({self.symbol!r}, '1m', {span}{end})"
        )

    def _download(self, start: Moment) -> None:
        """Download the span and what warms up before it, to the folder of downloads.

        In a thread of its own: a notebook's has a running event loop already.
        """
        one = self.strategy
        past = WARM_MS if one is None else warm_ms(one.loaded.intervals or CLASSIC_INTERVALS)
        begin = time_ms(start) - past
        text = (
            f"{self.symbol}: {why_minutes(self.strategy)} Downloading them from {moment(begin)} on."
        )
        Console(stderr=True).print(text, highlight=False, markup=False)
        job = bulk_download_klines(self.symbol, "1m", start=begin, end=self.end_date)
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, job).result()


class Results(Mapping[str, Any]):
    """The results of a backtest by name; `runs` have every signal, `summary` has all estimates.

    For one symbol, or for a market: `Results(*simulate_market(tables, policy))`.

    `coarse` is the interval of the bars where they are longer than 1m, else None.

    Rates and returns are fractions, net of costs unless named gross. An estimate that would be a
    guess (too few signals or days) is NaN, so that it can be printed; `reasons` has the reason.
    `*_interval` is (low, high), 95 %, by a bootstrap over whole days; absent with too few of them.
    `equity_curve` and `by_symbol`, `by_event`, `by_direction`, `by_hour`, `by_score` are frames.
    """

    def __init__(self, *runs: Run | StrategyRun) -> None:
        self.runs = runs
        self.trades = trades_of_runs(runs)
        self.summary = summarise(self.trades)
        self._values = self._named()

    @property
    def run(self) -> Run | StrategyRun:
        """The run of the first symbol."""
        return self.runs[0]

    def __getitem__(self, name: str) -> Any:
        if name in FRAMES and name not in self._values:
            self._values[name] = FRAMES[name](self.trades)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._values, **FRAMES})

    def __len__(self) -> int:
        return len({**self._values, **FRAMES})

    def __repr__(self) -> str:
        return f"Results({self._values!r})"

    def _named(self) -> dict[str, Any]:
        s = self.summary
        estimates = {name: getattr(s, field) for name, field in ESTIMATES.items()}
        return {
            "symbol": ",".join(run.symbol for run in self.runs),
            "policy_digest": self.run.policy.digest,
            "coarse": self.run.feed.coarse,
            "total_signals": sum(len(run.signals) for run in self.runs),
            "closed_signals": s.n,
            "open_at_end": s.still_open,
            "wins": s.wins,
            "tp_hits": s.tp_hits,
            "sl_hits": s.sl_hits,
            "expired": s.expired,
            "left": s.left,
            "ambiguous": s.ambiguous,
            "decisions": dict(sum((Counter(run.verdicts) for run in self.runs), Counter())),
            **{name: nan if e.value is None else e.value for name, e in estimates.items()},
            **{
                f"{name}_interval": (e.low, e.high)
                for name, e in estimates.items()
                if e.low is not None
            },
            "reasons": {name: e.reason for name, e in estimates.items() if e.reason},
        }


ESTIMATES: Final = {
    "win_rate": "win_rate",
    "avg_return": "mean_net",
    "avg_gross_return": "mean_gross",
    "median_return": "median_net",
    "best_return": "best_net",
    "worst_return": "worst_net",
    "total_return": "total_return",
    "expectancy_r": "expectancy_r",
    "profit_factor": "profit_factor",
    "sharpe_ratio": "sharpe",
    "sortino_ratio": "sortino",
    "calmar_ratio": "calmar",
    "max_drawdown": "max_drawdown",
    "exposure": "exposure",
}
"""Names in the results, and the fields of `Summary` they are read from."""
