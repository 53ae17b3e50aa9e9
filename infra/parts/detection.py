"""Bars become states, features and events."""

from constructs import Construct

from .feed import Feed
from .function import Function, Platform
from .mappings import follow_feed
from .storage import Storage


class Detection(Construct):
    """compute_features: folds each symbol's bars in order."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        platform: Platform,
        storage: Storage,
        feed: Feed,
    ) -> None:
        super().__init__(scope, construct_id)
        self.compute_features = Function(
            self,
            "compute_features",
            platform=platform,
            description="Folds closed bars into state, features and events",
            timeout_s=60,
            memory_mb=1024,  # the one function that computes: a minute's closes in one go
        )
        function = self.compute_features
        function.uses(storage.state, "GetItem", "PutItem")
        function.uses(storage.bars, "PutItem")
        function.uses(storage.events, "PutItem")
        function.knows({"DEAD_LETTER_URL": feed.dead_letters.queue_url})
        follow_feed(function, feed, only={"data": {"kind": ["bars", "history"]}})
