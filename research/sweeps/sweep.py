"""A sweep: policies × symbols × periods through the compiled backtest, in parallel, resumable.

::

    from research.sweeps.grid import grid
    from research.sweeps.sweep import sweep

    done = sweep(
        grid({"threshold": [0.4, 0.5, 0.6], "tp_atr": [1.5, 2.0]}),
        symbols=["BTCUSDT", "ETHUSDT"], periods=["2026-01-01..2026-02-01"], out="sweeps/first",
    )

Workers of a scheduler of your own need this project installed and `data` at the same path.
"""

import logging
import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final, TypeAlias

import pandas as pd
from signalengine.policy import Policy

from research.data.download import data_folder
from research.data.errors import DataError
from research.data.progress import Waiting
from research.data.times import Moment, time_ms
from research.sweeps.batches import batches
from research.sweeps.grid import Variant
from research.sweeps.results import (
    Results,
    data_digests,
    done_in,
    engine_digest,
    frame_of,
    keys_of,
    newest,
)
from research.sweeps.tasks import Row, Task, blank_row
from research.sweeps.two_stages import run_batch, shared_fold

Period: TypeAlias = str | tuple[Moment, Moment]
FLUSH_S: Final = 10.0
_ADDRESS: Final = re.compile(r"(\w+://)?[^\s/:]+:\d+")
_ANY_PORT: Final = "127.0.0.1:0"
"""Of the scheduler's HTTP server: with None it would take 8787, which another sweep may have."""
_NO_PAGES: Final[dict[str, list[str]]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
"""Nobody reads the pages of a sweep's own cluster, and they check no Host."""
_IN_FLIGHT: Final = 4
"""Batches a worker core has waiting: enough to keep it busy, few enough to stop at once."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """The result of a sweep; `rows` as in `results.SCHEMA`, of the requested tasks."""

    rows: pd.DataFrame
    ran: int
    """Tasks that this call ran; the others were done before."""
    seconds: float

    @property
    def failed(self) -> pd.DataFrame:
        return self.rows[self.rows["error"].notna()]


def sweep(
    policies: Sequence[Variant],
    symbols: Sequence[str],
    periods: Sequence[Period],
    *,
    data: Path | str | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    processes: bool = True,
    out: Path | str,
    interval: str = "1m",
) -> Sweep:
    """Run what is not yet done; returns all results of these policies, symbols and periods.

    `interval`: of the bars, longer than 1m for strategies of longer intervals (`backtest.coarse`).
    `scheduler` is the address of a Dask scheduler; without one the cores of this machine work
    (`workers` of them). A task that fails is recorded with its error and tried again by the next
    call. Stopping it (Ctrl-C) loses nothing that was done.
    """
    session = Session(
        symbols, data=data, scheduler=scheduler, workers=workers, processes=processes, out=out,
        interval=interval,
    )  # fmt: skip
    with session:
        return session.run(policies, periods)


class Session:
    """Several sweeps over the same symbols by the same workers; a context manager.

    Arguments as of `sweep`. Workers are started when something is to be run.
    """

    def __init__(
        self,
        symbols: Sequence[str],
        *,
        data: Path | str | None = None,
        scheduler: str | None = None,
        workers: int | None = None,
        processes: bool = True,
        out: Path | str,
        interval: str = "1m",
    ) -> None:
        self.symbols, self.interval = tuple(dict.fromkeys(symbols)), interval
        self.folder = Path(data or data_folder()).expanduser().resolve()
        self._cluster = (scheduler, workers, processes)
        self._engine, self._results = engine_digest(), _results(out)
        self._digests = data_digests(self.folder, self.symbols)
        self._rows = self._results.frame(self._engine)
        self._client: Any = None
        self._open = ExitStack()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def run(
        self,
        policies: Sequence[Variant],
        periods: Sequence[Period],
        *,
        quiet: bool = False,
    ) -> Sweep:
        """Run what is not yet done, as `sweep` does; `quiet`: without a progress bar."""
        began = time.perf_counter()
        tasks = [
            replace(task, data=self._digests[task.symbol], interval=self.interval)
            for task in tasks_of(policies, self.symbols, periods)
        ]
        done = done_in(self._rows)
        missing = [task for task in tasks if task.key not in done]
        if missing:
            with nullcontext() if quiet else Waiting("sweep", len(missing)) as waiting:
                self._run(missing, waiting)
        keys = {task.key for task in tasks}
        rows = self._rows[[key in keys for key in keys_of(self._rows)]].reset_index(drop=True)
        return Sweep(rows, ran=len(missing), seconds=time.perf_counter() - began)

    def _run(self, missing: list[Task], waiting: Waiting | None) -> None:
        if self._client is None:
            self._client = self._open.enter_context(_client(*self._cluster))
        rows: list[Row] = []
        flushed = time.monotonic()
        try:
            for found in _finished(self._client, missing, str(self.folder), self._engine):
                rows += found
                if waiting is not None:
                    waiting.step(len(found))
                if time.monotonic() - flushed > FLUSH_S:
                    self._store(rows)
                    rows, flushed = [], time.monotonic()
        finally:
            self._store(rows)

    def _store(self, rows: list[Row]) -> None:
        self._results.add(rows)
        self._rows = newest([self._rows, frame_of(rows)])


def tasks_of(
    policies: Sequence[Variant], symbols: Sequence[str], periods: Sequence[Period]
) -> list[Task]:
    """Return every combination once; tasks of one symbol and period lie together."""
    if not policies or not symbols or not periods:
        raise DataError("A sweep needs a policy, a symbol and a period at least.")
    spans = list(dict.fromkeys(span_of(period) for period in periods))
    folds = [shared_fold(variant.policy) for variant in policies]
    return [
        Task(one.digest, one.text, one.changes, symbol, start, end, code=one.code, folds=fold)
        for symbol, (start, end), (one, fold) in product(
            dict.fromkeys(symbols), spans, zip(policies, folds, strict=True)
        )
    ]


def span_of(period: Period) -> tuple[int, int]:
    """Return [start, end) in ms; a text is `2026-01-01..2026-02-01`."""
    if isinstance(period, str):
        first, dots, last = period.partition("..")
        if not dots:
            raise DataError(f"{period!r} is not a period: write 2026-01-01..2026-02-01.")
        period = (first, last)
    start, end = time_ms(period[0]), time_ms(period[1])
    if start >= end:
        raise DataError(f"A period must end after it starts: {period[0]} .. {period[1]}.")
    return start, end


def variant_of(policy: Policy, text: str) -> Variant:
    """Return a single policy as a sweep takes it."""
    return Variant(text, {}, policy)


def _results(out: Path | str) -> Results:
    try:
        return Results(out)
    except OSError as error:
        raise DataError(f"{out} cannot hold results ({error}). Name a folder.") from error


def _finished(client: Any, missing: list[Task], data: str, engine: str) -> Iterator[list[Row]]:
    """Yield rows as they come, with a bounded number of batches out at any time."""
    from distributed import as_completed

    cores = max(1, sum(client.nthreads().values()))
    waiting = iter(batches(missing, cores))
    out: dict[Any, tuple[Task, ...]] = {}
    pool = as_completed([], loop=client.loop)

    def send() -> None:
        batch = next(waiting, None)
        if batch is not None:
            future = client.submit(run_batch, batch, data, engine, pure=False)
            out[future] = batch
            pool.add(future)

    for _ in range(_IN_FLIGHT * cores):
        send()
    for future in pool:
        batch = out.pop(future)
        yield _rows(future, batch, engine)
        send()


def _rows(future: Any, batch: tuple[Task, ...], engine: str) -> list[Row]:
    """Return the rows of a batch; a worker that died is the error of its tasks alone."""
    error = future.exception()
    if error is None:
        rows: list[Row] = future.result()
        return rows
    text = f"{type(error).__name__}: {error}"
    return [blank_row(task, engine) | {"error": text} for task in batch]


def _connected(scheduler: str) -> Any:
    """A client of a scheduler that answers; raises DataError for an address where none does."""
    from distributed import Client

    if not _ADDRESS.fullmatch(scheduler):
        raise DataError(f"{scheduler!r} is no address of a scheduler: write tcp://host:8786.")
    try:
        return Client(scheduler, set_as_default=False)
    except (OSError, ValueError) as error:
        raise DataError(
            f"No Dask scheduler answers at {scheduler} ({error}). Start one with `dask scheduler`, "
            "or omit the address to use this machine."
        ) from error


@contextmanager
def _client(scheduler: str | None, workers: int | None, processes: bool) -> Iterator[Any]:
    from dask import config
    from distributed import Client, LocalCluster
    from distributed.security import Security

    if scheduler is not None:
        with _connected(scheduler) as client:
            yield client
        return
    with _interrupts_ignored(), config.set(_NO_PAGES):
        made = LocalCluster(
            n_workers=workers or os.cpu_count() or 1,
            threads_per_worker=1,  # the compiled loop holds the interpreter's lock
            processes=processes,
            host="127.0.0.1",
            protocol="tls://",
            security=Security.temporary(),  # it runs what it is sent: only this sweep has its keys
            dashboard_address=_ANY_PORT,
            worker_dashboard_address=None,
            silence_logs=logging.ERROR,  # compiling delays a worker's heartbeat: harmless
        )
    with made as cluster, Client(cluster, set_as_default=False) as client:
        yield client


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let processes that start now ignore Ctrl-C: this process receives it and stops them."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set a signal handler
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
