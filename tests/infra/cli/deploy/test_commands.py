"""The commands deploy and destroy: their options."""

import pytest
import typer

from infra.cli.deploy.commands import _symbols
from tests.infra.cli.conftest import Cli


@pytest.mark.parametrize("text", ["Symbols", "Symbols=" + "BTCUSDT," * 600])
def test_an_invalid_parameter_is_wrong_usage(cli: Cli, text: str) -> None:
    assert cli("deploy", "--parameter", text).code == 2


@pytest.mark.parametrize(
    ("text", "parameter"),
    [("btc,ETH/USDT", "BTCUSDT,ETHUSDT"), ("Top:50", "top:50"), ("ALL", "all"),
     ("1000pepe 币安人生usdt", "1000PEPEUSDT,币安人生USDT")],
)  # fmt: skip
def test_symbols_are_deployed_as_binance_writes_them(text: str, parameter: str) -> None:
    assert _symbols(text) == {"Symbols": parameter, "MoreSymbols": ""}


def test_a_symbol_that_cannot_be_followed_is_wrong_usage() -> None:
    with pytest.raises(typer.BadParameter, match="BTC/EUR is in EUR"):
        _symbols("BTCUSDT,BTC/EUR")


def test_a_list_that_no_parameters_hold_is_wrong_usage() -> None:
    listed = ",".join(f"LONGNAME{number}USDT" for number in range(600))
    with pytest.raises(typer.BadParameter, match=r"parameters hold 8192: follow top:N"):
        _symbols(listed)
