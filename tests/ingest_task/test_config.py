"""The environment: complete and sane, or the key is named."""

import re
from pathlib import Path

import pytest
from signalengine_aws.runtime.config import ConfigError

from ingest_task.config import REST_BASE, WS_BASE, read_settings
from ingest_task.health import ALIVE_FILE, healthy
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
    assert (settings.rest_base, settings.ws_base) == (REST_BASE, WS_BASE)
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
def test_what_is_missing_is_named(key: str, value: str | None) -> None:
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
        ("MARKET", "paper"), ("SYMBOLS", "BTC/USDT"), ("SYMBOLS", ","), ("SYMBOLS", "all;"),
        ("BINANCE_REST_BASE", "fapi.binance.com"), ("BINANCE_WS_BASE", "https://x"),
        ("LOG_LEVEL", "LOUD"), ("SYMBOLS", "top:0"), ("SYMBOLS", "top:many"),
        ("STREAMS_PER_CONNECTION", "2000"), ("CONNECTION_LIFETIME_S", "-1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=key):
        read_settings({**GOOD, key: value})


def test_bases_lose_their_trailing_slash() -> None:
    settings = read_settings({**GOOD, "BINANCE_REST_BASE": "http://127.0.0.1:1/"})
    assert settings.rest_base == "http://127.0.0.1:1"


def test_a_task_is_healthy_while_it_touches_its_file(tmp_path: Path) -> None:
    assert not healthy(tmp_path, now=0.0)
    alive = tmp_path / ALIVE_FILE
    alive.touch()
    written = alive.stat().st_mtime
    assert healthy(tmp_path, now=written + 29)
    assert not healthy(tmp_path, now=written + 31)


def test_every_setting_is_in_the_document() -> None:
    source = (ROOT / "ingest_task" / "config.py").read_text()
    names = set(re.findall(r'^    """([A-Z_]+)\b', source, re.M))
    told = (ROOT / "docs" / "feed.md").read_text()
    assert len(names) >= 14
    assert [name for name in sorted(names) if f"`{name}`" not in told] == []
