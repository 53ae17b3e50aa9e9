"""Naming a signal: a whole id, its beginning, or latest."""

import pytest

from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import (
    OPEN,
)
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize("name", ["latest", OPEN.signal_id[:5], OPEN.signal_id.upper()])
def test_a_signal_may_be_named_by_less_than_its_id(name: str, cli: Cli, stack: Stack) -> None:
    assert "SOLUSDT" in run_ok(cli, stack, "explain", name).out


def test_an_ambiguous_beginning_is_refused(cli: Cli, stack: Stack) -> None:
    stack.documents["/signals"]["signals"] = [{"id": f"abcd{n:020}"} for n in range(3)]
    result = cli("explain", "abcd", "--url", stack.url)
    assert (result.code, result.out) == (2, "")
    assert "3 signals begin with abcd" in result.err


def test_an_unknown_beginning_is_reported(cli: Cli, stack: Stack) -> None:
    result = cli("explain", "bbbb", "--url", stack.url)
    assert result.code == 1
    assert "give the whole id" in result.err


def test_a_text_that_is_no_id_is_wrong_usage(cli: Cli, stack: Stack) -> None:
    result = cli("explain", "BTCUSDT", "--url", stack.url)
    assert result.code == 2
    assert "is not a signal id" in result.err
