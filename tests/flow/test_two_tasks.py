"""Two ingest tasks side by side, IAM enforced: downstream it is as if there were one."""

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from boto3.dynamodb.conditions import Key
from signalengine.facts.stream import BarsFact, Fact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.policy import default_policy
from signalengine.signals import Evaluation, evaluation_from_json
from signalengine_aws.runtime.packed_json import unpacked
from signalengine_aws.stores.strategies import CLASSIC

from infra.local.replay.collector import ReplayCollector
from infra.local.replay.listener import Listener
from infra.local.stack.options import RunOptions
from infra.local.stack.processes import Child
from infra.local.stack.system import LocalSystem
from ingest_task.config import read_settings
from ingest_task.task import Task
from tests.ingest_task.samples import MemoryStream

pytestmark = [
    pytest.mark.flow,
    pytest.mark.enable_socket,
    pytest.mark.timeout(600),
]
SYMBOLS = ("BTCUSDT", "ETHUSDT")
MINUTE_MS = 60_000
QUARTER_MS = 15 * MINUTE_MS
TIMEOUT_S = 180.0
MARKET = {"start": "2026-01-05T00:00", "end": "2026-01-05T12:00"}
"""More than is watched: on a busy machine it takes longer, in minutes of the market."""


def test_a_second_task_that_joins_and_takes_over_changes_nothing_downstream(
    tmp_path: Path,
) -> None:
    options = RunOptions(
        source="sim", symbols=",".join(SYMBOLS), speed="120", seed=7, unpaced=True,
        state_dir=tmp_path, **MARKET,
    )  # fmt: skip
    with LocalSystem(options) as system:
        collector = ReplayCollector(system, Listener(system.addresses.websocket))
        first = system.ingest
        reach(lambda: now(system), collector.start + 8 * MINUTE_MS)
        second = system.start_ingest("second")
        joined = now(system) + MINUTE_MS
        quarter = -(-joined // QUARTER_MS) * QUARTER_MS  # the first that it received all of
        reach(lambda: now(system), quarter + 3 * MINUTE_MS)
        system.retire(first)
        end = quarter + 19 * MINUTE_MS
        reach(collector.engine_time, end)
        assert first.exit_code == 0
        wait_for(lambda: collector.heartbeat()["task"] == "second")
        stored = {symbol: evaluations(system, symbol, end) for symbol in SYMBOLS}
        second.check()
    expected = by_one_task(tmp_path, (end - collector.start) // MINUTE_MS)
    assert sum(len(rows) for rows in expected.values()) >= 4
    assert stored == expected


def now(system: LocalSystem) -> int:
    return int(system.exchange_get("/_local/status")["now"])


def reach(clock: Callable[[], int], until: int) -> None:
    give_up = time.monotonic() + TIMEOUT_S
    while clock() < until:
        assert time.monotonic() < give_up, f"{until - clock()} ms short"
        time.sleep(0.1)


def wait_for(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def evaluations(system: LocalSystem, symbol: str, end: int) -> list[Evaluation]:
    """What the engine stored of a symbol until a time, oldest first."""
    table = system.aws.session().resource("dynamodb", endpoint_url=system.addresses.aws)
    items = table.Table(system.outputs["EventsTable"]).query(
        KeyConditionExpression=Key("series").eq(CLASSIC.key(symbol))
    )["Items"]
    found = (timeless(evaluation_from_json(unpacked(bytes(item["body"])))) for item in items)
    return [evaluation for evaluation in found if evaluation.close_time <= end]


def timeless(evaluation: Evaluation) -> Evaluation:
    """All of it but when it was sent, which depends on the speed."""
    quality = replace(evaluation.quality, stream_age_ms=None)
    return replace(evaluation, sent_at=0, quality=quality)


def by_one_task(folder: Path, minutes: int) -> dict[str, list[Evaluation]]:
    """The evaluations of the market's first minutes through one task, folded here."""
    arguments = ["infra.local.exchange", "--source", "sim", "--speed", "max", "--port", "0"]
    arguments += ["--seed", "7", "--symbols", ",".join(SYMBOLS)]
    start = datetime.fromisoformat(MARKET["start"])
    end = start + timedelta(minutes=minutes)
    arguments += ["--from", MARKET["start"], "--to", end.isoformat(timespec="minutes")]
    stream, stop = MemoryStream(), threading.Event()
    exchange = Child("alone", arguments, env=os.environ, log_dir=folder)
    try:
        port = exchange.ready(60)["port"]
        environment = {
            "FEED_STREAM": "feed", "SYMBOLS": ",".join(SYMBOLS), "MARKET": "simulated",
            "SPOOL_DIR": str(folder / "alone"), "AWS_REGION": "eu-central-1",
            "BINANCE_REST_BASE": f"http://127.0.0.1:{port}",
            "BINANCE_WS_BASE": f"ws://127.0.0.1:{port}",
        }  # fmt: skip
        task = Task(read_settings(environment), stream, stop)
        thread = threading.Thread(target=task.run, args=(lambda _line: None,))
        thread.start()
        count = len(SYMBOLS) * minutes
        stream.wait(lambda taken: len(taken.facts(BarsFact)) >= count, timeout=TIMEOUT_S)
    finally:
        stop.set()
        exchange.stop()
    thread.join(15)
    return {
        symbol: folded(fact for key, fact in stream.taken if key == symbol) for symbol in SYMBOLS
    }


def folded(facts: Iterable[Fact]) -> list[Evaluation]:
    state, found = None, []
    for fact in facts:
        if isinstance(fact, BarsFact | HistoryFact):
            step = advance(state or SymbolState.fresh(fact.symbol), fact, default_policy())
            state = step.state
            if step.evaluation is not None:
                found.append(timeless(step.evaluation))
    return found
