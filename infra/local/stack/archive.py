"""The archive of a local run: a folder with the layout that Firehose writes on AWS.

The embedded Firehose neither compresses nor batches (one object per record), so the local run reads
the stream itself and writes the same layout: `facts/2026/01/05/00/*.jsonl.gz`, one record a line,
folders by the hour (UTC, wall time) of arrival.
"""

import gzip
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from infra.local.stack.private import private_folder
from machine.files import replacing

EVERY_S: Final = 5.0
RECORDS: Final = 1_000
SEGMENT: Final = 20_000
"""Records per file."""
FLUSH_S: Final = 900.0
"""What is read is in a file after so long: the stream has it for an hour after it was read."""


class LocalArchive:
    """Copies the records of a stream to a folder until stopped, then the remaining ones."""

    def __init__(self, kinesis: Any, stream: str, folder: Path) -> None:
        self._kinesis, self._stream, self._folder = kinesis, stream, folder
        self._stop = threading.Event()
        self._places: dict[str, str] = {}
        self._waiting: list[bytes] = []
        self._files = 0
        self._written_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="archive", daemon=True)

    def start(self) -> None:
        """Start copying."""
        self._thread.start()

    def stop(self) -> None:
        """Copy the remaining records, then end."""
        self._stop.set()
        self._thread.join(30.0)

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self.copy()
        self.copy()
        self._write()

    def copy(self) -> None:
        """Read the records on the stream by now; write full files, and old records."""
        for record in self._records():
            self._waiting.append(record)
            if len(self._waiting) >= SEGMENT:
                self._write()
        if time.monotonic() - self._written_at >= FLUSH_S:
            self._write()

    def _records(self) -> Iterator[bytes]:
        shards = self._kinesis.list_shards(StreamName=self._stream)["Shards"]
        for shard in (row["ShardId"] for row in shards):
            at = self._places.get(shard) or self._beginning(shard)
            while True:
                page = self._kinesis.get_records(ShardIterator=at, Limit=RECORDS)
                at = self._places[shard] = page["NextShardIterator"]
                yield from (bytes(row["Data"]) for row in page["Records"])
                if not page["Records"]:
                    break

    def _beginning(self, shard: str) -> str:
        answer = self._kinesis.get_shard_iterator(
            StreamName=self._stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        return str(answer["ShardIterator"])

    def _write(self) -> None:
        self._written_at = time.monotonic()
        if not self._waiting:
            return
        now = datetime.fromtimestamp(time.time(), UTC)
        folder = self._folder / "facts" / now.strftime("%Y/%m/%d/%H")
        private_folder(folder)
        self._files += 1
        name = f"{self._stream}-1-{now:%Y-%m-%d-%H-%M-%S}-{self._files:06d}.jsonl.gz"
        with replacing(folder / name, private=True) as part, gzip.open(part, "wb") as file:
            file.writelines(record + b"\n" for record in self._waiting)
        self._waiting.clear()
