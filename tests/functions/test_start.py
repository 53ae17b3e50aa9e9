"""Functions start with their whole environment or not at all."""

from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from signalengine_aws.runtime.config import ConfigError

from tests.aws.world import QUEUES, World, kinesis_event, stream_event
from tests.functions.conftest import forget_processes

RESUME = {
    "requestContext": {"routeKey": "$connect", "connectionId": "me"},
}
HEALTH = {
    "version": "2.0",
    "rawPath": "/health",
    "requestContext": {"http": {"method": "GET", "path": "/health"}, "stage": "$default"},
    "headers": {},
}
KEY = {**HEALTH, "rawPath": "/push/key"}
CHAT = {"requestContext": {"routeKey": "chat", "connectionId": "me"}, "body": "{"}
OPENED = {
    "eventName": "INSERT",
    "dynamodb": {"NewImage": {"signal_id": {"S": "none"}, "updated_at": {"N": "1"}}},
}
NEEDS: dict[str, tuple[Any, set[str]]] = {
    "compute_features": (
        kinesis_event(),
        {"STATE_TABLE", "BARS_TABLE", "EVENTS_TABLE", "STRATEGIES_TABLE", "DEAD_LETTER_URL"},
    ),
    "track_signals": (
        kinesis_event(),
        {
            "STATE_TABLE", "BARS_TABLE", "EVENTS_TABLE", "SIGNALS_TABLE", "PERFORMANCE_TABLE",
            "GAPS_TABLE", "CONNECTIONS_TABLE", "STRATEGIES_TABLE", "SUBSCRIPTIONS_TABLE",
            "TOPIC_ARN", "DEAD_LETTER_URL",
        },
    ),
    "publish_signals": (stream_event([OPENED]), {"SIGNALS_TABLE", "TOPIC_ARN"}),
    "serve_api": (
        HEALTH,
        {
            "STATE_TABLE", "BARS_TABLE", "EVENTS_TABLE", "DECISIONS_TABLE", "SIGNALS_TABLE",
            "PERFORMANCE_TABLE", "DELIVERIES_TABLE", "CONNECTIONS_TABLE", "GAPS_TABLE",
            "CALLS_TABLE", "STRATEGIES_TABLE",
            *QUEUES, "DEAD_LETTER_URL", "API_SECRET_ARN", "CODE_VERSION",
        },
    ),
    "answer_push": (
        KEY, {"SUBSCRIPTIONS_TABLE", "CALLS_TABLE", "STATE_TABLE", "API_SECRET_ARN"},
    ),
    "score_events": (
        stream_event([]),
        {
            "STATE_TABLE", "BARS_TABLE", "EVENTS_TABLE", "DECISIONS_TABLE", "SIGNALS_TABLE",
            "COOLDOWNS_TABLE", "STRATEGIES_TABLE", "DEAD_LETTER_URL", "CODE_VERSION",
        },
    ),
    "broadcast": (
        {"Records": []},
        {
            "CONNECTIONS_TABLE", "WEBSOCKET_API_ID", "WEBSOCKET_STAGE", "API_SECRET_ARN",
            "POST_MESSAGES",
        },
    ),
    "greet_clients": (
        {"Records": []},
        {"CONNECTIONS_TABLE", "WEBSOCKET_API_ID", "WEBSOCKET_STAGE", "API_SECRET_ARN"},
    ),
    "post_messages": (
        {"data": "{}", "clients": []},
        {"CONNECTIONS_TABLE", "WEBSOCKET_API_ID", "WEBSOCKET_STAGE"},
    ),
    "answer_chat": (
        CHAT,
        {
            "STATE_TABLE", "BARS_TABLE", "SIGNALS_TABLE", "DECISIONS_TABLE", "PERFORMANCE_TABLE",
            "CALLS_TABLE", "CODE_VERSION", "WEBSOCKET_API_ID", "WEBSOCKET_STAGE", "API_SECRET_ARN",
            "CONNECTIONS_TABLE", "STRATEGIES_TABLE",
        },
    ),
    "connect_websocket": (
        RESUME,
        {
            "CONNECTIONS_TABLE", "SIGNALS_TABLE", "WEBSOCKET_API_ID", "WEBSOCKET_STAGE",
            "API_SECRET_ARN", "MAX_CONNECTIONS",
        },
    ),
}  # fmt: skip


def module(name: str) -> ModuleType:
    return import_module(f"functions.{name}.handler")


@pytest.mark.parametrize("name", NEEDS)
def test_a_function_runs_with_exactly_what_it_needs(
    world: World, context: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    event, needs = NEEDS[name]
    for key in set(world.environment) - needs:
        if not key.startswith("POWERTOOLS"):
            monkeypatch.delenv(key)
    forget_processes()
    module(name).handler(event, context)


@pytest.mark.parametrize(("name", "key"), [(n, key) for n in NEEDS for key in sorted(NEEDS[n][1])])
def test_a_function_refuses_to_start_without_a_key_and_names_it(
    world: World, context: Any, monkeypatch: pytest.MonkeyPatch, name: str, key: str
) -> None:
    event, _ = NEEDS[name]
    monkeypatch.setenv(key, "")
    forget_processes()
    with pytest.raises(ConfigError, match=key):
        module(name).handler(event, context)


@pytest.mark.parametrize("key", ["POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"])
def test_no_function_runs_unnamed(
    world: World, context: Any, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.delenv(key)
    with pytest.raises(ConfigError, match=key):
        module("compute_features").handler(kinesis_event(), context)
