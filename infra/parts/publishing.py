"""What is committed is told: once, to everyone who listens."""

from constructs import Construct

from .function import Function
from .mappings import follow_table
from .schedule import every_minute
from .shared import Shared


class Publishing(Construct):
    """publish_signals: a committed opening or closing goes to the topic; the outbox makes sure."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        storage = shared.storage
        self.publish_signals = Function(
            self,
            "publish_signals",
            platform=shared.platform,
            description="Publishes committed openings and closings to the topic",
            timeout_s=60,
        )
        function = self.publish_signals
        function.uses(storage.signals, "GetItem", "UpdateItem")
        function.queries(storage.signals, "by_outbox")
        function.knows({"TOPIC_ARN": shared.topic.topic_arn})
        function.may(["sns:Publish"], [shared.topic.topic_arn])
        follow_table(function, storage.signals, failures=shared.feed.dead_letters)
        every_minute(function, {"republish": True})
