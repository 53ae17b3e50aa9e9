"""What is committed is told: once, to everyone who listens."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from .feed import Feed
from .function import Function, Platform
from .mappings import follow_table
from .schedule import every_minute
from .storage import Storage


class Publishing(Construct):
    """publish_signals: a committed opening or closing goes to the topic; the outbox makes sure."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        platform: Platform,
        storage: Storage,
        feed: Feed,
        topic: sns.Topic,
    ) -> None:
        super().__init__(scope, construct_id)
        self.publish_signals = Function(
            self,
            "publish_signals",
            platform=platform,
            description="Publishes committed openings and closings to the topic",
            timeout_s=60,
        )
        function = self.publish_signals
        function.uses(storage.signals, "GetItem", "UpdateItem")
        function.queries(storage.signals, "by_outbox")
        function.knows({"TOPIC_ARN": topic.topic_arn})
        function.may(["sns:Publish"], [topic.topic_arn])
        follow_table(function, storage.signals, failures=feed.dead_letters)
        every_minute(function, {"republish": True})
