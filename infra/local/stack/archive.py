"""The archive of a local run: a folder with the layout that Firehose writes on AWS.

The embedded Firehose neither compresses nor batches (one object per record), so the local run reads
the stream itself and writes the same layout: `facts/2026/01/05/00/*.jsonl.gz`, one record a line,
folders by the hour (UTC, wall time) of arrival.
"""

import gzip
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from infra.local.stack.private import private_folder
from machine.files import replacing, write

EVERY_S: Final = 5.0
RECORDS: Final = 1_000
SEGMENT: Final = 20_000
"""Records per file."""
FLUSH_S: Final = 900.0
"""What is read is in a file after so long: the stream has it for an hour after it was read."""
POSITIONS: Final = ".positions.json"
"""The sequence number of the last record in the files, by stream and shard."""


class LocalArchive:
    """Copies the records of a stream to a folder until stopped, then the remaining ones.

    What fails is tried again, from the last record that was read; the next run goes on after the
    last one that is in a file.
    """

    def __init__(
        self,
        kinesis: Any,
        stream: str,
        folder: Path,
        on_status: Callable[[Mapping[str, Any]], None] = lambda _status: None,
    ) -> None:
        """`on_status` gets what holds it up, as of a child process, and {} when it is over."""
        self._kinesis, self._stream, self._folder = kinesis, stream, folder
        self._on_status = on_status
        self._stop = threading.Event()
        self._read = _positions(folder).get(stream, {})
        self._places: dict[str, str | None] = {}
        self._waiting: list[bytes] = []
        self._files, self._mark = 0, secrets.token_hex(4)
        self._written_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="archive", daemon=True)

    def start(self) -> None:
        """Start copying."""
        self._thread.start()

    def stop(self) -> None:
        """Copy the remaining records, then end."""
        self._stop.set()
        self._thread.join(30.0)

    def check(self) -> None:
        """Report a thread that has ended by itself."""
        if not self._thread.is_alive() and not self._stop.is_set():
            fix = "Start the system again: the stream keeps its records for a day."
            self._on_status({"cause": "its thread has ended", "fix": fix})

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self._try(self.copy)
        self._try(self.copy)
        self._try(self._write)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # whatever it is: the next try may succeed
            self._places.clear()
            cause, fix = f"records wait: {error}", "They come into the archive when this is over."
            self._on_status({"cause": cause, "fix": fix, "retry_in_s": EVERY_S})
        else:
            self._on_status({})

    def copy(self) -> None:
        """Read the records on the stream by now; write full files, and old records."""
        if len(self._waiting) >= SEGMENT:  # the last try could not
            self._write()
        for record in self._records():
            self._waiting.append(record)
            if len(self._waiting) >= SEGMENT:
                self._write()
        if time.monotonic() - self._written_at >= FLUSH_S:
            self._write()

    def _records(self) -> Iterator[bytes]:
        shards = self._kinesis.list_shards(StreamName=self._stream)["Shards"]
        for shard in (row["ShardId"] for row in shards):
            while rows := self._page(shard):
                for row in rows:
                    self._read[shard] = row["SequenceNumber"]
                    yield bytes(row["Data"])

    def _page(self, shard: str) -> list[Any]:
        """Return the next records of a shard."""
        at = self._places.get(shard) or self._place(shard)
        try:
            page = self._kinesis.get_records(ShardIterator=at, Limit=RECORDS)
        except self._kinesis.exceptions.ExpiredIteratorException:  # as after a pause of minutes
            page = self._kinesis.get_records(ShardIterator=self._place(shard), Limit=RECORDS)
        self._places[shard] = page.get("NextShardIterator")
        return list(page["Records"])

    def _place(self, shard: str) -> str:
        """Return an iterator after the last record that was read, at first at the beginning."""
        last = self._read.get(shard)
        where = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": last}
            if last
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        answer = self._kinesis.get_shard_iterator(StreamName=self._stream, ShardId=shard, **where)
        return str(answer["ShardIterator"])

    def _write(self) -> None:
        if not self._waiting:
            self._written_at = time.monotonic()
            return
        now = datetime.fromtimestamp(time.time(), UTC)
        folder = self._folder / "facts" / now.strftime("%Y/%m/%d/%H")
        private_folder(folder)
        self._files += 1
        name = f"{self._stream}-1-{now:%Y-%m-%d-%H-%M-%S}-{self._files:06d}-{self._mark}.jsonl.gz"
        with replacing(folder / name, private=True) as part, gzip.open(part, "wb") as file:
            file.writelines(record + b"\n" for record in self._waiting)
        self._waiting.clear()
        self._written_at = time.monotonic()
        positions = _positions(self._folder) | {self._stream: self._read}
        write(self._folder / POSITIONS, json.dumps(positions), private=True)


def _positions(folder: Path) -> dict[str, dict[str, str]]:
    """Return where the files of a folder end; without its note, their beginning comes again."""
    with suppress(OSError, ValueError):
        return dict(json.loads((folder / POSITIONS).read_text(encoding="utf-8")))
    return {}
