"""The environment of each function: one frozen dataclass a function, read once at cold start.

A field is the environment variable of the same name in upper case. A field without a default must
be set and not empty, or the function refuses to start and says which key it lacks. Nothing is read
at import.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from signalengine.errors import PermanentError


class ConfigError(PermanentError):
    """The environment lacks something; the message names the key."""


@dataclass(frozen=True, slots=True)
class ComputeFeatures:
    state_table: str
    bars_table: str
    events_table: str
    dead_letter_url: str


@dataclass(frozen=True, slots=True)
class ScoreEvents:
    bars_table: str
    decisions_table: str
    signals_table: str
    cooldowns_table: str
    code_version: str
    ai_enabled: str = ""
    ai_model_path: str = ""


@dataclass(frozen=True, slots=True)
class TrackSignals:
    state_table: str
    bars_table: str
    events_table: str
    signals_table: str
    performance_table: str
    gaps_table: str
    connections_table: str
    topic_arn: str
    dead_letter_url: str


@dataclass(frozen=True, slots=True)
class PublishSignals:
    signals_table: str
    topic_arn: str


@dataclass(frozen=True, slots=True)
class Broadcast:
    connections_table: str
    websocket_api_id: str
    websocket_stage: str
    api_secret_arn: str
    execute_api_base: str = ""
    aws_region: str = ""


@dataclass(frozen=True, slots=True)
class ConnectWebsocket:
    connections_table: str
    signals_table: str
    websocket_api_id: str
    websocket_stage: str
    api_secret_arn: str
    execute_api_base: str = ""
    aws_region: str = ""


@dataclass(frozen=True, slots=True)
class ServeApi:
    state_table: str
    bars_table: str
    events_table: str
    decisions_table: str
    signals_table: str
    performance_table: str
    deliveries_table: str
    connections_table: str
    gaps_table: str
    telegram_queue_url: str
    telegram_dead_letter_url: str
    dead_letter_url: str
    api_secret_arn: str
    code_version: str
    aws_endpoint_url: str = ""
    """An emulator's; empty on AWS."""


@dataclass(frozen=True, slots=True)
class Chat:
    """What every function that chats needs beside its own environment."""

    calls_table: str
    ollama_base_url: str = ""
    ollama_model: str = "llama3.2:3b"
    bedrock_model_id: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What answering questions takes: the tables behind the HTTP API's words."""

    state_table: str
    signals_table: str
    decisions_table: str
    performance_table: str
    code_version: str


@dataclass(frozen=True, slots=True)
class AnswerChat:
    state_table: str
    signals_table: str
    decisions_table: str
    performance_table: str
    calls_table: str
    code_version: str
    websocket_api_id: str
    websocket_stage: str
    api_secret_arn: str
    execute_api_base: str = ""
    aws_region: str = ""


_T = TypeVar("_T")


def load(shape: type[_T], environ: Mapping[str, str] | None = None) -> _T:
    """Read a configuration dataclass; raises ConfigError naming every missing key."""
    source = os.environ if environ is None else environ
    values: dict[str, str] = {}
    missing: list[str] = []
    for field in fields(shape):  # type: ignore[arg-type]  # a type variable cannot say "dataclass"
        key = field.name.upper()
        value = source.get(key, "")
        if value:
            values[field.name] = value
        elif _required(field):
            missing.append(key)
    if missing:
        raise ConfigError(f"{shape.__name__} cannot start without {', '.join(missing)}")
    return shape(**values)


def _required(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
