"""Folding of bars into states, features and events."""

from constructs import Construct, IConstruct

from .function import Function
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
        function.set_environment({"DEAD_LETTER_URL": shared.feed.dead_letters.queue_url})
        follow_feed(function, shared.feed, only={"data": {"kind": ["bars", "history"]}})

    def start_after(self, *readers: IConstruct) -> None:
        """Update the function when these have been: what it stores is for them to read."""
        self.compute_features.node.add_dependency(*readers)
