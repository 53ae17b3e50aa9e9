"""The commands deploy and destroy: their options."""

from tests.infra.cli.conftest import Cli


def test_a_parameter_that_is_none_is_wrong_usage(cli: Cli) -> None:
    assert cli("deploy", "--parameter", "Symbols").code == 2
