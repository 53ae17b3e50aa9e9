"""The environment: complete and right, or the variable is named."""

from pathlib import Path

import pytest
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine_aws.runtime.config import ConfigError

from ingest_task.config import read_settings, variables
from ingest_task.universe import Selection
from tests.paths import ROOT

GOOD = {
    "FEED_STREAM": "feed", "SYMBOLS": "btcusdt, ETHUSDT,BTCUSDT", "MARKET": "live",
    "SPOOL_DIR": "/spool", "AWS_REGION": "ap-northeast-1",
}  # fmt: skip


def test_a_complete_environment_is_read_with_binance_as_the_default() -> None:
    settings = read_settings(GOOD)
    assert settings.symbols == Selection(("BTCUSDT", "ETHUSDT"))
    assert (settings.feed_stream, settings.market) == ("feed", "live")
    assert settings.exchange is BINANCE
    assert settings.rest_base == BINANCE.rest_base.default == "https://fapi.binance.com"
    assert settings.ws_base == BINANCE.ws_base.default == "wss://fstream.binance.com"
    assert (settings.per_connection, settings.lifetime_s) == (200, 82_800)
    assert settings.spool_dir == Path("/spool")
    assert (settings.log_level, settings.task_name) == ("INFO", "ingest")


@pytest.mark.parametrize(
    ("text", "selection"),
    [("all", Selection()), ("ALL ", Selection()), ("top:50", Selection(top=50))],
)
def test_symbols_may_be_ranked(text: str, selection: Selection) -> None:
    assert read_settings({**GOOD, "SYMBOLS": text}).symbols == selection


@pytest.mark.parametrize("key", sorted(GOOD))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_variable_is_named(key: str, value: str | None) -> None:
    environ = {name: text for name, text in GOOD.items() if name != key}
    if value is not None:
        environ[key] = value
    with pytest.raises(ConfigError, match=key):
        read_settings(environ)


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(ConfigError, match="FEED_STREAM, SYMBOLS, MARKET, SPOOL_DIR, AWS_REGION"):
        read_settings({})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MARKET", "paper"), ("SYMBOLS", "BTC/EUR"), ("SYMBOLS", ","), ("SYMBOLS", "all;"),
        ("SYMBOLS", "BTCUSD_PERP"), ("SYMBOLS", "BTCUSDT,top:3"),
        ("BINANCE_REST_BASE", "fapi.binance.com"), ("BINANCE_WS_BASE", "https://x"),
        ("LOG_LEVEL", "LOUD"), ("SYMBOLS", "top:0"), ("SYMBOLS", "top:many"),
        ("STREAMS_PER_CONNECTION", "2000"), ("STREAMS_PER_CONNECTION", "3"),
        ("CONNECTION_LIFETIME_S", "-1"), ("CONNECTION_LIFETIME_S", "86401"),
        ("EXCHANGE", "nowhere"), ("METRICS_PORT", "65536"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_named(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=key):
        read_settings({**GOOD, key: value})


def test_bases_lose_their_trailing_slash() -> None:
    settings = read_settings({**GOOD, "BINANCE_REST_BASE": "http://127.0.0.1:1/"})
    assert settings.rest_base == "http://127.0.0.1:1"


def test_an_empty_variable_is_its_default_and_the_region_has_two_names() -> None:
    given = {key: value for key, value in GOOD.items() if key != "AWS_REGION"}
    settings = read_settings({**given, "AWS_DEFAULT_REGION": "eu-central-1", "LOG_LEVEL": ""})
    assert (settings.aws_region, settings.log_level) == ("eu-central-1", "INFO")


def test_every_setting_is_in_the_document() -> None:
    names = variables(BINANCE).values()
    text = (ROOT / "docs" / "feed.md").read_text()
    assert len(set(names)) == len(names) >= 15
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
