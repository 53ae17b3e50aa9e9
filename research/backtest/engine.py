"""The backtester, as researchers call it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from signalengine.performance import Performance, outcome_row, summary, total
from signalengine.policy import Policy, default_policy

from research.backtest.run import Run, simulate
from research.data.bars import BarTable
from research.data.loader import data_folder, load
from research.data.times import Moment
from research.policies import varied


class Backtester:
    """Runs the engine over one symbol's recorded bars.

    `data` is a table, or a file or folder that `research.data.loader.load` reads (default: where
    `bulk_download_klines` puts things). Bars before `start_date` warm up. `score_threshold` is
    the default policy's with that threshold; give it or a `policy`.
    """

    def __init__(
        self,
        symbol: str,
        start_date: Moment | None = None,
        end_date: Moment | None = None,
        score_threshold: float | None = None,
        *,
        policy: Policy | None = None,
        data: BarTable | Path | str | None = None,
    ) -> None:
        self.symbol = symbol
        self.start_date = start_date
        self.end_date = end_date
        if score_threshold is not None:
            if policy is not None:
                raise ValueError("give score_threshold or policy, not both: a policy has its own")
            policy = varied({"threshold": score_threshold})
        self.policy = policy or default_policy()
        self._data = data

    def run(self) -> "Results":
        """Fold, decide and settle all; raises DataError for data that cannot be read."""
        return Results(simulate(self._table(), self.policy, start=self.start_date))

    def _table(self) -> BarTable:
        if isinstance(self._data, BarTable):
            return self._data.between(None, self.end_date)
        folder = data_folder() if self._data is None else Path(self._data)
        return load(folder, self.symbol, end=self.end_date)


class Results(Mapping[str, Any]):
    """What a backtest found, by name; `run` has every decision and signal.

    Rates are fractions; returns are fractions of the entry price, net unless named gross. None
    where there is too little to say.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._values = _values(run)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Results({self._values!r})"


def _values(run: Run) -> dict[str, Any]:
    closed = [s.settlement for s in run.signals if s.settlement is not None]
    row: Performance = total(outcome_row(end) for end in closed)
    told = summary(row)
    percent = ("avg_return", "avg_gross_return", "total_return", "best_return", "worst_return")
    told |= {name: None if told[name] is None else told[name] / 100.0 for name in percent}
    return {
        "symbol": run.symbol,
        "policy_digest": run.policy.digest,
        "total_signals": len(run.signals),
        "closed_signals": row.closed,
        "open_at_end": len(run.signals) - row.closed,
        "decisions": run.verdicts,
        **{name: value for name, value in told.items() if name != "total_signals"},
    }
