"""Publication of committed openings and closings."""

from constructs import Construct

from ..names import SCHEDULED
from .function import Function
from .mappings import follow_table
from .schedule import regularly
from .shared import Shared


class Publishing(Construct):
    """publish_signals: sends what is committed to the topic; the outbox is the fallback."""

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
        function.set_environment({"TOPIC_ARN": shared.topic.topic_arn})
        function.allow(["sns:Publish"], [shared.topic.topic_arn])
        follow_table(function, storage.signals, failures=shared.feed.dead_letters)
        regularly(function, SCHEDULED["publish_signals"])
