"""A search by Optuna, where a grid is too large.

::

    from research.sweeps.ranges import Space, parse_ranges
    from research.sweeps.search import search

    found = search(
        Space(parse_ranges(["threshold=0.4..0.7", "tp_atr=1.0..4.0"])),
        ["BTCUSDT", "ETHUSDT"], ["2026-01-01..2026-02-01", "2026-02-01..2026-03-01"],
        trials=100, seed=7, out="sweeps/search",
    )

What it optimises is the mean net return a signal over all periods but the last, in sets with enough
signals. Every trial is a row of the results for each symbol and period, and counts as tried.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pandas as pd
from signalengine.errors import PolicyError, StrategyError

from research.data.errors import DataError
from research.data.progress import Waiting
from research.sweeps.forward import MIN_CLOSED
from research.sweeps.grid import Variant
from research.sweeps.ranges import Range, Space
from research.sweeps.sweep import Period, Session, Sweep, span_of

if TYPE_CHECKING:
    import optuna

Spans: TypeAlias = tuple[tuple[int, int], ...]
BATCH: Final = 10
"""Trials that are chosen together, whatever the workers: the same seed makes the same trials."""


@dataclass(frozen=True, slots=True)
class Searched:
    """The result of a search; `done` has the rows of all trials over all periods."""

    done: Sweep
    design: Spans
    """Periods that the search has seen, [start, end) in ms."""
    held_out: tuple[int, int] | None
    """The last period, which it has not; None where there is one period only."""


def search(
    space: Space,
    symbols: Sequence[str],
    periods: Sequence[Period],
    *,
    trials: int,
    seed: int = 7,
    data: Path | str | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    processes: bool = True,
    out: Path | str,
    interval: str = "1m",
) -> Searched:
    """Run the base and `trials` chosen sets over all periods but the last, then over that.

    The other arguments are those of `sweep`. The same seed, data and code make the same trials on
    any number of workers. Raises DataError for periods that overlap, PolicyError or StrategyError
    where none of the first trials is a set.
    """
    if trials < 1:
        raise DataError("A search needs one trial at least.")
    design, held_out = split(periods)
    session = Session(
        symbols, data=data, scheduler=scheduler, workers=workers, processes=processes, out=out,
        interval=interval,
    )  # fmt: skip
    study, base = Study(space, seed), space.variant({})
    variants = {base.digest: base}
    with session:
        parts = [session.run([base], design)]
        with Waiting("search", trials) as waiting:
            for count in _counts(trials):
                chosen = study.ask(count)
                variants |= chosen
                if chosen:
                    parts.append(session.run(tuple(chosen.values()), design, quiet=True))
                study.tell(parts[-1].rows)
                waiting.step(count)
        spans = design if held_out is None else (*design, held_out)
        parts.append(session.run(tuple(variants.values()), spans))
    ran, seconds = sum(part.ran for part in parts), sum(part.seconds for part in parts)
    return Searched(replace(parts[-1], ran=ran, seconds=seconds), design, held_out)


def split(periods: Sequence[Period]) -> tuple[Spans, tuple[int, int] | None]:
    """Return the periods that a search sees, and the last one where there are several."""
    spans = sorted({span_of(period) for period in periods})
    if not spans:
        raise DataError("A search needs a period at least.")
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise DataError("The periods of a search must not overlap: the last one is its test.")
    return (tuple(spans[:-1]), spans[-1]) if len(spans) > 1 else (tuple(spans), None)


def _counts(trials: int) -> Iterator[int]:
    for first in range(0, trials, BATCH):
        yield min(BATCH, trials - first)


class Study:
    """A study of Optuna's that chooses sets, several at a time."""

    def __init__(self, space: Space, seed: int) -> None:
        import optuna  # takes a second to import

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.space = space
        self._states = optuna.trial.TrialState
        sampler = optuna.samplers.TPESampler(seed=seed)
        self._study = optuna.create_study(direction="maximize", sampler=sampler)
        self._pending: list[tuple[optuna.Trial, str]] = []
        self._known = False

    @property
    def trials(self) -> "list[optuna.trial.FrozenTrial]":
        """Return all that was chosen so far."""
        return self._study.trials

    def ask(self, count: int) -> dict[str, Variant]:
        """Return chosen sets by digest; what is no set is a failed trial, with no row."""
        self._pending, found = [], {}
        wrong: Exception | None = None
        for trial in [self._study.ask() for _ in range(count)]:
            try:
                variant = self.space.variant(self._chosen(trial))
            except (PolicyError, StrategyError) as error:
                wrong = error
                self._pending.append((trial, ""))
                continue
            found[variant.digest] = variant
            self._pending.append((trial, variant.digest))
        if wrong is not None and not found and not self._known:
            raise wrong
        self._known = True
        return found

    def tell(self, rows: pd.DataFrame) -> None:
        """Tell what came of the sets that were asked for last."""
        for trial, digest in self._pending:
            part = rows[rows["policy"] == digest]
            if not len(part) or part["error"].notna().any():
                self._study.tell(trial, state=self._states.FAIL)
                continue
            closed = int(part["closed"].sum())
            if closed < MIN_CLOSED:
                self._study.tell(trial, state=self._states.PRUNED)
            else:
                self._study.tell(trial, float(part["net_sum"].sum()) / closed)

    def _chosen(self, trial: "optuna.Trial") -> Mapping[str, Any]:
        found: dict[str, Any] = {one.name: _number(trial, one) for one in self.space.ranges}
        for name, values in self.space.values.items():
            found[name] = values[trial.suggest_categorical(name, list(range(len(values))))]
        return found


def _number(trial: "optuna.Trial", one: Range) -> float:
    if one.whole:
        step = int(one.step or 1)
        return trial.suggest_int(one.name, int(one.least), int(one.top), step=step)
    return one.rounded(trial.suggest_float(one.name, one.least, one.top, step=one.step))
