"""Which stack is meant, and what is said when it is not there, or does not want to talk."""

import json
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from infra.cli.reading.target import Where, resolve
from infra.errors import CommandError
from infra.local.stack.running import Addresses, Running, remember
from tests.infra.cli.conftest import Cli
from tests.infra.cli.stand_in import Stack

NOTE = Running(
    os.getpid(), 1_747_656_000_000, "recording", "60",
    Addresses("http://d/index.html", "http://a", "ws://w", None, None, "http://aws"), {},
)  # fmt: skip


def why(where: Where, **env: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        resolve(where, env)
    return caught.value


def test_the_system_running_here_is_meant_when_nothing_is_said(tmp_path: Path) -> None:
    remember(tmp_path, NOTE)
    found = resolve(Where(state_dir=tmp_path), {})
    assert (found.name, found.api, found.websocket) == ("local", "http://a", "ws://w")
    assert found.dashboard == "http://d/index.html"


def test_where_none_runs_the_fix_is_named(tmp_path: Path) -> None:
    error = why(Where(state_dir=tmp_path))
    assert "no SignalEngine runs here" in str(error)
    assert "make up" in error.fix
    assert error.code == 1


def test_a_system_that_was_killed_does_not_run(tmp_path: Path) -> None:
    remember(tmp_path, replace(NOTE, pid=2**22 + 1))
    assert "no SignalEngine runs here" in str(why(Where(state_dir=tmp_path)))


def test_an_option_counts_more_than_the_environment(tmp_path: Path) -> None:
    remember(tmp_path, NOTE)
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
def test_what_is_no_address_is_wrong_usage(url: str) -> None:
    error = why(Where(url=url))
    assert (error.code, "no address" in str(error)) == (2, True)


def test_a_token_is_in_no_representation(tmp_path: Path) -> None:
    remember(tmp_path, NOTE)
    assert "secret" not in repr(resolve(Where(state_dir=tmp_path, token="secret"), {}))


@pytest.mark.enable_socket
class TestRefusals:
    """Every way a stack may not answer."""

    def test_nobody_listens(self, cli: Cli) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            result = cli("status", "--url", f"http://127.0.0.1:{free.getsockname()[1]}")
        assert (result.code, result.out) == (1, "")
        assert "does not answer: [Errno 111] Connection refused" in result.err
        assert "make up" in result.err

    def test_no_stack_here(self, cli: Cli, tmp_path: Path) -> None:
        result = cli("signals", "--state-dir", str(tmp_path))
        assert result.code == 1
        assert f"no SignalEngine runs here with --state-dir {tmp_path}" in result.err

    def test_a_token_is_wanted(self, cli: Cli, stack: Stack) -> None:
        stack.token = "right"
        result = cli("symbols", "--url", stack.url)
        assert result.code == 1
        assert "wants a token" in result.err
        assert "SIGNALENGINE_TOKEN" in result.err

    def test_a_wrong_token_is_not_repeated(self, cli: Cli, stack: Stack) -> None:
        stack.token = "right"
        result = cli("symbols", "--url", stack.url, "--token", "wrong-one")
        assert (result.code, "the token is not accepted" in result.err) == (1, True)
        assert "wrong-one" not in result.err + result.out

    def test_the_right_token_opens(self, cli: Cli, stack: Stack) -> None:
        stack.token = "right"
        assert cli("symbols", "--url", stack.url, "--token", "right").code == 0

    @pytest.mark.parametrize("status", [400, 422])
    def test_a_parameter_that_is_refused_is_wrong_usage(
        self, status: int, cli: Cli, stack: Stack
    ) -> None:
        stack.refuse("/events", status, "type: expected one of ema_cross, volume_spike")
        result = cli("events", "--type", "nonsense", "--url", stack.url)
        assert result.code == 2
        assert "type: expected one of ema_cross" in result.err

    def test_a_signal_that_is_not_there(self, cli: Cli, stack: Stack) -> None:
        stack.refuse(f"/signals/{'f' * 24}", 404, "signal_id: no such signal")
        result = cli("explain", "f" * 24, "--url", stack.url)
        assert (result.code, "no such signal" in result.err) == (1, True)

    def test_an_older_stack_is_told_from_a_wrong_address(self, cli: Cli, stack: Stack) -> None:
        del stack.documents["/top"]
        result = cli("top", "--url", stack.url)
        assert result.code == 1
        assert "the stack has no /top" in result.err
        assert "deploy it anew" in result.err

    def test_what_passes_is_tried_again(self, cli: Cli, stack: Stack) -> None:
        stack.refuse("/symbols", 503, "try again", times=2)
        assert cli("symbols", "--url", stack.url).code == 0
        assert len(stack.requests) == 3

    def test_what_does_not_pass_is_told(self, cli: Cli, stack: Stack) -> None:
        stack.refuse("/symbols", 429, "slower, please", times=9, **{"Retry-After": "0"})
        result = cli("symbols", "--url", stack.url)
        assert (result.code, "asked too often: slower, please" in result.err) == (1, True)

    def test_a_redirect_is_not_followed_with_the_token(self, cli: Cli, stack: Stack) -> None:
        stack.refuse("/symbols", 302, Location="/stage/health")
        result = cli("symbols", "--url", stack.url, "--token", "secret")
        assert (result.code, "sends elsewhere (302)" in result.err) == (1, True)
        assert [path for path, _ in stack.requests] == ["/symbols"]

    def test_a_page_instead_of_the_api(self, cli: Cli, stack: Stack) -> None:
        stack.texts["/symbols"] = "<!doctype html>"
        result = cli("symbols", "--url", stack.url)
        assert result.code == 1
        assert "did not answer JSON" in result.err
        assert "HttpUrl" in result.err

    def test_hostile_words_of_an_error_do_nothing(self, cli: Cli, stack: Stack) -> None:
        stack.refuse("/symbols", 400, "bad \x1b[2J[red]x[/]")
        result = cli("symbols", "--url", stack.url)
        assert "\x1b" not in result.err
        assert "[red]x[/]" in result.err

    def test_open_prints_the_address_of_a_page(self, cli: Cli, tmp_path: Path) -> None:
        remember(tmp_path, NOTE)
        here = ("--state-dir", str(tmp_path))
        signal = "0123456789abcdef01234567"
        for page, route in (("overview", ""), ("chat", "chat"), (signal, f"signals/{signal}")):
            result = cli("open", page, "--print", *here)
            assert result.out == f"http://d/index.html#/{route}\n"
        assert json.loads(cli("open", "--json", *here).out) == {"url": "http://d/index.html#/"}

    def test_an_address_alone_does_not_tell_the_dashboard(self, cli: Cli, stack: Stack) -> None:
        result = cli("open", "--url", stack.url)
        assert (result.code, "--stack" in result.err) == (1, True)

    def test_options_that_exclude_each_other(self, cli: Cli, stack: Stack) -> None:
        both = cli("decisions", "--why-not", "--verdict", "tie", "--url", stack.url)
        assert (both.code, stack.requests) == (2, [])
        assert cli("events", "--day", "2025-05-19", "--url", stack.url).code == 2
        assert cli("signals", "--direction", "up", "--url", stack.url).code == 2
        assert cli("top", "0", "--url", stack.url).code == 2


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("words", "index", "wanted"),
    [
        (("signals", "--symbol", "E"), 2, "ETHUSDT"),
        (("explain", ""), 1, "latest"),
        (("explain", "1"), 1, "1aaaaaaaaaaaaaaaaaaaaaaa"),
        (("open", "per"), 1, "performance"),
    ],
)
def test_the_shell_is_offered_what_there_is(
    words: tuple[str, ...], index: int, expected: str, cli: Cli, stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SIGNALENGINE_URL", stack.url)
    monkeypatch.setenv("_SIGNALENGINE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", " ".join(("signalengine", *words)))
    monkeypatch.setenv("COMP_CWORD", str(index + 1))
    assert expected in cli().out.split()


def test_completion_without_a_stack_offers_nothing_and_says_nothing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("_SIGNALENGINE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"signalengine signals --state-dir {tmp_path} --symbol B")
    monkeypatch.setenv("COMP_CWORD", "5")
    result = cli()
    assert (result.out.strip(), result.err) == ("", "")
