"""Scoring of events: decisions, and signals."""

from constructs import Construct

from .function import Function
from .mappings import follow_table
from .shared import Shared


class Scoring(Construct):
    """score_events: one transaction for the decision, the cooldown and perhaps the signal."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        storage, settings = shared.storage, shared.settings
        self.score_events = Function(
            self,
            "score_events",
            platform=shared.platform,
            description="Scores the events of one close; stores the decision and the signal",
            timeout_s=60,
        )
        function = self.score_events
        function.uses(storage.decisions, "PutItem")
        function.uses(storage.cooldowns, "GetItem", "BatchGetItem", "PutItem")
        function.uses(storage.signals, "PutItem", "BatchGetItem")
        # what the policy's protections look at; without any it is never read
        function.queries(storage.signals, "by_day", "by_symbol")
        function.uses(storage.bars, "Query", "BatchGetItem")
        function.uses(storage.state, "GetItem")
        # the other symbols of a close, for sets that compare symbols; without any it is never read
        function.queries(storage.events, "by_day")
        # the sets whose closes are decided, and the parking of one
        function.uses(storage.strategies, "Query", "GetItem", "PutItem")
        function.set_environment(
            {
                "AI_ENABLED": settings.ai_enabled,
                "AI_MODEL_PATH": settings.ai_model_address(),
                "DEAD_LETTER_URL": shared.feed.dead_letters.queue_url,
            }
        )
        function.allow_if(
            settings.model_on_s3, "read_model", ["s3:GetObject"], [settings.ai_model_arn()]
        )
        follow_table(
            function,
            storage.events,
            failures=shared.feed.dead_letters,
            only={"eventName": ["INSERT"]},
        )
