"""Records of Lambda's events."""

from base64 import b64encode

import pytest
from signalengine_aws.messaging.records import (
    Change,
    Record,
    changes,
    claimed_kind,
    kinesis_records,
)


def test_a_kinesis_event_becomes_records_in_order() -> None:
    raw = {
        "data": b64encode(b"{}").decode(), "partitionKey": "BTCUSDT", "sequenceNumber": "7",
        "approximateArrivalTimestamp": 1747656000.25,
    }  # fmt: skip
    found = kinesis_records({"Records": [{"kinesis": raw}, {"kinesis": {"data": ""}}]})
    assert found == [Record(b"{}", "BTCUSDT", "7", 1747656000250), Record(b"", "", "", None)]


def test_a_table_event_becomes_changes() -> None:
    new = {"symbol": {"S": "BTCUSDT"}}
    event = {"Records": [{"eventName": "INSERT", "dynamodb": {"NewImage": new}}]}
    assert list(changes(event)) == [Change("INSERT", None, new)]


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b'{"kind": "bars"}', "bars"), (b'{"kind": 5}', None), (b"[]", None), (b"\xff", None),
     (b'{"kind": "bars", "x": NaN}', None), (b"[" * 100_000, None)],
)  # fmt: skip
def test_a_kind_is_claimed_in_strict_json_only(data: bytes, kind: str | None) -> None:
    assert claimed_kind(data) == kind
