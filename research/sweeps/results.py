"""Results of a sweep on disk: Parquet parts that are only ever added.

A part has its final name only when it is whole, so a sweep that was killed leaves nothing broken.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import signalengine

from machine.files import replacing
from research.data.holdings import OTHER, survey
from research.sweeps.tasks import KEY, Key, Row, Task

PARTS: Final = "part-*.parquet"
SCHEMA: Final = pa.schema(
    [
        ("engine", pa.string()), ("strategy", pa.string()), ("policy", pa.string()),
        ("changes", pa.string()),
        ("symbol", pa.string()), ("start", pa.int64()), ("end", pa.int64()),
        ("data", pa.string()), ("interval", pa.string()), ("bars", pa.int64()),
        ("decisions", pa.int64()), ("signals", pa.int64()), ("closed", pa.int64()),
        ("wins", pa.int64()), ("tp_hits", pa.int64()), ("net_sum", pa.int64()),
        ("gross_sum", pa.int64()), ("net_squares", pa.float64()),
        ("days", pa.list_(pa.int64())), ("day_net", pa.list_(pa.int64())),
        ("error", pa.string()), ("seconds", pa.float64()),
    ]
)  # fmt: skip
"""Returns are integers of 1e-8 of the entry; `day_net` are the sums of `days` (since 1970, UTC),
days on which nothing closed included, by the day of closing, or marked to the market at each day's
end where signals may be open for more than one; `interval` is that of the bars, null in rows of
earlier versions, whose tasks are not done; `error` is null where the task went well."""


class Results:
    """The parts in one folder."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, rows: Iterable[Row]) -> None:
        """Store these rows in a part of their own."""
        table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
        if not len(table):
            return
        with replacing(self.folder / f"part-{uuid.uuid4().hex}.parquet") as part:
            pq.write_table(table, part, compression="zstd")

    def frame(self, engine: str | None = None) -> pd.DataFrame:
        """Return one row a task (the newest try), of one engine or of all."""
        frame = read_parts(self.folder.glob(PARTS))
        return newest([frame if engine is None else frame[frame["engine"] == engine]])

    def missing(self, tasks: Iterable[Task], engine: str) -> list[Task]:
        """Return the tasks that are not done, failed ones included."""
        done = done_in(self.frame(engine))
        return [task for task in tasks if task.key not in done]


def read_parts(parts: Iterable[Path]) -> pd.DataFrame:
    """Return the rows of parts, the oldest part first."""
    each = sorted(parts, key=lambda path: path.stat().st_mtime_ns)
    tables = [pq.read_table(path, schema=SCHEMA) for path in each]  # absent columns are null
    frame: pd.DataFrame = (pa.concat_tables(tables) if tables else SCHEMA.empty_table()).to_pandas()
    return frame


def frame_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as they are read from their part."""
    frame: pd.DataFrame = pa.Table.from_pylist(list(rows), schema=SCHEMA).to_pandas()
    return frame


def newest(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return one row a task, the newest try: the last of all frames."""
    full = [frame for frame in frames if len(frame)] or list(frames[:1])
    joined = pd.concat(full, ignore_index=True)
    found: pd.DataFrame = joined.drop_duplicates(["engine", *KEY], keep="last")
    return found.reset_index(drop=True)


def done_in(frame: pd.DataFrame) -> set[Key]:
    """Return the keys of the tasks that went well."""
    return set(keys_of(frame[frame["error"].isna()]))


def keys_of(frame: pd.DataFrame) -> list[Key]:
    """Return the keys of the tasks that these rows are of."""
    return list(zip(*(frame[name].tolist() for name in KEY), strict=True))


def data_digest(folder: Path, symbol: str) -> str:
    """Return 12 hex digits of the files that hold a symbol: their names, sizes and times.

    A file that was replaced has another digest, so its tasks run anew.
    """
    total = hashlib.sha256()
    for held in survey(folder):
        if held.symbol in (symbol, "") and held.kind != OTHER:
            stat = held.path.stat()
            total.update(f"{held.path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return total.hexdigest()[:12]


def engine_digest() -> str:
    """Return 12 hex digits of the code whose results these are: readers, core and backtest.

    Results of other code are separate, and their tasks run anew.
    """
    research = Path(__file__).parents[1]
    folders = (Path(signalengine.__file__).parent, research / "backtest", research / "data")
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    total = hashlib.sha256()
    parts = (
        "training/labels.py", "statistics/blocks.py", "statistics/marking.py",
        "strategies/fold_parameters.py", "sweeps/tasks.py", "sweeps/two_stages.py",
    )  # fmt: skip
    for path in (*paths, *(research / part for part in parts)):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:12]
