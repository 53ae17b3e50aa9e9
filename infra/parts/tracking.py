"""Settlement of open signals."""

from constructs import Construct

from ..names import SCHEDULED
from .channel import ALERTS, BROWSER_ALERTS, EMAIL_ALERTS
from .function import Function
from .mappings import follow_feed
from .schedule import regularly
from .shared import Shared


class Tracking(Construct):
    """track_signals: settles on stored bars; the schedule is the fallback.

    It reads the feed without a filter, so that a record of an unknown kind is dead-lettered.
    """

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        storage = shared.storage
        self.track_signals = Function(
            self,
            "track_signals",
            platform=shared.platform,
            description="Settles open signals: take-profit, stop-loss, expiry",
            timeout_s=60,
        )
        function = self.track_signals
        function.uses(storage.state, "GetItem", "PutItem")
        function.uses(storage.bars, "Query")
        # how far signals are that are open for long
        function.uses(storage.bars, "BatchGetItem", "PutItem")
        function.queries(storage.events, "by_day")
        function.uses(storage.signals, "UpdateItem")
        function.queries(storage.signals, "by_open", "by_update")
        function.uses(storage.performance, "GetItem", "PutItem", "UpdateItem")
        function.uses(storage.gaps, "PutItem")
        function.uses(storage.strategies, "Query")  # whether any set has opened signals
        # price alerts
        alerts = (ALERTS, BROWSER_ALERTS, EMAIL_ALERTS)
        function.uses(storage.subscriptions, "DeleteItem", "PutItem", "Query", keys=alerts)
        function.uses(storage.connections, "Query")  # number of clients, once a minute
        dead_letters = shared.feed.dead_letters.queue_url
        function.set_environment(
            {"DEAD_LETTER_URL": dead_letters, "TOPIC_ARN": shared.topic.topic_arn}
        )
        function.allow(["sns:Publish"], [shared.topic.topic_arn])
        follow_feed(function, shared.feed)
        regularly(function, SCHEDULED["track_signals"])
