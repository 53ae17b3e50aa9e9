"""What a sweep has done, on disk: Parquet parts that are only ever added.

A part has its final name only when it is whole, so a sweep that was killed leaves nothing broken.
"""

import hashlib
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import signalengine

from research.sweeps.tasks import Row, Task

SCHEMA: Final = pa.schema(
    [
        ("engine", pa.string()), ("policy", pa.string()), ("changes", pa.string()),
        ("symbol", pa.string()), ("start", pa.int64()), ("end", pa.int64()), ("bars", pa.int64()),
        ("decisions", pa.int64()), ("signals", pa.int64()), ("closed", pa.int64()),
        ("wins", pa.int64()), ("tp_hits", pa.int64()), ("net_sum", pa.int64()),
        ("gross_sum", pa.int64()), ("net_squares", pa.float64()),
        ("days", pa.list_(pa.int64())), ("day_net", pa.list_(pa.int64())),
        ("error", pa.string()), ("seconds", pa.float64()),
    ]
)  # fmt: skip
"""Returns are integers of 1e-8 of the entry; `day_net` are the sums of `days` (since 1970, UTC),
days without a closing included; `error` is null where the task went well."""


class Results:
    """The parts in one folder."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, rows: Iterable[Row]) -> None:
        """Keep these rows in a part of their own."""
        table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
        if not len(table):
            return
        name = f"part-{uuid.uuid4().hex}.parquet"
        draft = self.folder / f".{name}.{os.getpid()}"
        pq.write_table(table, draft, compression="zstd")
        draft.rename(self.folder / name)

    def frame(self, engine: str | None = None) -> pd.DataFrame:
        """Return one row a task (the newest try), of one engine or of all."""
        parts = sorted(self.folder.glob("part-*.parquet"), key=lambda path: path.stat().st_mtime_ns)
        tables = [pq.read_table(path, schema=SCHEMA) for path in parts]
        whole = pa.concat_tables(tables) if tables else SCHEMA.empty_table()
        frame: pd.DataFrame = whole.to_pandas()
        if engine is not None:
            frame = frame[frame["engine"] == engine]
        keys = ["engine", "policy", "symbol", "start", "end"]
        newest: pd.DataFrame = frame.drop_duplicates(keys, keep="last").reset_index(drop=True)
        return newest

    def done(self, engine: str) -> set[tuple[str, str, int, int]]:
        """Return the keys of the tasks that went well."""
        good = self.frame(engine)
        good = good[good["error"].isna()]
        columns = (good[name].tolist() for name in ("policy", "symbol", "start", "end"))
        return set(zip(*columns, strict=True))

    def missing(self, tasks: Iterable[Task], engine: str) -> list[Task]:
        """Return the tasks that are not done, failed ones included."""
        done = self.done(engine)
        return [task for task in tasks if task.key not in done]


def engine_digest() -> str:
    """Return 12 hex digits of the code whose results these are: the core and the backtest.

    Other code has other results: they are kept apart, and run anew.
    """
    research = Path(__file__).parents[1]
    folders = (Path(signalengine.__file__).parent, research / "backtest")
    paths = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    total = hashlib.sha256()
    for path in (*paths, research / "training" / "labels.py", research / "sweeps" / "tasks.py"):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:12]
