"""An emulator that runs already: refused addresses, and its own session and keys."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.errors import CommandError
from infra.local.stack.aws import EmbeddedAws
from infra.local.stack.ministack import EmulatorError
from infra.local.stack.startup.given import ACCOUNT, GivenEmulator

pytestmark = pytest.mark.enable_socket


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def free() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("localhost:4566", "expected an address like http://localhost:4566"),
        ("https://localhost:4566", "expected an address"),
        ("http://localhost:4566/path", "expected an address"),
        ("http://10.0.0.7:4566", "have to be on one machine"),
        ("http://localhost.evil.example:4566", "have to be on one machine"),
    ],
)
def test_an_address_that_cannot_serve_is_refused(endpoint: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        GivenEmulator(endpoint)


def test_another_address_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library that makes the sessions would use that one."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566/")
    assert GivenEmulator("http://localhost:4566").port == 4566
    with pytest.raises(CommandError, match="AWS_ENDPOINT_URL is http://localhost:4566, and"):
        GivenEmulator("http://localhost:4567")


def test_an_emulator_that_does_not_run_is_named_with_the_fix(free: int) -> None:
    with pytest.raises(EmulatorError, match=f"nothing answers at http://127.0.0.1:{free}") as found:
        EmbeddedAws(given=GivenEmulator(f"http://127.0.0.1:{free}")).start()
    assert "Start the emulator first" in found.value.fix


def test_keys_are_localstacks_own_unless_the_environment_has_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert GivenEmulator("http://localhost:4566").keys.access_key_id == "test"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWNER1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    keys = GivenEmulator("http://localhost:4566").keys
    assert (keys.access_key_id, keys.secret_access_key) == ("OWNER1", "secret")


@contextmanager
def answering(status: int, account: str) -> Iterator[str]:
    """Serve one answer to every request; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = IDENTITY.format(account).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Account>{}</Account></GetCallerIdentityResult>
</GetCallerIdentityResponse>"""


@pytest.mark.parametrize(
    ("status", "account", "words"),
    [
        (200, "123456789012", "knows these keys as account 123456789012"),
        (403, "", "refuses these keys"),
    ],
)
def test_keys_of_another_account_and_unknown_ones_are_refused(
    status: int, account: str, words: str
) -> None:
    with answering(status, account) as endpoint, pytest.raises(EmulatorError, match=words) as found:
        EmbeddedAws(given=GivenEmulator(endpoint), report=lambda _: None).start()
    assert "AWS_ACCESS_KEY_ID" in found.value.fix


def test_the_right_account_is_accepted_and_nothing_is_stopped() -> None:
    with answering(200, ACCOUNT) as endpoint:
        with EmbeddedAws(given=GivenEmulator(endpoint), report=lambda _: None) as aws:
            assert aws.client("sqs").meta.endpoint_url == endpoint
            assert aws.process_group == 0
        GivenEmulator(endpoint).check()
