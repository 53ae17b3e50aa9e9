"""Deliveries in DynamoDB: what is saved is read, and nobody writes over what he has not read."""

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from pynamodb.exceptions import PutError
from signalengine_aws.delivery.deliveries import (
    PACE_KEY,
    RETENTION_S,
    SENDER,
    ConflictError,
    Delivery,
    DynamoDeliveries,
    Status,
    claimed,
    delivered,
    failed,
    released,
    suppressed,
)
from signalengine_aws.delivery.pacing import AddressState
from signalengine_aws.runtime import clients
from signalengine_aws.stores import tables

from tests.aws.fakes import ManualClock
from tests.telegram_samples import CHANNEL, NOON

TABLE = "deliveries-test"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDeliveries]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with mock_aws():
        clients.session.cache_clear()
        tables.client.cache_clear()
        boto3.client("dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "event_id", "KeyType": "HASH"},
                {"AttributeName": "channel", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "event_id", "AttributeType": "S"},
                {"AttributeName": "channel", "AttributeType": "S"},
            ],
        )
        yield DynamoDeliveries(TABLE, ManualClock())


def fresh() -> Delivery:
    return Delivery("s1#opened", CHANNEL, first_seen_at=NOON)


def test_what_is_not_there_reads_as_none_and_as_a_quiet_chat(store: DynamoDeliveries) -> None:
    assert store.get("s1#opened", CHANNEL) is None
    assert store.address_state(CHANNEL) == AddressState(CHANNEL)


def test_a_delivery_is_read_as_it_was_saved(store: DynamoDeliveries) -> None:
    saved = store.save(replace(fresh(), slot_at=NOON + 1))
    assert saved.version == 1
    assert store.get("s1#opened", CHANNEL) == saved
    done = delivered(
        saved, receipt="7", now=NOON + 5, decided_at=NOON, committed_at=NOON + 2,
        published_at=NOON + 4,
    )  # fmt: skip
    done = store.save(done)
    read = store.get("s1#opened", CHANNEL)
    assert read == done
    assert read is not None
    assert (read.final, read.close_latency_ms, read.commit_latency_ms) == (True, 5, 3)
    assert read.publish_latency_ms == 1


@pytest.mark.parametrize("address", ["-1001234567890", "room-7", "007", None])
def test_a_chat_is_read_as_it_was_saved(store: DynamoDeliveries, address: str | None) -> None:
    chat = AddressState(CHANNEL, 0, (NOON, NOON + 1_000), 5, 6, "403: blocked", address, 2, "ab12")
    assert store.save_address_state(chat) == replace(chat, version=1)
    assert store.address_state(CHANNEL) == replace(chat, version=1)


def test_the_state_of_the_sender_is_no_address(store: DynamoDeliveries) -> None:
    for channel in (CHANNEL, f"telegram:{SENDER}"):
        store.save_address_state(AddressState(channel))
    assert [one.channel for one in store.address_states()] == [CHANNEL]


def test_a_chat_of_another_version_is_read(store: DynamoDeliveries) -> None:
    """An earlier one stored no refusals; a later one may store more."""
    store.save_address_state(AddressState(CHANNEL, refusals=2))
    key = {"event_id": {"S": PACE_KEY}, "channel": {"S": CHANNEL}}
    boto3.client("dynamodb").update_item(
        TableName=TABLE, Key=key, UpdateExpression="REMOVE refusals SET later = :x",
        ExpressionAttributeValues={":x": {"S": "x"}},
    )  # fmt: skip
    assert store.address_state(CHANNEL) == AddressState(CHANNEL, version=1)


def test_a_write_on_an_older_version_is_a_conflict(store: DynamoDeliveries) -> None:
    first = store.save(fresh())
    with pytest.raises(ConflictError):
        store.save(fresh())
    store.save(first)
    with pytest.raises(ConflictError):
        store.save(first)
    chat = store.save_address_state(AddressState(CHANNEL))
    store.save_address_state(chat)
    with pytest.raises(ConflictError):
        store.save_address_state(chat)


def test_messages_are_forgotten_after_35_days_and_chats_never(store: DynamoDeliveries) -> None:
    store.save(fresh())
    store.save_address_state(AddressState(CHANNEL))
    table = boto3.resource("dynamodb").Table(TABLE)
    item = table.get_item(Key={"event_id": "s1#opened", "channel": CHANNEL})["Item"]
    assert item["ttl"] == NOON // 1000 + RETENTION_S
    assert item["status"] == "waiting"
    chat = table.get_item(Key={"event_id": PACE_KEY, "channel": CHANNEL})["Item"]
    assert "ttl" not in chat
    assert RETENTION_S >= 30 * 86_400


