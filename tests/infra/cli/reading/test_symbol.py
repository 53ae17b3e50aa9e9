"""The symbol of a reading command, as people write it."""

import json

import pytest

from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import SYMBOLS, page
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket
COMMANDS = ("signals", "events", "decisions", "performance")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("text", ["btc", "BTC/USDT", "BINANCE:BTCUSDT.P", "$btc", "btcusdt,"])
def test_a_followed_symbol_is_requested_by_its_name(
    command: str, text: str, cli: Cli, stack: Stack
) -> None:
    run_ok(cli, stack, command, "--symbol", text)
    asked = [query["symbol"] for path, query in stack.requests if path == f"/{command}"]
    assert asked == ["BTCUSDT"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_symbol_that_is_not_followed_is_wrong_usage(command: str, cli: Cli, stack: Stack) -> None:
    for name in ("signals", "events", "decisions"):
        stack.documents[f"/{name}"] = page(name, [])
    stack.documents["/performance"] |= {"by_symbol": []}
    result = cli(command, "--symbol", "BTCC", "--url", stack.url)
    assert result.code == 2
    assert "BTCC is not followed. Did you mean BTCUSDT?" in result.err


def test_a_symbol_that_is_not_followed_any_more_has_its_signals(cli: Cli, stack: Stack) -> None:
    stack.documents["/symbols"] = SYMBOLS | {"symbols": ["ETHUSDT"]}
    found = json.loads(run_ok(cli, stack, "signals", "--symbol", "btc", "--json").out)
    assert found["count"]
    assert stack.requests[-1][1]["symbol"] == "BTCUSDT"


def test_what_is_no_symbol_is_refused_without_a_list(cli: Cli, stack: Stack) -> None:
    result = cli("signals", "--symbol", "BTC/EUR", "--url", stack.url)
    assert (result.code, stack.requests[1:]) == (2, [])
    assert "--symbol: BTC/EUR is in EUR: only USDT and USDC are read" in result.err


def test_another_quote_that_is_followed_too_is_mentioned(cli: Cli, stack: Stack) -> None:
    stack.documents["/symbols"] = SYMBOLS | {"symbols": ["BTCUSDC", "BTCUSDT"]}
    result = run_ok(cli, stack, "signals", "--symbol", "btc", "--json")
    assert result.err == "Read as BTCUSDT; BTCUSDC is followed too.\n"
    json.loads(result.out)


def test_a_symbol_that_is_not_followed_is_not_watched(cli: Cli, stack: Stack) -> None:
    result = cli("signals", "--watch", "--symbol", "FOO", "--url", stack.url)
    assert result.code == 2
    assert "FOO is not followed; followed are: BTCUSDT, ETHUSDT, SOLUSDT." in result.err
