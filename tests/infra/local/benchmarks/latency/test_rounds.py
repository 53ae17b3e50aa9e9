"""Rounds through two pipelines, and the report of them."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import encode
from signalengine.intervals import INTERVALS

from infra.errors import CommandError
from infra.local.benchmarks.latency import __main__ as command
from infra.local.benchmarks.latency import rounds as module
from infra.local.benchmarks.latency.market import Opening, openings
from infra.local.benchmarks.latency.rounds import (
    Round,
    play,
    quantile,
    spread,
    summary,
    through_empty,
    warm,
)
from infra.local.replay.listener import Received

NOON = 1_747_656_000_000
SENT = {
    "status": "delivered", "sent_at": 1_000, "commit_latency_ms": 300, "publish_latency_ms": 100,
}  # fmt: skip


class Both:
    """Two pipelines that answer at once, and note what they were sent in which order."""

    def __init__(self, opened: list[Opening]) -> None:
        self.events = {one.symbol: one.event_id for one in opened}
        self.order: list[str] = []
        self.puts: list[list[dict[str, Any]]] = []
        self.failed = 0
        self.data = b""
        self.aws = SimpleNamespace(client=lambda _name: self)
        self.outputs = {"FeedStreamName": "feed"}
        self.listener = SimpleNamespace(received=lambda: self.messages)
        self.messages: list[Received] = []
        self.looks = itertools.count()

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, int]:  # noqa: N803 - as boto3 has it
        self.puts.append(Records)
        return {"FailedRecordCount": self.failed}

    def put_record(self, *, StreamName: str, Data: bytes, PartitionKey: str) -> None:  # noqa: N803 - as boto3 has it
        self.order.append(f"ours {PartitionKey}")
        at = module.time.time() * 1000 + 50
        self.messages.append(Received(self.events[PartitionKey], "signal", at, {}))

    def check(self) -> None: ...

    def deliveries(self, events: list[str]) -> dict[str, Any]:
        return {events[0]: SENT} if next(self.looks) % 2 else {events[0]: {"status": "pending"}}

    def send(self, key: str, data: bytes) -> None:
        self.order.append(f"empty {key}")
        self.data = data

    def receive(self, _timeout_s: float) -> tuple[str, float]:
        return self.data.decode(), module.time.time() + 0.025


def test_rounds_alternate_and_each_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DELIVERED_LOOK_S", 0.0)
    opened, lines = openings(2, NOON), list[str]()
    first, second = (one.symbol for one in opened)
    both: Any = Both(opened)
    warm(both, opened)
    assert [len(one) for one in both.puts] == [len(INTERVALS)] * 2
    played = play(both, both, opened, lines.append)
    assert both.order == [f"ours {first}", f"empty {first}", f"empty {second}", f"ours {second}"]
    assert len(lines) == len(played) == 2
    for one in played:
        assert one.ours_s >= 0.05
        assert one.empty_s >= 0.025
        assert one.delivery == SENT


def test_what_goes_wrong_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = openings(1, NOON)
    both: Any = Both(opened)
    both.failed = 1
    with pytest.raises(CommandError, match="refused records"):
        warm(both, opened)
    both.receive = lambda _timeout_s: ("something", 0.0)
    with pytest.raises(CommandError, match="something else"):
        through_empty(both, "A", encode(opened[0].fact))
    monkeypatch.setattr(module, "WAIT_S", 0.0)
    with pytest.raises(CommandError, match="did not arrive"):
        module.through_ours(both, both, opened[0], b"")
    with pytest.raises(CommandError, match="was not delivered"):
        module.delivered(both, opened[0])


def test_the_report_has_the_ratio_of_the_medians_without_the_first_rounds() -> None:
    slow = Round(600.0, 9.0, 1.0, SENT)
    played = [slow, *(Round(600.0, ours, 0.1, SENT) for ours in (0.1, 0.15, 0.4))]
    found = summary(played, 1)
    assert (found["rounds"], found["ratio"], found["met"]) == (3, 1.5, True)
    assert found["ours_ms"]["p50"] == 150.0
    assert {name: row["p50"] for name, row in found["receipts_ms"].items()} == {
        "put to stored": 100.0, "stored to queued": 200.0, "queued to acknowledged": 100.0,
    }  # fmt: skip
    assert not summary([slow], 0)["met"]
    table = command.printed(found)
    assert table.row_count == 5
    assert "ratio of medians 1.50, aim ≤ 2" in str(table.caption)


@given(st.lists(st.floats(0.0, 1e6), min_size=1), st.floats(0.0, 1.0))
def test_a_quantile_is_one_of_the_values(values: list[float], share: float) -> None:
    assert quantile(values, share) in values
    found = list(spread(values).values())
    assert found == sorted(found)
