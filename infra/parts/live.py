"""Live delivery: clients of the WebSocket API."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from .chat import allow_chat, allow_reading
from .data.storage import Tables
from .function import Function
from .mappings import follow_table
from .settings import Settings
from .shared import Shared
from .throttles import REST, Throttle, throttle

STAGE = "live"


PUBLIC_CONNECTIONS = 120

THROTTLES: Final[Mapping[str, Throttle]] = {
    "$connect": Throttle(20, 0.5, burst=200),
    "resume": Throttle(20, 0.2, burst=200),
    "ping": Throttle(50, 1, burst=100),
    "chat": Throttle(2, 0.1, burst=10),
    REST: Throttle(20, 1, burst=200),  # clients that leave, and messages that are no request
}


class Live(Construct):
    """connect_websocket registers and resumes clients, broadcast sends them every message.

    greet_clients registers those that send nothing, once their connection is open.
    answer_chat answers their questions: that may take long, and needs few of the others' rights.
    """

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        storage, settings = shared.storage, shared.settings
        self.connect_websocket = Function(
            self,
            "connect_websocket",
            platform=shared.platform,
            description="Registers WebSocket clients and sends what they missed",
            timeout_s=29,  # API Gateway waits no longer
        )
        self.broadcast = Function(
            self,
            "broadcast",
            platform=shared.platform,
            description="Sends one message to every WebSocket client",
            timeout_s=60,
        )
        self.post_messages = Function(
            self,
            "post_messages",
            platform=shared.platform,
            description="Sends one message to a part of many WebSocket clients",
            timeout_s=30,
            memory_mb=1769,  # one processor: a thousand posts a second
        )
        self.greet_clients = Function(
            self,
            "greet_clients",
            platform=shared.platform,
            description="Registers WebSocket clients that send nothing, and greets them",
            timeout_s=30,  # some of a batch wait 2 s for connections that never open
            memory_mb=256,  # it mostly waits
        )
        self.answer_chat = Function(
            self,
            "answer_chat",
            platform=shared.platform,
            description="Answers free questions of WebSocket clients",
            timeout_s=29,
        )
        self.functions = (
            self.connect_websocket, self.broadcast, self.answer_chat, self.greet_clients,
        )  # fmt: skip
        self.connect_websocket.limit(settings.reserved_concurrency())
        self.answer_chat.limit(settings.reserved_concurrency())
        self.api = _api(self, self.connect_websocket, self.answer_chat, settings)
        self._reach_clients(settings)
        self._connect(storage, settings)
        self._greet(shared)
        self.answer_chat.uses(storage.connections, "Query")
        allow_reading(self.answer_chat, storage)
        allow_chat(self.answer_chat, settings=settings, storage=storage)
        self._post(shared)

    def _connect(self, storage: Tables, settings: Settings) -> None:
        """Permit clients to be registered, counted and resumed."""
        most = settings.where_public(PUBLIC_CONNECTIONS, settings.max_connections)
        self.connect_websocket.set_environment({"MAX_CONNECTIONS": Token.as_string(most)})
        self.connect_websocket.uses(
            storage.connections, "PutItem", "UpdateItem", "DeleteItem", "Query"
        )
        self.connect_websocket.queries(storage.signals, "by_update")

    def _greet(self, shared: Shared) -> None:
        """Follow new connections: $connect cannot post to its own."""
        connections = shared.storage.connections
        self.greet_clients.uses(connections, "GetItem", "UpdateItem", "DeleteItem")
        follow_table(
            self.greet_clients,
            connections,
            failures=shared.feed.dead_letters,
            only={"eventName": ["INSERT"], "dynamodb": {"NewImage": {"pending": {"BOOL": [True]}}}},
        )

    def _post(self, shared: Shared) -> None:
        """Post every message of the topic: broadcast does, or starts post_messages for many."""
        connections = shared.storage.connections
        self.broadcast.uses(connections, "Query", "DeleteItem")
        self.post_messages.uses(connections, "DeleteItem")
        started = self.post_messages.resource.function_arn
        self.broadcast.set_environment({"POST_MESSAGES": started})
        self.broadcast.allow(["lambda:InvokeFunction"], [started])
        # Later is useless: a client that missed a message gets it when it resumes.
        for function in (self.broadcast, self.post_messages):
            function.resource.configure_async_invoke(
                max_event_age=Duration.minutes(1), retry_attempts=2
            )
        shared.topic.add_subscription(subscriptions.LambdaSubscription(self.broadcast.resource))

    def _reach_clients(self, settings: Settings) -> None:
        for function in (self.broadcast, self.post_messages):
            self._reach(function, settings, "POST")
        for function in (self.connect_websocket, self.answer_chat):
            self._reach(function, settings, "POST", "DELETE")
        self._reach(self.greet_clients, settings, "GET", "POST")

    def _reach(self, function: Function, settings: Settings, *methods: str) -> None:
        """Permit calls to clients: POST sends to one, GET finds it, DELETE ends it."""
        stack = Stack.of(self)
        function.set_environment(
            {
                "EXECUTE_API_BASE": settings.execute_api_base,
                "WEBSOCKET_API_ID": self.api.api_id,
                "WEBSOCKET_STAGE": STAGE,
            }
        )
        connections = [
            stack.format_arn(
                service="execute-api",
                resource=self.api.api_id,
                resource_name=f"{STAGE}/{method}/@connections/*",
            )
            for method in methods
        ]
        function.allow(["execute-api:ManageConnections"], connections)


def _api(
    scope: Construct, function: Function, chat: Function, settings: Settings
) -> gateway.WebSocketApi:
    api = gateway.WebSocketApi(
        scope,
        "api",
        description="SignalEngine live",
        connect_route_options=_route(function),
        disconnect_route_options=_route(function),
        default_route_options=_route(function),
    )
    routes = [
        api.add_route(key, integration=_route(answering).integration)
        for key, answering in (("resume", function), ("ping", function), ("chat", chat))
    ]
    stage = gateway.WebSocketStage(
        scope,
        "stage",
        web_socket_api=api,
        stage_name=STAGE,
        auto_deploy=True,
    )
    stage.node.add_dependency(*routes)  # a stage names only routes that exist
    throttle(stage, THROTTLES, settings)
    return api


def _route(function: Function) -> gateway.WebSocketRouteOptions:
    return gateway.WebSocketRouteOptions(
        integration=integrations.WebSocketLambdaIntegration(function.node.id, function.resource)
    )
