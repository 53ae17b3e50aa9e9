"""The environment of each function: a typed class, read once at cold start.

A field is the environment variable of the same name in upper case. A variable is declared in one
class; a function's class inherits from those of the variables that it needs. A variable without a
default must be set and not empty, or the function refuses to start and names it. Nothing is read at
import.
"""

import os
from collections.abc import Mapping
from inspect import get_annotations
from typing import TypeVar, dataclass_transform

from signalengine.errors import PermanentError

from .channels import QUEUES


class ConfigError(PermanentError):
    """The environment or a secret is incomplete or invalid; the message names the key."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Environment:
    """Variables by name; read only.

    Type checkers treat it as a frozen dataclass. A real one for each of these classes would take
    several ms of every cold start.
    """

    def __init__(self, **values: str) -> None:
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} is read only")

    def check(self) -> None:
        """Raise ConfigError when a value is invalid."""


# --- variables: each is declared once -----------------------------------------------------------


class StateTable(Environment):
    """Checkpoints of states, the groups of symbols, the heartbeat and the lease."""

    state_table: str


class BarsTable(Environment):
    """Logs of folded bars."""

    bars_table: str


class EventsTable(Environment):
    """Events with the features of their close."""

    events_table: str


class DecisionsTable(Environment):
    """Decisions on scored closes."""

    decisions_table: str


class SignalsTable(Environment):
    """Signals."""

    signals_table: str


class CooldownsTable(Environment):
    """Cooldowns by symbol."""

    cooldowns_table: str


class PerformanceTable(Environment):
    """Sums of closed signals."""

    performance_table: str


class DeliveriesTable(Environment):
    """Deliveries to channels."""

    deliveries_table: str


class SubscriptionsTable(Environment):
    """Subscribed channels and their preferences."""

    subscriptions_table: str


class ConnectionsTable(Environment):
    """WebSocket connections."""

    connections_table: str


class GapsTable(Environment):
    """The feed's ledger of gaps."""

    gaps_table: str


class CallsTable(Environment):
    """Counters of rate-limited calls."""

    calls_table: str


class StrategiesTable(Environment):
    """Parameter sets and their changes."""

    strategies_table: str


class Topic(Environment):
    """SNS topic of openings, closings and statuses."""

    topic_arn: str


class DeadLetters(Environment):
    """Queue of records that could not be processed."""

    dead_letter_url: str


class ChannelQueues(DeadLetters):
    """A queue of messages and its dead letters; its name is before each variable."""

    queue_url: str


class ApiSecret(Environment):
    """Secret with the API's token."""

    api_secret_arn: str
    public_api: str = ""
    """"true": everyone may read, without a token."""


class ChannelsSecret(Environment):
    """The secret with the destinations and the sender of e-mail."""

    channels_secret_arn: str


class DashboardUrl(Environment):
    """Address of the dashboard, which messages link to."""

    dashboard_url: str = ""
    """Empty for none."""


class OperatorSecret(Environment):
    """Secret with the operator's token, which permits changes."""

    operator_secret_arn: str


class CodeVersion(Environment):
    """Version that signals and decisions are stored with."""

    code_version: str


class WebsocketStage(Environment):
    """The stage by which messages are posted to WebSocket clients."""

    websocket_api_id: str
    websocket_stage: str
    execute_api_base: str = ""
    """Address of an emulator's APIs; empty on AWS."""
    aws_region: str = ""


class ConnectionCap(Environment):
    """How many WebSocket connections may be open at a time."""

    max_connections: str

    def check(self) -> None:
        if not (self.max_connections.isascii() and self.max_connections.isdigit()):
            raise ConfigError("MAX_CONNECTIONS is not a whole number")


class PublicAddresses(Environment):
    """Addresses by which clients reach the APIs."""

    http_url: str
    websocket_url: str


class Chat(CallsTable):
    """The chat's models and its counter of calls."""

    ollama_base_url: str = ""
    ollama_model: str = "llama3.2:3b"
    bedrock_model_id: str = ""


# --- functions: the variables that each needs ----------------------------------------------------


class ComputeFeatures(StateTable, BarsTable, EventsTable, StrategiesTable, DeadLetters):
    """Of compute_features."""


