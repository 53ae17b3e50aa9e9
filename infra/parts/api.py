"""The HTTP API: stored data as JSON, and the entry point of Telegram's webhook."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Aws, Fn, RemovalPolicy, Token
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct

from .channel import Channel
from .chat import allow_chat
from .data.storage import Tables
from .feed import Feed
from .function import Function, resource_of
from .settings import Settings
from .shared import Shared
from .throttles import REST, Throttle, throttle

PUBLIC_USD_A_DAY = "0.8"
"""What the API's answers may cost where everyone may read."""
THROTTLES: Final[Mapping[str, Throttle]] = {
    REST: Throttle(50, 3, burst=100),
    "POST /telegram": Throttle(10, 1, burst=60),
    "ANY /email/{proxy+}": Throttle(5, 0.02, burst=20),
    "ANY /settings/{proxy+}": Throttle(5, 0.1, burst=20),
    "GET /push/key": Throttle(5, 0.05, burst=20),
    "ANY /push/{proxy+}": Throttle(5, 0.01, burst=20),
}

# One line a request; the names are API Gateway's, which refuses a format without a request id.
LOG_FORMAT = (
    '{"id":"$context.requestId","at":"$context.requestTimeEpoch","ip":"$context.identity.sourceIp",'
    '"route":"$context.routeKey","status":"$context.status","ms":"$context.responseLatency",'
    '"error":"$context.integrationErrorMessage"}'
)


class Api(Construct):
    """serve_api answers what no other function does; unknown paths get 404."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shared: Shared,
        channels: Sequence[Channel],
        bot: Function,
        email: Function,
        push: Function,
        operator: Function,
    ) -> None:
        super().__init__(scope, construct_id)
        self.serve_api = Function(
            self,
            "serve_api",
            platform=shared.platform,
            description="Serves signals, statistics and health",
            timeout_s=29,  # API Gateway waits no longer; a chat may take twenty
        )
        self.serve_api.limit(shared.settings.reserved_concurrency())
        self._read(shared.storage)
        self._read_depths(shared.feed, channels)
        self.secret_arn, self._settings = shared.secrets.api, shared.settings
        self.guard(self.serve_api)
        allow_chat(self.serve_api, settings=shared.settings, storage=shared.storage)
        budget = shared.settings.where_public(PUBLIC_USD_A_DAY, "")
        prometheus = shared.settings.enable_prometheus
        self.serve_api.set_environment(
            {"PUBLIC_USD_A_DAY": Token.as_string(budget), "ENABLE_PROMETHEUS": prometheus}
        )

        self.api = gateway.HttpApi(
            self,
            "api",
            description="SignalEngine",
            create_default_stage=False,
        )
        self._route("/{proxy+}", gateway.HttpMethod.ANY, self.serve_api)
        self._route("/telegram", gateway.HttpMethod.POST, bot)
        self._route("/email/{proxy+}", gateway.HttpMethod.ANY, email)
        self._route("/settings/{proxy+}", gateway.HttpMethod.ANY, operator)
        self._route("/push/key", gateway.HttpMethod.GET, push)
        self._route("/push/{proxy+}", gateway.HttpMethod.ANY, push)
        self.guard(push)
        self._believing = (self.serve_api, operator, push)
        self._stage(shared.settings)

    def believe(self, front_key: str) -> None:
        """Take the viewer's address from requests that have this key: CloudFront's."""
        for function in self._believing:
            function.set_environment({"FRONT_KEY": front_key})

    def _read(self, storage: Tables) -> None:
        """Permit serve_api to read by key or by index, never a whole table."""
        self.serve_api.uses(storage.state, "GetItem", "BatchGetItem")
        self.serve_api.uses(storage.bars, "Query")
        self.serve_api.uses(storage.events, "GetItem", "Query")
        self.serve_api.queries(storage.events, "by_day")
        self.serve_api.uses(storage.decisions, "GetItem", "Query")
        self.serve_api.queries(storage.decisions, "by_day")
        self.serve_api.uses(storage.signals, "GetItem")
        self.serve_api.queries(
            storage.signals, "by_day", "by_symbol", "by_month", "by_open", "by_outbox"
        )
        self.serve_api.uses(storage.performance, "Query")
        self.serve_api.uses(storage.deliveries, "GetItem", "Query")
        self.serve_api.uses(storage.connections, "Query")
        self.serve_api.uses(storage.gaps, "Query")
        self.serve_api.uses(storage.strategies, "GetItem", "Query")

    def _read_depths(self, feed: Feed, channels: Sequence[Channel]) -> None:
        """Permit serve_api to read the depth of the queues, not their messages."""
        queues = {key: queue for channel in channels for key, queue in channel.queues.items()}
        queues |= {"DEAD_LETTER_URL": feed.dead_letters}
        self.serve_api.set_environment({name: queue.queue_url for name, queue in queues.items()})
        arns = [queue.queue_arn for queue in queues.values()]
        self.serve_api.allow(["sqs:GetQueueAttributes"], arns)

    def guard(self, function: Function) -> None:
        """Permit a function to read the API's token, and say whether it may be empty."""
        public = self._settings.public_api
        function.set_environment({"API_SECRET_ARN": self.secret_arn, "PUBLIC_API": public})
        function.reads_secret(self.secret_arn, self._settings.secrets_in)

    def _route(self, path: str, method: gateway.HttpMethod, function: Function) -> None:
        self.api.add_routes(
            path=path,
            methods=[method],
            integration=integrations.HttpLambdaIntegration(function.node.id, function.resource),
        )

    def _stage(self, settings: Settings) -> None:
        log = logs.LogGroup(
            self,
            "log",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        stage = gateway.HttpStage(
            self,
            "stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
        )
        stage.node.add_dependency(self.api)  # a stage names only routes that exist
        throttle(stage, THROTTLES, settings)
        # a refused request has a line too, and nobody limits how many are refused
        logged = {"DestinationArn": log.log_group_arn, "Format": LOG_FORMAT}
        if_wanted = Fn.condition_if(settings.logs_access.logical_id, logged, Aws.NO_VALUE)
        resource_of(stage).add_property_override("AccessLogSettings", if_wanted)
