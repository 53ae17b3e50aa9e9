"""What a durable write costs: `python -m infra.local.benchmarks.data`.

Two embedded AWSs run side by side, one in memory and one on a data directory. The same calls go to
both in turns, so that whatever else the machine does weighs on both. Calls are by boto3 from this
process, as those of the functions are; `at once` are calls of several threads, whose writes share
commits.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import boto3

from infra.local.stack.ministack import MiniStack
from infra.local.storage.folder import Data
from infra.names import REGION
from machine.terminal import program

TABLE: Final = "bench"
THREADS: Final = 8
BODY: Final = "x" * 1_000


class Side:
    """One embedded AWS with its tables."""

    def __init__(self, emulator: MiniStack) -> None:
        session = boto3.Session(
            emulator.keys.access_key_id, emulator.keys.secret_access_key, region_name=REGION
        )
        self.tables = session.client("dynamodb", endpoint_url=emulator.endpoint)
        self.streams = session.client("kinesis", endpoint_url=emulator.endpoint)
        self.tables.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.streams.create_stream(StreamName=TABLE, ShardCount=1)

    def put(self, number: int) -> None:
        item = {"id": {"S": str(number)}, "body": {"S": BODY}}
        self.tables.put_item(TableName=TABLE, Item=item)

    def get(self, number: int) -> None:
        self.tables.get_item(TableName=TABLE, Key={"id": {"S": str(number)}})

    def transact(self, number: int) -> None:
        items = [{"id": {"S": f"{number}#{one}"}, "body": {"S": BODY}} for one in range(3)]
        writes: list[Any] = [{"Put": {"TableName": TABLE, "Item": item}} for item in items]
        self.tables.transact_write_items(TransactItems=writes)

    def stream(self, _number: int) -> None:
        records: list[Any] = [{"Data": BODY.encode(), "PartitionKey": "p"}] * 20
        self.streams.put_records(StreamName=TABLE, Records=records)


CALLS: Final[dict[str, Callable[[Side, int], None]]] = {
    "put, 1 kB": Side.put,
    "get, 1 kB": Side.get,
    "transaction of three": Side.transact,
    "20 records to a stream": Side.stream,
}


@contextmanager
def sides() -> Iterator[dict[str, Side]]:
    """Start both."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = {}
        for name in ("memory", "data"):
            data = Data(folder, "simulated") if name == "data" else None
            emulator = MiniStack(log=folder / f"{name}.log", data=data)
            emulator.start(lambda _text: None)
            stack.callback(emulator.stop)
            found[name] = Side(emulator)
        yield found


def timed(both: dict[str, Side], call: Callable[[Side, int], None], count: int) -> dict[str, Any]:
    """Return the milliseconds of a call on each side, in turns."""
    spent: dict[str, list[float]] = {name: [] for name in both}
    for number in range(count):
        for name, side in both.items():
            began = time.perf_counter()
            call(side, number)
            spent[name].append((time.perf_counter() - began) * 1_000)
    return {name: statistics.quantiles(values, n=10) for name, values in spent.items()}


def at_once(side: Side, count: int) -> float:
    """Return how many items several threads put in a second."""
    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        list(pool.map(side.put, range(count)))
        return count / (time.perf_counter() - began)


def _run() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.local.benchmarks.data")
    parser.add_argument("--calls", type=int, default=400, help="of each kind and side")
    count = parser.parse_args().calls
    with sides() as both:
        for call in CALLS.values():
            timed(both, call, count // 10 + 2)  # connections and code get warm
        _print("| call | in memory, p50 (p90) | with a data directory, p50 (p90) |\n|---|---|---|")
        for name, call in CALLS.items():
            row = timed(both, call, count)
            cells = " | ".join(f"{one[4]:.2f} ms ({one[8]:.2f})" for one in row.values())
            _print(f"| {name} | {cells} |")
        rates = {name: at_once(side, count * 2) for name, side in both.items()}
        cells = " | ".join(f"{rate:.0f} a second" for rate in rates.values())
        _print(f"| puts by {THREADS} threads at once | {cells} |")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    program(_run)
