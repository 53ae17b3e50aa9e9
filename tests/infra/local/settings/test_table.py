"""The list of settings: its defaults are those of the parts that use them."""

import json
import re
from importlib.resources import files

import pytest
from signalengine.exchanges.registry import DEFAULT, EXCHANGES
from signalengine_aws.channels.telegram.client import API_BASE
from signalengine_aws.channels.telegram.config import LOWEST_RATE, SendTelegram
from signalengine_aws.runtime.config import Chat

from infra.local.settings.table import SECTIONS, UNUSED, VARIABLES, Variable
from infra.names import REGION
from ingest_task.config import read_settings

VERSION_3 = {
    "LOG_LEVEL", "SQLITE_DB_NAME", "REDIS_URL", "SIGNAL_SCORE_THRESHOLD",
    "SIGNAL_COOLDOWN_SECONDS", "SIGNAL_QUEUE_SIZE", "SIGNAL_TP_MULTIPLIER",
    "SIGNAL_SL_MULTIPLIER", "SIGNAL_TTL_SECONDS", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID",
    "TELEGRAM_RATE_LIMIT", "AI_ENABLED", "AI_MODEL_PATH", "OLLAMA_BASE_URL", "OLLAMA_MODEL",
    "MONITOR_INTERVAL", "ENABLE_PROMETHEUS", "NEXT_PUBLIC_API_URL",
}  # fmt: skip
"""Every variable that version 3 documented."""


def test_each_variable_of_version_3_is_there() -> None:
    earlier = {one.name for one in VARIABLES.values() if one.earlier}
    unused = {one.name for one in UNUSED}
    assert earlier | unused == VERSION_3
    assert not unused & VARIABLES.keys()


def test_each_variable_is_there_once_and_has_a_sentence() -> None:
    everything = [one for section in SECTIONS for one in section.variables]
    assert len(everything) == len(VARIABLES)
    assert all(re.fullmatch(r"[A-Z].*\.", one.help) for one in everything)


@pytest.mark.parametrize("one", VARIABLES.values(), ids=lambda one: one.name)
def test_a_default_is_a_value_that_can_be(one: Variable) -> None:
    if one.default:
        one.read(one.default)


def test_the_defaults_of_the_policy_are_its_numbers() -> None:
    policy = json.loads(files("signalengine").joinpath("policy.json").read_text(encoding="utf-8"))
    replaced = {one.policy: float(one.default) for one in VARIABLES.values() if one.policy}
    assert replaced == {field: policy[field] for field in replaced}


def test_the_defaults_of_the_feed_are_those_of_the_ingest_task() -> None:
    needed = {
        "FEED_STREAM": "f", "SYMBOLS": "all", "MARKET": "live", "SPOOL_DIR": "s", "AWS_REGION": "r",
    }  # fmt: skip
    settings = read_settings(needed)
    assert VARIABLES["BINANCE_REST_BASE"].default == EXCHANGES[DEFAULT].rest_base.default
    assert VARIABLES["BINANCE_WS_BASE"].default == EXCHANGES[DEFAULT].ws_base.default
    assert {
        "LOG_LEVEL": settings.log_level,
        "METRICS_PORT": str(settings.metrics_port),
        "METRICS_BIND": settings.metrics_bind,
        "STREAMS_PER_CONNECTION": str(settings.per_connection),
        "CONNECTION_LIFETIME_S": str(settings.lifetime_s),
    }.items() <= {name: one.default for name, one in VARIABLES.items()}.items()


def test_the_defaults_of_the_functions_are_theirs() -> None:
    assert VARIABLES["TELEGRAM_API_BASE"].default == API_BASE
    assert VARIABLES["TELEGRAM_RATE_LIMIT"].default == SendTelegram.telegram_rate_limit
    assert VARIABLES["TELEGRAM_RATE_LIMIT"].read(str(LOWEST_RATE)) == LOWEST_RATE
    assert VARIABLES["OLLAMA_MODEL"].default == Chat.ollama_model
    assert VARIABLES["SIGNALENGINE_REGION"].default == REGION
