"""The commands deploy and destroy: their options."""

import pytest
import typer

from infra.cli.deploy.commands import _count, _parameters, _symbols
from tests.infra.cli.conftest import Cli


@pytest.mark.parametrize("text", ["Symbols", "Symbols=" + "BTCUSDT," * 600])
def test_an_invalid_parameter_is_wrong_usage(cli: Cli, text: str) -> None:
    assert cli("deploy", "--parameter", text).code == 2


def test_a_parameter_that_the_stack_has_not_is_wrong_usage() -> None:
    """The CDK would pass over it."""
    with pytest.raises(typer.BadParameter, match="did you mean LogLevel"):
        _parameters("", None, "", ["Loglevel=DEBUG"])


@pytest.mark.parametrize(
    ("text", "parameter"),
    [("btc,ETH/USDT", "BTCUSDT,ETHUSDT"), ("Top:50", "top:50"), ("ALL", "all"),
     ("1000pepe 币安人生usdt", "1000PEPEUSDT,币安人生USDT")],
)  # fmt: skip
def test_symbols_are_deployed_as_binance_writes_them(text: str, parameter: str) -> None:
    assert _symbols(text) == {"Symbols": parameter, "MoreSymbols": ""}


@pytest.mark.parametrize(
    ("text", "why"),
    [("BTCUSDT,BTC/EUR", "BTC/EUR is in EUR"), ("top:", "like top:50"), ("top:ten", "like top:50"),
     ("TOP:0", "like top:50")],
)  # fmt: skip
def test_a_symbol_that_cannot_be_followed_is_wrong_usage(text: str, why: str) -> None:
    with pytest.raises(typer.BadParameter, match=why):
        _symbols(text)


def test_a_list_that_no_parameters_hold_is_wrong_usage() -> None:
    listed = ",".join(f"LONGNAME{number}USDT" for number in range(600))
    with pytest.raises(typer.BadParameter, match=r"parameters hold 8192: follow top:N"):
        _symbols(listed)


@pytest.mark.parametrize(
    ("public", "ingest", "pairs", "given"),
    [
        (None, "", [], {}),
        (True, "", [], {"PublicApi": "true"}),
        (None, "on-demand", [], {"IngestCapacity": "on-demand"}),
        (False, "", ["LogLevel=DEBUG", "OllamaBaseUrl="],
         {"PublicApi": "false", "LogLevel": "DEBUG", "OllamaBaseUrl": ""}),
        (True, "", ["PublicApi=false"], {"PublicApi": "false"}),
    ],
)  # fmt: skip
def test_what_is_not_given_stays_as_it_is_deployed(
    public: bool | None, ingest: str, pairs: list[str], given: dict[str, str]
) -> None:
    assert _parameters("", public, ingest, pairs) == given


def test_a_capacity_is_one_of_two() -> None:
    with pytest.raises(typer.BadParameter, match="write spot or on-demand"):
        _parameters("", None, "Spot", [])


@pytest.mark.parametrize(
    ("symbols", "count"), [("", None), ("all", None), ("top:50", 50), ("btc, eth", 2)]
)
def test_a_dry_run_estimates_the_cost_of_what_it_would_follow(
    symbols: str, count: int | None
) -> None:
    assert _count(symbols) == count
