"""A rebuild: the archive, folded by the functions themselves, leaves what was there before."""

import gzip
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.facts.stream import encode
from signalengine_aws.stores.items.state import PROGRESS_KEY
from signalengine_aws.stores.signals import OUTBOX

from infra.cli.cloud import AwsCloud
from infra.cli.recovery.rebuilding import (
    AHEAD_MS,
    BATCH,
    POLL_S,
    TIME_OUT_S,
    Archived,
    Rebuild,
    Rebuilt,
    archived,
    fresh_stage,
    progress_of,
    put_into,
    undone_of,
)
from infra.errors import CommandError
from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.invariants.outcomes import outcome
from infra.local.chaos.model.market import MINUTES, begins, heartbeat, market
from infra.local.chaos.model.rest import drain
from infra.local.chaos.model.world import World
from infra.settings import ONLY, PRODUCTION, Stage

from .conftest import publish

FUNCTIONS = frozenset({"compute_features", "score_events", "track_signals", "publish_signals"})
OVER_MIDNIGHT, PROTECTED = 1, 4


def original(bench: Bench, number: int, folder: Path) -> Any:
    """Play a market minute by minute, and archive its stream; return what is stored then."""
    world = bench.empty(number)
    for fact in market(number).history:
        world.stream.put("history", fact.symbol, encode(fact))
    world.stream.put(
        "heartbeat", "heartbeat", heartbeat(market(number).minutes[:1], begins(number))
    )
    drain(world, FUNCTIONS)
    for _ in range(MINUTES):
        world.feed()
        drain(world, FUNCTIONS)
    records = sorted((one.number, one.data) for shard in world.stream.shards for one in shard)
    lines = [data + b"\n" for _, data in records]
    for part, begin in enumerate(range(0, len(lines), 40)):
        hour = folder / "facts" / "2026" / "01" / "05" / f"{part:02d}"
        hour.mkdir(parents=True)
        (hour / "part.jsonl.gz").write_bytes(gzip.compress(b"".join(lines[begin : begin + 40])))
    return stored(world, number)


def rebuilt_from(
    bench: Bench, number: int, folder: Path, ahead_ms: int = AHEAD_MS
) -> tuple[World, Rebuilt]:
    """Play an archive into a world without anything stored."""
    world, rebuilt = bench.empty(number), Rebuilt()
    table = world.account.dynamodb.tables["state_table"]

    def put(batch: Sequence[Archived]) -> None:
        for one in batch:
            kind = one.data.partition(b'"kind":"')[2].partition(b'"')[0].decode()
            world.stream.put(kind, one.key, one.data)
        drain(world, FUNCTIONS)

    def progress() -> int:
        return int(table.items.get(PROGRESS_KEY.encode(), {}).get("last", {}).get("N", 0))

    files = sorted(folder.rglob("*.gz"))
    Rebuild(put, progress, pytest.fail, ahead_ms=ahead_ms).run(archived(files, rebuilt), rebuilt)
    return world, rebuilt


def stored(world: World, number: int) -> Any:
    """All derived tables, and the ledger."""
    gaps = world.account.dynamodb.tables["gaps_table"].items
    return {
        **outcome(world, number),
        "gaps_table": {key: item["gap_id"] for key, item in gaps.items()},
    }


@pytest.mark.parametrize(
    ("number", "ahead_ms"), [(0, AHEAD_MS), (OVER_MIDNIGHT, AHEAD_MS), (PROTECTED, 0)]
)
def test_the_archive_folded_again_is_what_was_stored(
    tmp_path: Path, number: int, ahead_ms: int
) -> None:
    """But for times of the wall clock."""
    with Bench().installed() as bench:
        before = original(bench, number, tmp_path)
        world, rebuilt = rebuilt_from(bench, number, tmp_path, ahead_ms)
        after = stored(world, number)
    assert len(before["signals_table"]) >= 2
    assert rebuilt.left_out == MINUTES, "a tick each minute"
    assert rebuilt.until == begins(number) + MINUTES * 60_000
    for table, items in before.items():
        assert after[table] == items, table


def test_nobody_is_sent_a_rebuilt_signal_twice_by_the_outbox(tmp_path: Path) -> None:
    """Openings and closings are published on the stage's own topic, and leave its outbox empty."""
    with Bench().installed() as bench:
        original(bench, 0, tmp_path)
        world, _ = rebuilt_from(bench, 0, tmp_path)
        signals = world.account.dynamodb.tables["signals_table"].items.values()
        assert [one for one in signals if "outbox" in one] == []


