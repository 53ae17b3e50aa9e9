"""The stream's adapter and its queue discipline: nothing lost, nothing overtaken."""

import random
from collections import defaultdict
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.messaging.kinesis import (
    LAZY_BYTES,
    MAX_BYTES,
    MAX_ENTRIES,
    MAX_PASSING,
    Backoff,
    Entry,
    EntryRefusedError,
    KinesisStream,
    Outbox,
    StreamAwayError,
)

from tests.examples import examples

pytestmark = pytest.mark.enable_socket


class FakeClient:
    """Answers PutRecords as configured; satisfies PutRecordsClient."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []

    def put_records(self, *, StreamName: str, Records: Any) -> Any:  # noqa: N803 - boto3's names
        self.requests.append((StreamName, Records))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        codes = answer or [None] * len(Records)
        rows = [{"ErrorCode": c} if c else {"SequenceNumber": "1"} for c in codes]
        return {"FailedRecordCount": sum(c is not None for c in codes), "Records": rows}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "PutRecords")


def entries(count: int) -> list[Entry]:
    return [Entry(f"S{n}", "bars", b"{}") for n in range(count)]


def test_records_carry_their_key_and_are_encoded_when_sent() -> None:
    client = FakeClient()
    stream = KinesisStream(client, "feed")
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"x"

    lazy = Entry("ticks", "ticks", make, durable=False)
    assert stream.put([Entry("BTCUSDT", "bars", b"{}"), lazy]) == ()
    assert client.requests == [
        (
            "feed",
            [{"Data": b"{}", "PartitionKey": "BTCUSDT"}, {"Data": b"x", "PartitionKey": "ticks"}],
        )
    ]
    lazy.data()
    assert made == [1]


def test_only_the_failed_entries_are_returned_and_their_codes_counted() -> None:
    throttled = "ProvisionedThroughputExceededException"
    stream = KinesisStream(FakeClient([None, throttled, None, "InternalFailure"]), "feed")
    assert stream.put(entries(4)) == (1, 3)
    assert stream.codes == {throttled: 1, "InternalFailure": 1}


@pytest.mark.parametrize(
    "error",
    [
        refused("ProvisionedThroughputExceededException"), refused("InternalFailure"),
        refused("ResourceNotFoundException"), refused("AccessDeniedException"),
        EndpointConnectionError(endpoint_url="http://x"),
    ],
)  # fmt: skip
def test_a_stream_that_cannot_be_written_to_is_a_transient_error(error: Exception) -> None:
    stream = KinesisStream(FakeClient(error), "feed")
    with pytest.raises(StreamAwayError):
        stream.put(entries(1))
    assert sum(stream.codes.values()) == 1


def test_a_record_the_service_will_not_read_is_refused() -> None:
    with pytest.raises(EntryRefusedError):
        KinesisStream(FakeClient(refused("ValidationException")), "feed").put(entries(1))


def test_backoff_grows_to_its_cap_and_starts_over() -> None:
    backoff = Backoff(first=0.1, cap=1.0)
    waits = [backoff.next() for _ in range(10)]
    assert all(w <= min(1.0, 0.1 * 2**n) for n, w in enumerate(waits))
    assert waits[-1] >= 0.5
    backoff.reset()
    assert backoff.next() <= 0.1


# --- the outbox ----------------------------------------------------------------------------------


@examples(100)
@given(
    st.lists(st.sampled_from(["A", "B", "C", "ticks", "heartbeat"]), min_size=1, max_size=80),
    st.integers(0, 10**6),
)
def test_under_any_failures_every_key_arrives_in_order_and_nothing_durable_is_lost(
    keys: list[str], seed: int
) -> None:
    rng, box = random.Random(seed), Outbox()
    arrived: list[Entry] = []
    under_way: list[list[Entry]] = []
    todo = [
        Entry(key, "x", b"%d" % n, durable=key in "ABC", tag=n // 10)
        for n, key in enumerate(keys)
    ]  # fmt: skip
    offered = list(todo)
    while todo or under_way or not box.empty:
        if todo and rng.random() < 0.5:
            box.offer(todo.pop(0))
        if rng.random() < 0.5 and (batch := box.take()):
            under_way.append(batch)
        assert len({e.key for batch in under_way for e in batch}) == sum(map(len, under_way))
        if under_way and rng.random() < 0.5:
            batch = under_way.pop(rng.randrange(len(under_way)))
            good = [e for e in batch if rng.random() < 0.6]
            arrived += good
            box.done(good)
            box.back([e for e in batch if e not in good])
    by_key = defaultdict(list)
    for entry in arrived:
        by_key[entry.key].append(int(entry.data()))
    for numbers in by_key.values():
        assert numbers == sorted(set(numbers))
    durable = [e for e in offered if e.durable]
    assert sorted(e.number for e in arrived if e.durable) == [e.number for e in durable]
    for place, entry in enumerate(arrived):
        if not entry.durable:  # what it may speak of has arrived before it
            before = {e.number for e in arrived[:place]}
            assert {e.number for e in durable if e.number < entry.number} <= before
    last = {e.key: e.data() for e in offered if not e.durable}
    assert {e.key: e.data() for e in arrived if not e.durable} == last, "the newest always arrives"
    assert box.durable == 0


def test_a_waiting_tick_of_the_same_minute_is_superseded_but_never_the_first() -> None:
    box = Outbox()
    box.offer(Entry("A", "bars", b"0"))
    for n in range(5):
        box.offer(Entry("ticks", "ticks", b"%d" % n, durable=False, tag="minute"))
    assert box.superseded == 3
    (bar,) = box.take()
    assert bar.key == "A"
    box.done([bar])
    (first,) = box.take()
    box.done([first])
    (last,) = box.take()
    assert (first.data(), last.data()) == (b"0", b"4")


def test_ticks_of_different_minutes_wait_up_to_a_limit() -> None:
    box = Outbox()
    box.offer(Entry("A", "bars", b"0"))
    for n in range(MAX_PASSING + 7):
        box.offer(Entry("ticks", "ticks", b"%d" % n, durable=False, tag=n))
    assert (box.superseded, box.dropped) == (0, 7)


def test_a_call_holds_at_most_500_records_and_5_megabytes() -> None:
    box = Outbox()
    for n in range(MAX_ENTRIES + 5):
        box.offer(Entry(f"S{n}", "bars", b"{}"))
    assert len(box.take()) == MAX_ENTRIES
    assert len(box.take()) == 5
    big = Outbox()
    for n in range(60):
        big.offer(Entry(f"S{n}", "history", b"x" * 110_000))
    batch = big.take()
    assert sum(entry.size for entry in batch) <= MAX_BYTES
    assert len(batch) == 45
    assert len(big.take()) == 15
    assert Entry("k", "ticks", lambda: b"").size == LAZY_BYTES + 1


def test_a_record_larger_than_a_call_is_sent_alone() -> None:
    box = Outbox()
    box.offer(Entry("A", "bars", b"x" * (MAX_BYTES + 1)))
    assert len(box.take()) == 1
