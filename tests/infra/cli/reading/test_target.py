"""Selecting the stack: precedence of options, and errors with a fix."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.cli.reading.target import Where, resolve
from infra.errors import CommandError
from infra.local.stack.running import remember
from tests.infra.cli.documents import RUNNING_HERE


def why(where: Where, **env: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        resolve(where, env)
    return caught.value


def test_the_system_running_here_is_the_default(tmp_path: Path) -> None:
    remember(tmp_path, RUNNING_HERE)
    found = resolve(Where(state_dir=tmp_path), {})
    assert (found.name, found.api, found.websocket) == ("local", "http://a", "ws://w")
    assert found.dashboard == "http://d/index.html"


def test_where_none_runs_the_fix_is_named(tmp_path: Path) -> None:
    error = why(Where(state_dir=tmp_path))
    assert "no SignalEngine runs here" in str(error)
    assert "make up" in error.fix
    assert error.code == 1


def test_a_system_that_was_killed_does_not_run(tmp_path: Path) -> None:
    remember(tmp_path, replace(RUNNING_HERE, pid=2**22 + 1))
    assert "no SignalEngine runs here" in str(why(Where(state_dir=tmp_path)))


def test_an_option_counts_more_than_the_environment(tmp_path: Path) -> None:
    remember(tmp_path, RUNNING_HERE)
    env = {"SIGNALENGINE_URL": "http://env/x/", "SIGNALENGINE_TOKEN": "secret"}
    here = Where(state_dir=tmp_path)
    assert resolve(here, env).api == "http://env/x"
    assert resolve(here, env).token == "secret"
    assert resolve(replace(here, stack="local"), env).api == "http://a"
    assert resolve(replace(here, url="https://given"), env).api == "https://given"
    assert resolve(replace(here, token="mine"), env).token == "mine"


def test_two_stacks_at_once_are_wrong_usage() -> None:
    assert why(Where(stack="a", url="http://b")).code == 2


@pytest.mark.parametrize("url", ["example.com", "ftp://x", "http://", "file:///etc/passwd"])
def test_an_invalid_address_is_wrong_usage(url: str) -> None:
    error = why(Where(url=url))
    assert (error.code, "not an address" in str(error)) == (2, True)


def test_a_token_is_in_no_representation(tmp_path: Path) -> None:
    remember(tmp_path, RUNNING_HERE)
    assert "secret" not in repr(resolve(Where(state_dir=tmp_path, token="secret"), {}))
