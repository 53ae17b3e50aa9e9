"""The commands deploy and destroy: their options."""

from tests.infra.cli.conftest import Cli


def test_an_invalid_parameter_is_wrong_usage(cli: Cli) -> None:
    assert cli("deploy", "--parameter", "Symbols").code == 2
