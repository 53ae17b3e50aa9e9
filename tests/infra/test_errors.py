"""The error of commands."""

from infra.errors import PROBLEM, USAGE, CommandError


def test_a_command_error_has_its_reason_its_remedy_and_its_exit_code() -> None:
    error = CommandError("no stack", "deploy one", USAGE)
    assert (str(error), error.fix, error.code) == ("no stack", "deploy one", USAGE)
    assert CommandError("no stack").code == PROBLEM
