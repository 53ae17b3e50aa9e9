"""The letters of the queue: whole records, changes, Lambda's notices, and anything else."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.messaging.dead_letters import DeadLetter, SqsDeadLetters
from signalengine_aws.messaging.records import Record

from infra.cli.redrive import letters
from infra.cli.redrive.letters import INFLATED_BYTES, Queue, Source, letter_of
from tests.aws.world import World, new_world

NOTICE = {
    "requestContext": {
        "requestId": "c9b8fa9f", "functionArn": "arn:aws:lambda:x:1:function:S-publish:$LATEST",
        "condition": "RecordAgeExceeded", "approximateInvokeCount": 9,
    },
    "version": "1.0", "timestamp": "2026-11-29T10:00:00.000Z",
    "DDBStreamBatchInfo": {
        "shardId": "shardId-1", "startSequenceNumber": "10", "endSequenceNumber": "12",
        "approximateArrivalOfFirstRecord": "2026-11-28T22:00:00Z", "batchSize": 3,
        "streamArn": "arn:aws:dynamodb:x:1:table/S/stream/2026",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        patch.setattr(letters, "WAIT_S", 0)  # one server
        yield made


@pytest.fixture
def world(aws: World) -> World:
    aws.reset()
    return aws


def message(body: Any) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return {"ReceiptHandle": "r", "Body": text, "Attributes": {"SentTimestamp": "1764400000000"}}


def sent(world: World, data: bytes, function: str = "compute_features") -> None:
    queue = SqsDeadLetters(world.sqs, world.dead_letter_url, function)
    queue.send([DeadLetter(Record(data, "BTCUSDT", "42"), "a reason")])


@pytest.mark.parametrize("size", [0, 10, 32_768, 32_769, 262_144])
def test_a_record_of_any_length_comes_back_whole(world: World, size: int) -> None:
    """A fact has 256 KB at most, and its letter has to fit into SQS's."""
    data = json.dumps({"n": list(range(60_000))}).encode()[:size]
    sent(world, data)
    with Queue(world.sqs, world.dead_letter_url).taken() as found:
        (letter,) = found
        assert (letter.data, letter.key, letter.sequence) == (data, "BTCUSDT", "42")
        assert (letter.source, letter.function, letter.whole) == (
            Source.FEED, "compute_features", True,
        )  # fmt: skip
    assert len(world.letters()) == 1


def test_what_is_not_deleted_stays_and_is_seen_at_once(world: World) -> None:
    queue = Queue(world.sqs, world.dead_letter_url)
    for number in range(25):
        sent(world, b"%d" % number)
    with queue.taken() as found:
        assert len(found) == 25
        for letter in found[:24]:
            queue.delete(letter)
    with suppress(KeyboardInterrupt), queue.taken() as found:
        assert len(found) == 1
        raise KeyboardInterrupt
    assert len(world.letters()) == 1


def test_lambda_s_notice_names_the_place_of_the_batch() -> None:
    letter = letter_of(message(NOTICE))
    assert (letter.source, letter.name, letter.reason) == (
        Source.TABLE_BATCH, "S-publish", "RecordAgeExceeded",
    )  # fmt: skip
    assert letter.batch is not None
    assert (letter.batch.first, letter.batch.last, letter.batch.size) == ("10", "12", 3)


def test_a_change_of_a_table_is_distinguished_from_a_record_of_the_feed() -> None:
    body = {"function": "score_events", "size": 2, "data_base64_head": b64encode(b"{}").decode()}
    assert letter_of(message(body)).source is Source.TABLE


def test_a_bomb_is_not_inflated() -> None:
    import gzip

    bomb = b64encode(gzip.compress(b"x" * (INFLATED_BYTES + 1))).decode()
    body = {"size": INFLATED_BYTES + 1, "data_base64_head": "", "data_gzip_base64": bomb}
    assert letter_of(message(body)).data is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*NOTICE, "reason", "size", "data_base64_head"]), inner
            )
        ),
    )
)
def test_any_message_is_read_as_something(body: Any) -> None:
    assert isinstance(letter_of(message(body)).source, Source)