def test_records_that_are_no_facts_are_passed_over_and_counted(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(b'{"v":1,"kind":"ticks","time":1}\n{"v":1,"kind":7}\n')
    rebuilt = Rebuilt()
    assert list(archived([tmp_path / "one.jsonl"], rebuilt)) == []
    assert (rebuilt.left_out, rebuilt.malformed) == (1, 1)


def bars(*minutes: int) -> list[Archived]:
    return [Archived(f"S{n % 3}", b"x", minute * 60_000) for n, minute in enumerate(minutes)]


@settings(max_examples=60)
@given(st.lists(st.integers(1, 400), max_size=60), st.integers(0, 2**32))
def test_everything_is_sent_once_in_order_and_never_far_ahead(
    minutes: list[int], seed: int
) -> None:
    """Whatever the archive lacks, and however slowly the functions follow."""
    chance, sent, folded = random.Random(seed), list[Archived](), [0]
    archive = bars(*sorted(minutes))

    def put(batch: Sequence[Archived]) -> None:
        assert 0 < len(batch) <= BATCH
        sent.extend(batch)
        newest, before = sent[-1].close_time, [one.close_time for one in sent]
        behind = [time for time in before if folded[0] < time]
        assert not behind or newest - min(behind) <= AHEAD_MS

    def sleep(_: float) -> None:
        waiting = [one.close_time for one in sent if one.close_time > folded[0]]
        if waiting and chance.random() < 0.5:
            folded[0] = chance.choice(waiting)

    rebuilt = Rebuilt()
    Rebuild(put, lambda: folded[0], sleep).run(archive, rebuilt)
    assert sent == archive
    assert folded[0] == rebuilt.until == max((one.close_time for one in archive), default=0)


def test_functions_that_stand_still_end_it_with_the_place_to_look_at() -> None:
    slept: list[float] = []
    rebuild = Rebuild(lambda _: None, lambda: 0, slept.append)
    with pytest.raises(CommandError, match="nothing was folded") as caught:
        rebuild.run(bars(1, 2), Rebuilt())
    assert "dead letters" in caught.value.fix
    assert sum(slept) == TIME_OUT_S


def test_it_waits_until_what_is_folded_is_decided_and_published() -> None:
    left, slept = [3, 3, 1, 0], list[float]()
    archive = bars(1, 2)
    rebuild = Rebuild(lambda _: None, lambda: 10**9, slept.append, undone=lambda: left.pop(0))
    rebuild.run(archive, Rebuilt())
    assert (left, len(slept)) == ([], 3)


def test_closes_that_nobody_decides_end_it_with_the_place_to_look_at() -> None:
    rebuild = Rebuild(lambda _: None, lambda: 10**9, lambda _: None, undone=lambda: 2)
    with pytest.raises(CommandError, match="2 closes or publications are not done") as caught:
        rebuild.run(bars(1), Rebuilt())
    assert "score_events" in caught.value.fix


def test_what_is_not_done_is_counted_in_the_stages_tables(cloud: AwsCloud) -> None:
    publish(cloud, "EVENTS_TABLE")
    publish(cloud, "DECISIONS_TABLE")
    dynamodb = cloud.client("dynamodb")
    names = ("Signals", "Events", "Decisions")
    undone = undone_of(dynamodb, {f"{name}Table": f"{name.lower()}_table" for name in names})
    assert undone() == 0
    for time in ("1", "2"):
        key = {"series": {"S": "classic#A"}, "close_time": {"N": time}}
        dynamodb.put_item(TableName="events_table", Item=key)
    dynamodb.put_item(TableName="decisions_table", Item=key)
    assert undone() == 1
    waiting = {"signal_id": {"S": "s"}, "outbox": {"S": OUTBOX}, "updated_at": {"N": "1"}}
    dynamodb.put_item(TableName="signals_table", Item=waiting)
    assert undone() == 2


@pytest.mark.parametrize("stage", [ONLY, Stage(PRODUCTION)])
def test_a_stage_in_use_is_never_rebuilt(cloud: AwsCloud, stage: Stage) -> None:
    with pytest.raises(CommandError, match="is in use"):
        fresh_stage(cloud, stage.code)


class Kinesis:
    """Refuses some entries of each call."""

    def __init__(self, refuse: list[set[int]]) -> None:
        self.refuse, self.accepted = refuse, list[bytes]()

    def put_records(self, **request: Any) -> Any:
        refused = self.refuse.pop(0) if self.refuse else set()
        rows = []
        for number, record in enumerate(request["Records"]):
            taken = number not in refused
            self.accepted += [record["Data"]] if taken else []
            rows.append({"SequenceNumber": "1"} if taken else {"ErrorCode": "Throttled"})
        return {"Records": rows}


@given(st.lists(st.sets(st.integers(0, 5)), max_size=4))
def test_what_a_stream_refuses_comes_again_and_nothing_overtakes(refuse: list[set[int]]) -> None:
    batch = [Archived("S", bytes([number])) for number in range(6)]
    kinesis, slept = Kinesis(refuse), list[float]()
    put_into(kinesis, "stream", slept.append)(batch)
    last = {data: at for at, data in enumerate(kinesis.accepted)}
    assert sorted(last, key=lambda data: last[data]) == [one.data for one in batch]
    assert set(slept) <= {POLL_S}


def test_progress_is_that_of_the_stage() -> None:
    class Table:
        def __init__(self) -> None:
            self.items: dict[str, Any] = {}

        def get_item(self, **request: Any) -> Any:
            found = self.items.get(request["Key"]["symbol"]["S"])
            return {} if found is None else {"Item": found}

    table = Table()
    read = progress_of(table, "state", PROGRESS_KEY)
    assert read() == 0
    table.items = {PROGRESS_KEY: {"last": {"N": "60000"}}}
    assert read() == 60_000