def test_an_attempt_after_one_without_an_answer_is_a_possible_duplicate() -> None:
    first = claimed(fresh(), NOON)
    assert (first.attempts, first.possible_duplicates) == (1, 0)
    assert claimed(released(first), NOON).possible_duplicates == 0
    assert claimed(released(first, doubtful=True), NOON).possible_duplicates == 1
    assert claimed(first, NOON + 60_000).possible_duplicates == 1  # crashed before the mark


def test_final_is_what_needs_no_more_sending() -> None:
    assert not fresh().final
    assert not claimed(fresh(), NOON).final
    assert failed(fresh(), "x" * 9_999).final
    assert len(failed(fresh(), "x" * 9_999).reason or "") == 500
    assert suppressed(fresh(), "no bot").status is Status.SUPPRESSED


@pytest.mark.parametrize(
    ("receipt", "attributes"),
    [("1234", {"message_id"}), ("1715000000.000100", {"receipt"}), ("007", {"receipt"})],
)
def test_a_receipt_is_stored_as_a_number_where_it_is_one(
    store: DynamoDeliveries, receipt: str, attributes: set[str]
) -> None:
    delivery = Delivery("s1#opened", CHANNEL, NOON, receipt=receipt)
    store.save(delivery)
    assert store.get("s1#opened", CHANNEL) == replace(delivery, version=1)
    record = store._model.get("s1#opened", CHANNEL)
    found = {"message_id": record.message_id, "receipt": record.receipt}
    assert {name for name, value in found.items() if value is not None} == attributes


def test_two_channels_store_their_audiences_of_one_event_in_one_table(
    store: DynamoDeliveries,
) -> None:
    other = DynamoDeliveries(TABLE, ManualClock(), audiences="memory")
    store.save_audience("s1#opened", (CHANNEL,))
    other.save_audience("s1#opened", ("memory:8",))
    assert store.audience("s1#opened") == (CHANNEL,)
    assert other.audience("s1#opened") == ("memory:8",)


def test_two_channels_count_their_messages_in_one_table(store: DynamoDeliveries) -> None:
    other = DynamoDeliveries(TABLE, ManualClock(), audiences="memory")
    store.save(replace(Delivery("s1#opened", CHANNEL, NOON), status=Status.DELIVERED))
    store.count()
    assert (store.sent(), other.sent()) == (1, 0)
    assert store._model.get("#sent", "#all").attempts == 1
    other.save(replace(Delivery("s1#opened", "memory:8", NOON), status=Status.DELIVERED))
    other.count()
    assert (store.sent(), other.sent()) == (1, 1)
    store.count()
    assert store.sent() == 1


def test_what_was_delivered_in_a_batch_is_counted_by_one_write(
    store: DynamoDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        store.save(replace(Delivery(f"s{number}#opened", CHANNEL, NOON), status=Status.DELIVERED))
    assert store.sent() == 0

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no AWS")

    with monkeypatch.context() as broken:
        broken.setattr(store._model, "update", fail)
        with pytest.raises(RuntimeError):
            store.count()
    store.count()  # what could not be counted is counted with the next batch
    assert store.sent() == 7


# --- several at once -----------------------------------------------------------------------------


def test_deliveries_and_a_state_are_stored_together_or_not_at_all(store: DynamoDeliveries) -> None:
    member, digest = fresh(), replace(fresh(), event_id="digest#1", summary="{}")
    state = AddressState(CHANNEL, digest="digest#1")
    store.save_together([digest, replace(member, digest="digest#1")], state)
    stored = store.get("s1#opened", CHANNEL)
    assert (stored and stored.digest, stored and stored.version) == ("digest#1", 1)
    assert store.address_state(CHANNEL) == replace(state, version=1)
    later = [replace(digest, version=1, summary="[]"), replace(member, event_id="s2#opened")]
    with pytest.raises(ConflictError):
        store.save_together(later, state)  # the state's version is 1
    assert store.get("digest#1", CHANNEL) == replace(digest, version=1)
    assert store.get("s2#opened", CHANNEL) is None
    store.save_together(later, None)
    assert store.get("digest#1", CHANNEL) == replace(digest, version=2, summary="[]")


def test_an_event_of_a_digest_counts_as_no_message(store: DynamoDeliveries) -> None:
    store.save(replace(fresh(), status=Status.DELIVERED, receipt="7", digest="digest#1"))
    assert store.sent() == 0
    store.save(replace(fresh(), event_id="digest#1", status=Status.DELIVERED, receipt="7"))
    store.count()
    assert store.sent() == 1


@pytest.mark.parametrize(
    "code", ["ConditionalCheckFailedException", "TransactionConflictException"]
)
def test_a_write_that_meets_a_transaction_is_a_conflict(
    store: DynamoDeliveries, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PutError(cause=ClientError({"Error": {"Code": code}}, "PutItem"))

    monkeypatch.setattr("pynamodb.models.Model.save", refuse)
    with pytest.raises(ConflictError):
        store.save(fresh())
