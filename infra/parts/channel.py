"""A queue of messages, of one channel or several: its dead letters, and the function that sends."""

from collections.abc import Callable

from aws_cdk import CfnCondition, Duration, Fn
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .function import Function
from .mappings import drain_queue
from .shared import Shared

SENDER_TIMEOUT_S = 60
RETENTION = Duration.days(14)
"""How long a message waits for its address, at most: SQS allows no more."""
UNREAD_RETENTION = Duration.minutes(15)
"""Where nothing is read: longer than SQS takes to make it `RETENTION` when reading begins."""
KINDS = ("signal.opened", "signal.progress", "signal.closed")
ALERTS = "alerts"
"""The partition key of price alerts in the table of subscriptions."""
BROWSER_ALERTS = "browser_alerts"
"""That of browsers' alerts: who serves them has no right to the others, which name chats."""
EMAIL_ALERTS = "email_alerts"
"""That of subscribers by e-mail, likewise."""


class Channel(Construct):
    """A queue of openings, steps, closings and its addresses' price alerts.

    `sender` makes the function send_<name> behind it.

    A message waits for its slot by its visibility time-out, so its receive count does not count
    failures: the maximum is as high as SQS allows, and the sender dead-letters what the service
    rejects.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        self.dead_letters = self._queue("dead_letters", None)
        self.queue = self._queue("queue", self.dead_letters)
        self._shared = shared
        kinds = [*KINDS, f"alert.{name}"]
        shared.topic.add_subscription(
            subscriptions.SqsSubscription(
                self.queue,
                raw_message_delivery=True,
                filter_policy={"kind": sns.SubscriptionFilter.string_filter(allowlist=kinds)},
            )
        )

    @property
    def queues(self) -> dict[str, sqs.Queue]:
        """Its queues by the variable that names them to functions."""
        begin = self.name.upper()
        return {f"{begin}_QUEUE_URL": self.queue, f"{begin}_DEAD_LETTER_URL": self.dead_letters}

    def sender(
        self, description: str, *, reach: Callable[[Function], None], at_once: int,
        when: CfnCondition | None = None,
    ) -> Function:  # fmt: skip
        """Make send_<name>; `reach` gives it what it needs to reach the service.

        `at_once`: how many batches are under way at a time. `when`: whether its queue is read.
        """
        storage = self._shared.storage
        function = Function(
            self,
            f"send_{self.name}",
            platform=self._shared.platform,
            description=description,
            timeout_s=SENDER_TIMEOUT_S,
        )
        reach(function)
        function.set_environment({key: queue.queue_url for key, queue in self.queues.items()})
        function.uses(storage.deliveries, "GetItem", "PutItem", "UpdateItem")
        function.uses(storage.subscriptions, "GetItem", "PutItem", "Query")
        # its own queue: what is published becomes one message for each address
        function.allow(["sqs:SendMessage"], [self.dead_letters.queue_arn, self.queue.queue_arn])
        drain_queue(function, self.queue, at_once=at_once, when=when)
        if when is not None:
            self._keep_little_unless(when)
        return function

    def _keep_little_unless(self, read: CfnCondition) -> None:
        """Let a queue that is not read not fill: what is in it is past when reading begins."""
        full, little = RETENTION.to_seconds(), UNREAD_RETENTION.to_seconds()
        (resource,) = (one for one in self.queue.node.children if isinstance(one, sqs.CfnQueue))
        seconds = Fn.condition_if(read.logical_id, full, little)
        resource.add_property_override("MessageRetentionPeriod", seconds)

    def _queue(self, name: str, dead_letters: sqs.Queue | None) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            retention_period=RETENTION,
            visibility_timeout=Duration.seconds(6 * SENDER_TIMEOUT_S),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=1000, queue=dead_letters)
            if dead_letters
            else None,
        )
