"""Folding of bars into states, features and events."""

from constructs import Construct

from .function import Function, resource_of
from .mappings import follow_feed
from .shared import Shared


class Detection(Construct):
    """compute_features: folds each symbol's bars in order."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        storage = shared.storage
        self.compute_features = Function(
            self,
            "compute_features",
            platform=shared.platform,
            description="Folds closed bars into state, features and events",
            timeout_s=60,
            memory_mb=1024,  # the one function that computes: a minute's closes in one go
        )
        function = self.compute_features
        function.uses(storage.state, "GetItem", "BatchGetItem", "PutItem")
        function.uses(storage.bars, "Query", "PutItem")
        function.uses(storage.events, "PutItem")
        # the sets that run, and the parking of one
        function.uses(storage.strategies, "Query", "GetItem", "PutItem")
        function.set_environment({"DEAD_LETTER_URL": shared.feed.dead_letters.queue_url})
        follow_feed(function, shared.feed, only={"data": {"kind": ["bars", "history"]}})

    def update_after(self, reader: Function) -> None:
        """Update the function when another has been, which reads what it stores."""
        resource_of(self.compute_features.resource).add_dependency(resource_of(reader.resource))
