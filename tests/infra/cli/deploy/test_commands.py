"""The commands deploy and destroy: their options."""

import pytest
import typer

from infra.cli.deploy.commands import _symbols
from tests.infra.cli.conftest import Cli


def test_an_invalid_parameter_is_wrong_usage(cli: Cli) -> None:
    assert cli("deploy", "--parameter", "Symbols").code == 2


@pytest.mark.parametrize(
    ("text", "parameter"),
    [("btc,ETH/USDT", "BTCUSDT,ETHUSDT"), ("Top:50", "top:50"), ("ALL", "all"),
     ("1000pepe 币安人生usdt", "1000PEPEUSDT,币安人生USDT")],
)  # fmt: skip
def test_symbols_are_deployed_as_binance_writes_them(text: str, parameter: str) -> None:
    assert _symbols(text) == parameter


def test_a_symbol_that_cannot_be_followed_is_wrong_usage() -> None:
    with pytest.raises(typer.BadParameter, match="BTC/EUR is in EUR"):
        _symbols("BTCUSDT,BTC/EUR")
