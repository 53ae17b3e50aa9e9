"""Published messages and the topic."""

import json
from typing import Any

from signalengine_aws.messaging.sns import SnsTopic, signal_message, status_message

from tests.aws.positions import signal


class Client:
    """Records what is published."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def publish(self, **call: Any) -> None:
        self.calls.append(call)


def test_a_message_carries_the_attributes_that_subscriptions_filter_on() -> None:
    client, one = Client(), signal()
    SnsTopic(client, "arn").publish(signal_message(one, "opened", 5))  # type: ignore[arg-type]
    (call,) = client.calls
    body = json.loads(call["Message"])
    assert (body["kind"], body["cursor"]) == ("signal.opened", 5)
    assert body["event_id"] == f"{one.signal_id}#opened"
    attributes = call["MessageAttributes"]
    assert attributes["kind"] == {"DataType": "String", "StringValue": "signal.opened"}
    assert attributes["score"] == {"DataType": "Number", "StringValue": repr(one.score)}


def test_a_status_is_identified_by_its_time() -> None:
    message = status_message(7, {"market": "live"})
    assert message.body["event_id"] == "status#7"
    assert message.attributes == {"kind": "status"}
