"""Reading the HTTP API: every error becomes a message with a fix."""

import json
import socket
from pathlib import Path
from urllib.request import ProxyHandler

import pytest

from infra.cli.reading.client import _opener
from infra.local.stack.running import remember
from tests.infra.cli.conftest import Cli
from tests.infra.cli.documents import RUNNING_HERE
from tests.infra.cli.stand_in import Stack


def test_only_this_machine_is_read_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    for host, proxied in (("127.0.0.1:1", False), ("[::1]", False), ("127.evil.example", True)):
        handlers = _opener(f"http://{host}/").handlers
        assert any(isinstance(one, ProxyHandler) for one in handlers) is proxied


@pytest.mark.enable_socket
class TestRefusals:
    """Every way a stack may not answer."""

    def test_a_refused_connection(self, cli: Cli) -> None:
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

    def test_a_token_is_required(self, cli: Cli, stack: Stack) -> None:
        stack.token = "right"
        result = cli("symbols", "--url", stack.url)
        assert result.code == 1
        assert "requires a token" in result.err
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

    def test_a_missing_path_may_be_an_older_stack(self, cli: Cli, stack: Stack) -> None:
        del stack.documents["/top"]
        result = cli("top", "--url", stack.url)
        assert result.code == 1
        assert "the stack has no /top" in result.err
        assert "deploy it again" in result.err

    def test_a_passing_error_is_retried(self, cli: Cli, stack: Stack) -> None:
        stack.refuse("/symbols", 503, "try again", times=2)
        assert cli("symbols", "--url", stack.url).code == 0
        assert len(stack.requests) == 3

    def test_a_lasting_error_is_reported(self, cli: Cli, stack: Stack) -> None:
        stack.refuse("/symbols", 429, "slower, please", times=9, **{"Retry-After": "0"})
        result = cli("symbols", "--url", stack.url)
        assert (result.code, "too many requests: slower, please" in result.err) == (1, True)

    def test_a_redirect_is_not_followed_with_the_token(self, cli: Cli, stack: Stack) -> None:
        stack.refuse("/symbols", 302, Location="/stage/health")
        result = cli("symbols", "--url", stack.url, "--token", "secret")
        assert (result.code, "redirects (302)" in result.err) == (1, True)
        assert [path for path, _ in stack.requests] == ["/symbols"]

    def test_a_page_instead_of_the_api(self, cli: Cli, stack: Stack) -> None:
        stack.texts["/symbols"] = "<!doctype html>"
        result = cli("symbols", "--url", stack.url)
        assert result.code == 1
        assert "did not answer JSON" in result.err
        assert "HttpUrl" in result.err

    def test_hostile_text_of_an_error_has_no_effect(self, cli: Cli, stack: Stack) -> None:
        stack.refuse("/symbols", 400, "bad \x1b[2J[red]x[/]")
        result = cli("symbols", "--url", stack.url)
        assert "\x1b" not in result.err
        assert "[red]x[/]" in result.err

    def test_open_prints_the_address_of_a_page(self, cli: Cli, tmp_path: Path) -> None:
        remember(tmp_path, RUNNING_HERE)
        here = ("--state-dir", str(tmp_path))
        signal = "0123456789abcdef01234567"
        for page, route in (("overview", ""), ("chat", "chat"), (signal, f"signals/{signal}")):
            result = cli("open", page, "--print", *here)
            assert result.out == f"http://d/{route}\n"
        assert json.loads(cli("open", "--json", *here).out) == {"url": "http://d/"}

    def test_an_address_alone_does_not_determine_the_dashboard(
        self, cli: Cli, stack: Stack
    ) -> None:
        result = cli("open", "--url", stack.url)
        assert (result.code, "--stack" in result.err) == (1, True)

    def test_options_that_exclude_each_other(self, cli: Cli, stack: Stack) -> None:
        both = cli("decisions", "--why-not", "--verdict", "tie", "--url", stack.url)
        assert (both.code, stack.requests) == (2, [])
        assert cli("events", "--day", "2025-05-19", "--url", stack.url).code == 2
        assert cli("signals", "--direction", "up", "--url", stack.url).code == 2
        assert cli("top", "0", "--url", stack.url).code == 2
