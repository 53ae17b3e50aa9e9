"""Events become decisions, and a few of them signals."""

from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .function import Function, Platform
from .mappings import follow_table
from .storage import Storage


class Scoring(Construct):
    """score_events: one transaction for the decision, the cooldown and perhaps the signal."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        platform: Platform,
        failures: sqs.Queue,
        storage: Storage,
    ) -> None:
        super().__init__(scope, construct_id)
        self.score_events = Function(
            self,
            "score_events",
            platform=platform,
            description="Scores the events of one close; stores the decision and the signal",
            timeout_s=60,
        )
        function = self.score_events
        function.uses(storage.decisions, "PutItem")
        function.uses(storage.cooldowns, "GetItem", "PutItem")
        function.uses(storage.signals, "PutItem")
        follow_table(function, storage.events, failures=failures, only={"eventName": ["INSERT"]})