class ScoreEvents(
    StateTable, BarsTable, EventsTable, DecisionsTable, SignalsTable, CooldownsTable,
    StrategiesTable, DeadLetters, CodeVersion,
):  # fmt: skip
    """Of score_events."""

    ai_enabled: str = ""
    ai_model_path: str = ""


class TrackSignals(
    StateTable, BarsTable, EventsTable, SignalsTable, PerformanceTable, GapsTable,
    ConnectionsTable, StrategiesTable, SubscriptionsTable, Topic, DeadLetters,
):  # fmt: skip
    """Of track_signals."""


class PublishSignals(SignalsTable, Topic):
    """Of publish_signals."""


class Broadcast(ConnectionsTable, WebsocketStage, ApiSecret):
    """Of broadcast."""

    post_messages: str
    """The function that posts to a part of the clients."""


class PostMessages(ConnectionsTable, WebsocketStage):
    """Of post_messages."""


class GreetClients(ConnectionsTable, WebsocketStage, ApiSecret):
    """Of greet_clients."""


class ConnectWebsocket(
    ConnectionsTable, SignalsTable, WebsocketStage, ApiSecret, ConnectionCap,
):  # fmt: skip
    """Of connect_websocket."""


class Reading(
    StateTable, BarsTable, SignalsTable, DecisionsTable, PerformanceTable, StrategiesTable,
    CodeVersion,
):  # fmt: skip
    """Of every function that answers questions: the tables of `api.reading`."""


class AnswerChat(Reading, ConnectionsTable, CallsTable, WebsocketStage, ApiSecret):
    """Of answer_chat."""


class FrontKey(Environment):
    """Of functions that show it to the API, or look for it."""

    front_key: str = ""
    """What CloudFront and the probe show to the API; empty without CloudFront."""


class ServeApi(
    StateTable, BarsTable, EventsTable, DecisionsTable, SignalsTable, PerformanceTable,
    DeliveriesTable, ConnectionsTable, GapsTable, StrategiesTable, CallsTable, DeadLetters,
    ApiSecret, CodeVersion, FrontKey,
):  # fmt: skip
    """Of serve_api."""

    public_usd_a_day: str = ""
    """What answers may cost a day where everyone may read; empty for no limit."""
    enable_prometheus: str = "true"
    """false: /metrics does not answer."""
    aws_endpoint_url: str = ""
    """Address of an emulator; empty on AWS."""


class ChangeSettings(
    StateTable, BarsTable, SignalsTable, StrategiesTable, SubscriptionsTable, DeliveriesTable,
    CallsTable, OperatorSecret, CodeVersion, FrontKey,
):  # fmt: skip
    """Of change_settings."""

    alarms_prefix: str = ""
    """What the names of the stack's alarms begin with; empty where there are none."""


class DeploySite(Environment):
    """Of deploy_site."""

    site_bucket: str


class ProbeService(StateTable, PublicAddresses, ApiSecret, FrontKey):
    """Of probe_service."""


T = TypeVar("T", bound=Environment)


def load(shape: type[T], environ: Mapping[str, str] | None = None, *, before: str = "") -> T:
    """Read a function's environment; raises ConfigError that names every missing variable.

    `before` is what the variables begin with, and the fields do not.
    """
    source = os.environ if environ is None else environ
    keys = {name: (before + name).upper() for name in names(shape)}
    values = {name: source[key] for name, key in keys.items() if source.get(key)}
    missing = [key for name, key in keys.items() if name not in values and not hasattr(shape, name)]
    if missing:
        raise ConfigError(f"{shape.__name__} cannot start without {', '.join(sorted(missing))}")
    environment = shape(**values)
    environment.check()
    return environment


def channel_queues(environ: Mapping[str, str] | None = None) -> dict[str, ChannelQueues]:
    """Read the queues of all channels, by the queue's name."""
    return {name: load(ChannelQueues, environ, before=f"{name}_") for name in QUEUES}


def names(shape: type[Environment]) -> set[str]:
    """Return the fields of a class, its bases' included."""
    return {name for base in shape.__mro__ for name in get_annotations(base)}
