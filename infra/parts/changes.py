"""What the operator's token permits: sets in shadow, subscribers, and the states of alarms."""

from aws_cdk import Aws, Fn, Stack
from constructs import Construct

from .channels import COUNTED
from .function import Function
from .shared import Shared

NAME = "change_settings"


class Changes(Construct):
    """change_settings, which the HTTP API starts; serve_api has no right to write because of it."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        self.secret_arn = shared.secrets.operator
        self.change_settings = Function(
            self,
            NAME,
            platform=shared.platform,
            description="Changes what the operator's token permits",
            timeout_s=29,  # API Gateway waits no longer; a preview begins no symbol after fifteen
            memory_mb=1024,  # a preview folds a week of bars
        )
        function, storage = self.change_settings, shared.storage
        function.limit(shared.settings.reserved_concurrency())
        function.set_environment({"OPERATOR_SECRET_ARN": self.secret_arn})
        function.reads_secret(self.secret_arn, shared.settings.secrets_in)
        function.uses(storage.strategies, "GetItem", "Query", "PutItem")
        function.uses(storage.state, "GetItem")
        function.uses(storage.bars, "Query")
        function.queries(storage.signals, "by_symbol")
        function.uses(storage.subscriptions, "GetItem", "Query", "PutItem", "DeleteItem")
        function.uses(storage.subscriptions, "UpdateItem", keys=(COUNTED,))  # of an address less
        function.uses(storage.deliveries, "Query")
        function.uses(storage.calls, "UpdateItem")
        self._see_alarms(shared)

    def _see_alarms(self, shared: Shared) -> None:
        """Permit to read the alarms, where there are any; AWS offers no right by name for it."""
        on_aws = shared.settings.on_aws
        prefix = Fn.condition_if(on_aws.logical_id, f"{Stack.of(self).stack_name}-", "")
        self.change_settings.set_environment({"ALARMS_PREFIX": prefix.to_string()})
        every = f"arn:{Aws.PARTITION}:cloudwatch:{Aws.REGION}:{Aws.ACCOUNT_ID}:alarm:*"
        self.change_settings.allow_if(on_aws, "see_alarms", ["cloudwatch:DescribeAlarms"], [every])
