"""What is read after a run: records by symbol, publications, deliveries, and denied calls."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from signalengine.facts.stream import encode

from infra.local.chaos.stack.evidence import (
    Handed,
    Sent,
    deliveries,
    denied,
    facts_of,
    messages,
    published,
    tapped,
)
from infra.local.chaos.stack.quiescence import DisturbedCollector
from infra.local.stack.ministack_child import DENIED
from tests.infra.local.faults.samples import fact

ID = "0123456789abcdef01234567"


def test_records_are_sorted_by_symbol_and_the_unreadable_counted() -> None:
    one, two = fact(1), replace(fact(1), symbol="ETHUSDT")
    facts, unreadable = facts_of(iter([encode(one), b"{", encode(two), encode(one)]))
    assert facts == {"BTCUSDT": [one, one], "ETHUSDT": [two]}
    assert unreadable == 1


def test_denied_calls_are_lines_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "aws.log"
    log.write_text(f"start\n{DENIED} sqs:SendMessage to role/x\nend\n")
    assert denied(log) == [f"{DENIED} sqs:SendMessage to role/x"]


class Aws:
    """A queue and a topic, as far as they are used."""

    def __init__(self, *event_ids: str) -> None:
        self.bodies = [json.dumps({"event_id": event}) for event in event_ids]
        self.subscribed: list[dict[str, Any]] = []
        self.policy: dict[str, Any] = {}

    @property
    def aws(self) -> "Aws":
        return self

    @property
    def system(self) -> "Aws":
        return self

    def client(self, _service: str) -> "Aws":
        return self

    def create_queue(self, **_named: Any) -> dict[str, Any]:
        return {"QueueUrl": "http://q/tap"}

    def get_queue_attributes(self, **_named: Any) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": "arn:tap"}}

    def set_queue_attributes(self, *, QueueUrl: str, Attributes: dict[str, str]) -> None:  # noqa: N803 - AWS's names
        assert QueueUrl
        self.policy = json.loads(Attributes["Policy"])

    def list_topics(self) -> dict[str, Any]:
        return {"Topics": [{"TopicArn": "arn:signals"}, {"TopicArn": "arn:alarms"}]}

    def subscribe(self, **named: Any) -> None:
        self.subscribed.append(named)

    def receive_message(self, **_named: Any) -> dict[str, Any]:
        found = [{"Body": body, "ReceiptHandle": body} for body in self.bodies[:2]]
        return {"Messages": found} if found else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803 - AWS's names
        assert QueueUrl
        self.bodies.remove(ReceiptHandle)

    def query(self, _table: str, condition: Any) -> list[dict[str, Any]]:
        event = condition.get_expression()["values"][1]
        if event.endswith("#closed"):  # its audience only
            return [{"event_id": event, "channel": "all", "channels": ["telegram:1"]}]
        return [{"event_id": event, "status": "delivered", "message_id": 7, "attempts": 2,
                 "possible_duplicates": 1, "digest": "digest#a"}]  # fmt: skip

    def telegram_get(self, _path: str) -> Any:
        row = {"message_id": 7, "text": f"BTCUSDT {ID}", "reply_to": None, "received_at": 5}
        return {"messages": [row, {**row, "text": "an answer to /help"}]}


def collector(aws: Aws) -> DisturbedCollector:
    return cast("DisturbedCollector", aws)


def test_a_queue_of_our_own_gets_openings_and_closings_of_every_topic() -> None:
    aws = Aws()
    assert tapped(cast("Any", aws)) == "http://q/tap"
    assert [one["TopicArn"] for one in aws.subscribed] == ["arn:signals", "arn:alarms"]
    kinds = json.loads(aws.subscribed[0]["Attributes"]["FilterPolicy"])
    assert kinds == {"kind": ["signal.opened", "signal.closed"]}
    assert aws.policy["Statement"][0]["Resource"] == "arn:tap"


def test_every_publication_is_counted() -> None:
    found = published(collector(Aws("a#opened", "b#opened", "a#opened")), "http://q/tap")
    assert found == {"a#opened": 2, "b#opened": 1}


def test_deliveries_are_read_and_audiences_are_not() -> None:
    found = list(deliveries(collector(Aws()), "a#opened"))
    assert found == [Handed("a#opened", "delivered", 7, 2, 1, "digest#a")]
    assert list(deliveries(collector(Aws()), "a#closed")) == []


def test_every_message_is_read_with_the_signal_that_it_names() -> None:
    assert messages(collector(Aws())) == [
        Sent(7, ID, None, 5.0, f"BTCUSDT {ID}"),
        Sent(7, "", None, 5.0, "an answer to /help"),
    ]
