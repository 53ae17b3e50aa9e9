"""Commits: nothing acknowledged is lost by a power cut, and nothing unacknowledged is seen."""

import asyncio
import copy
import sqlite3
import tempfile
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.storage.commits import Commits
from infra.local.storage.errors import NotStoredError
from infra.local.storage.opening import opened
from infra.local.storage.records import Records
from infra.local.storage.store import Store
from tests.infra.local.storage.cut_files import CutFiles

MARKET = "simulated"
Call: TypeAlias = list[tuple[str, int, int]]
WRITES = st.tuples(
    st.sampled_from(["put", "delete", "append", "message"]),
    st.integers(0, 7),
    st.sampled_from([0, 50, 3_000, 20_000]),
)
CALLS = st.lists(st.lists(WRITES, min_size=1, max_size=4), min_size=1, max_size=6)


def apply(store: Store, call: Call, positions: list[int]) -> None:
    """Write one call."""
    for kind, key, size in call:
        if kind == "put":
            item = {"size": size, "filling": "".join(Random(size).choices("abcdef", k=size))}
            store.put(store.source("table"), ("h", key), item, None)
        elif kind == "delete":
            store.delete(store.source("table"), ("h", key))
        elif kind == "append":
            store.append(store.source("shard"), len(positions), {"n": key})
            positions.append(key)
        else:
            store.put_message(store.source("queue"), str(key), {"n": size})


def contents(store: Store) -> dict[str, Any]:
    """Return everything that is stored."""
    table = store.source("table")
    return {
        "items": {key: store.item(table, "h", key) for key in store.range_keys(table, "h")},
        "records": store.records(store.source("shard")),
        "messages": store.messages(store.source("queue")),
    }


@settings(max_examples=8, deadline=None, derandomize=True)
@given(calls=CALLS, seed=st.integers(0, 1_000))
def test_after_a_power_cut_every_acknowledged_call_is_there_and_no_half_of_another(
    calls: list[Call], seed: int
) -> None:
    """At every sync point and every answer; the disk may have any of the writes since a sync."""
    with tempfile.TemporaryDirectory() as folder:
        layer, random = CutFiles(Path(folder)), Random(seed)
        states: list[dict[str, Any]] = [{"items": {}, "records": [], "messages": []}]
        cuts: list[tuple[Path, int, int]] = []
        acknowledged = [0]

        def cut() -> None:
            target = Path(folder) / f"cut-{len(cuts)}"
            layer.after_a_cut(target, random)
            cuts.append((target, acknowledged[0], len(states)))

        data = Path(folder) / "data"
        data.mkdir()
        layer.on_sync = cut
        found = opened(data, MARKET, layer.connect)
        positions: list[int] = []
        for call in calls:
            apply(found.store, call, positions)
            states.append(copy.deepcopy(contents(found.store)))
            found.store.commit()
            acknowledged[0] = len(states) - 1
            cut()
        layer.on_sync = lambda: None
        found.close()
        for target, least, most in cuts:
            after = opened(target, MARKET)
            there = contents(after.store)
            assert there in states[least:most], (target.name, least, most)
            after.close()


def commits_of(tmp_path: Path, **named: Any) -> tuple[Commits, Any]:
    found = opened(tmp_path, MARKET)
    return Commits(found.store, **named), found


def test_calls_of_one_turn_share_a_commit_and_wait_for_it(tmp_path: Path) -> None:
    commits, found = commits_of(tmp_path)
    order: list[str] = []
    commit = commits.store.commit
    commits.store.commit = lambda: (order.append("commit"), commit())[1]  # type: ignore[method-assign, func-returns-value]

    async def call(key: int) -> None:
        commits.store.put(commits.store.source("table"), ("h", key), {"n": key}, None)
        await commits.durable()
        order.append(f"answer {key}")

    async def both() -> None:
        await asyncio.gather(call(1), call(2))

    asyncio.run(both())
    assert order == ["commit", "answer 1", "answer 2"]
    found.close()


def test_a_record_is_seen_after_its_commit(tmp_path: Path) -> None:
    commits, found = commits_of(tmp_path)
    woken: list[int] = []
    records = Records(commits, "shard", lambda: woken.append(1), 0)
    records.append({"n": 1})
    assert not records
    assert not woken
    commits.commit()
    assert list(records) == [{"n": 1}]
    assert woken == [1]
    found.close()


def test_what_the_disk_refuses_is_refused_and_forgotten(tmp_path: Path) -> None:
    """The calls of the group fail, what they wrote is gone, and the next one succeeds."""
    said: list[str] = []
    commits, found = commits_of(tmp_path, report=said.append)
    records = Records(commits, "shard", lambda: None, 0)
    commits.commit()
    pages = int(found.store._connection.execute("PRAGMA page_count").fetchone()[0])
    found.store._connection.execute(f"PRAGMA max_page_count = {pages}")

    store = commits.store
    records.append({"n": 1})
    large = {"n": "".join(map(str, range(9_000)))}
    with pytest.raises(sqlite3.OperationalError, match="full") as full:
        store.put(store.source("table"), ("h", 1), large, None)
    commits.refuse(full.value)
    assert said == ["database or disk is full"]
    assert not records
    assert contents(commits.store)["items"] == {}
    found.store._connection.execute("PRAGMA max_page_count = 1000000")
    records.append({"n": 2})
    commits.commit()
    assert [record for _, record in found.store.records(records.source)] == [{"n": 2}]
    assert said == ["database or disk is full", ""]
    found.close()


def test_a_failing_commit_fails_every_call_that_waits_for_it(tmp_path: Path) -> None:
    commits, found = commits_of(tmp_path)

    def fail() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def call(key: int) -> None:
        commits.store.put(commits.store.source("table"), ("h", key), {"n": key}, None)
        await commits.durable()

    async def both() -> list[Any]:
        commits.savers.append(fail)
        return list(await asyncio.gather(call(1), call(2), return_exceptions=True))

    assert [type(one) for one in asyncio.run(both())] == [NotStoredError, NotStoredError]
    assert not commits.store.pending
    commits.savers.clear()
    assert contents(commits.store)["items"] == {}
    found.close()
