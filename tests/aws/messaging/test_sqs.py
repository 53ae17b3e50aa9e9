"""Depths of queues."""

from typing import Any

from signalengine_aws.messaging.sqs import SqsDepths


class Client:
    """A queue with three kinds of messages."""

    def get_queue_attributes(self, **call: Any) -> dict[str, Any]:
        return {"Attributes": dict.fromkeys(call["AttributeNames"], "2")}


def test_a_depth_counts_waiting_delayed_and_read_messages() -> None:
    depths = SqsDepths(Client(), {"telegram": "url"})  # type: ignore[arg-type]
    assert depths.depths() == {"telegram": 6}
