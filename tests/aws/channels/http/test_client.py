"""The client of destinations against real servers: what is requested, refused and bounded."""

import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from signalengine_aws.channels.http.client import (
    MAX_BODY,
    MAX_REQUEST,
    OutboundClient,
    resolved,
)
from signalengine_aws.channels.http.urls import ForbiddenAddressError
from signalengine_aws.delivery.errors import RejectedError, UnavailableError

from tests.connect_proxy import connect_proxy, dead_port
from tests.receiver import Receiver, receiver, status

pytestmark = pytest.mark.enable_socket

PUBLIC = "93.184.216.34"
URL = "https://receiver.test/secret-path"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def server(folder: Path) -> Iterator[Receiver]:
    with receiver(folder) as running:
        yield running


class Network:
    """Resolves names as it is ordered, and connects every address to one port of this machine."""

    def __init__(self, port: int, *answers: Sequence[str]) -> None:
        self.answers = list(answers or [[PUBLIC]])
        self.resolved: list[str] = []
        self.connected: list[tuple[str, int]] = []
        self.port = port
        self.dead: set[str] = set()

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.resolved.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def connect(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.connected.append((address, port))
        if address in self.dead:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.port), timeout_s)


def client(server: Receiver, network: Network, timeout_s: float = 5.0) -> OutboundClient:
    return OutboundClient(
        timeout_s=timeout_s,
        resolve=network.resolve,
        connect=network.connect,
        trust=server.trust(),
    )


def test_the_resolved_address_is_requested_under_the_name(server: Receiver) -> None:
    network = Network(server.port)
    server.orders.append(status(201, "made", X_Id="7", Set_Cookie="a"))
    answer = client(server, network).post(URL, b"body", {"X-Mine": "1"})
    assert (answer.status, answer.body, answer.headers["x-id"]) == (201, b"made", "7")
    assert network.connected == [(PUBLIC, 443)]
    assert server.names == ["receiver.test"]
    (request,) = server.requests
    assert (request.path, request.body, request.headers["x-mine"]) == ("/secret-path", b"body", "1")
    assert request.headers["host"] == "receiver.test"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["::1"],
        [PUBLIC, "127.0.0.1"],
        [PUBLIC, PUBLIC, PUBLIC, PUBLIC, "10.0.0.1"],
    ],
)
def test_a_name_of_a_private_address_is_refused(server: Receiver, addresses: list[str]) -> None:
    network = Network(server.port, addresses)
    with pytest.raises(ForbiddenAddressError) as caught:
        client(server, network).post(URL, b"", {})
    assert network.connected == server.requests == []
    assert "receiver.test" not in str(caught.value)


def test_a_name_that_changes_its_address_is_connected_as_it_was_checked(server: Receiver) -> None:
    network = Network(server.port, [PUBLIC], ["127.0.0.1"])
    sender = client(server, network)
    sender.post(URL, b"", {})
    assert network.resolved == ["receiver.test"]
    assert network.connected == [(PUBLIC, 443)]
    with pytest.raises(ForbiddenAddressError):
        sender.post(URL, b"", {})
    assert network.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]"])
def test_this_machine_is_no_destination_however_it_is_written(name: str) -> None:
    with pytest.raises((ForbiddenAddressError, UnavailableError)) as caught:
        OutboundClient().post(f"https://{name}/", b"", {})
    assert not getattr(caught.value, "ambiguous", False)


def test_the_next_address_is_tried_when_one_accepts_no_connection(server: Receiver) -> None:
    network = Network(server.port, ["2606:4700::1", PUBLIC])
    network.dead = {"2606:4700::1"}
    assert client(server, network).post(URL, b"", {}).status == 200
    assert [address for address, _ in network.connected] == ["2606:4700::1", PUBLIC]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: Receiver, code: int) -> None:
    network = Network(server.port)
    server.orders.append(status(code, Location="https://127.0.0.1/"))
    assert client(server, network).post(URL, b"", {}).status == code
    assert len(server.requests) == len(network.connected) == 1


def test_a_certificate_of_another_name_or_issuer_is_refused(server: Receiver) -> None:
    network = Network(server.port)
    with pytest.raises(UnavailableError, match="certificate") as caught:
        client(server, network).post("https://other.test/secret-path", b"", {})
    assert not caught.value.ambiguous
    stranger = OutboundClient(resolve=network.resolve, connect=network.connect)
    with pytest.raises(UnavailableError, match="certificate"):
        stranger.post(URL, b"", {})
    assert server.requests == []


def test_a_server_that_answers_in_drops_is_left_at_the_deadline(server: Receiver) -> None:
    def slowly(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not server.closing.wait(0.02):
            connection.sendall(b"x")

    server.orders.append(slowly)
    with pytest.raises(UnavailableError) as caught:
        client(server, Network(server.port), timeout_s=0.3).post(URL, b"x", {})
    assert caught.value.ambiguous


def test_an_answer_that_never_comes_may_be_to_a_request_that_arrived(server: Receiver) -> None:
    server.orders.append(server.hang)
    with pytest.raises(UnavailableError) as caught:
        client(server, Network(server.port), timeout_s=0.3).post(URL, b"x", {})
    assert caught.value.ambiguous
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_body_that_breaks_off_or_never_ends_does_not_undo_the_status(server: Receiver) -> None:
    server.orders += [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_BODY + 1_000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz",
    ]
    sender = client(server, Network(server.port))
    bodies = [sender.post(URL, b"", {}).body for _ in range(4)]
    assert bodies[0] == b"half"
    assert bodies[1] == b""
    assert len(bodies[2]) == MAX_BODY
    assert bodies[3][:3] == b"abc"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
    ],
)
def test_an_answer_that_is_none_may_be_to_a_request_that_arrived(
    server: Receiver, answer: bytes
) -> None:
    server.orders.append(answer)
    with pytest.raises(UnavailableError) as caught:
        client(server, Network(server.port)).post(URL, b"", {})
    assert caught.value.ambiguous


def test_what_cannot_be_connected_has_sent_nothing(server: Receiver) -> None:
    network = Network(dead_port())
    with pytest.raises(UnavailableError) as caught:
        client(server, network).post(URL, b"", {})
    assert not caught.value.ambiguous


def test_a_name_that_is_not_resolved_has_sent_nothing(server: Receiver) -> None:
    stop = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        stop.wait(10)
        return []

    def fail(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror

    for resolve in (hang, fail, lambda host, port: []):
        sender = OutboundClient(timeout_s=0.2, resolve=resolve)
        with pytest.raises(UnavailableError) as caught:
            sender.post(URL, b"", {})
        assert not caught.value.ambiguous
    stop.set()


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "a\r\nY: b"}, {"X": "é"}, {"X\r\n": "a"}, {"X Y": "a"}, {"Host": "b"},
        {"content-length": "9"}, {"Transfer-Encoding": "chunked"}, {"X": "a" * 20_000},
    ],
)  # fmt: skip
def test_headers_that_change_the_request_are_refused(
    server: Receiver, headers: dict[str, str]
) -> None:
    with pytest.raises(RejectedError):
        client(server, Network(server.port)).post(URL, b"", headers)
    assert server.requests == []


def test_a_request_that_is_too_long_is_refused(server: Receiver) -> None:
    with pytest.raises(RejectedError):
        client(server, Network(server.port)).post(URL, b"x" * (MAX_REQUEST + 1), {})


def test_an_opened_host_may_be_private_and_without_tls() -> None:
    with receiver() as plain:
        url = f"http://127.0.0.1:{plain.port}/x"
        with pytest.raises(ForbiddenAddressError):
            OutboundClient().post(url, b"", {})
        sender = OutboundClient(allowed=[f"127.0.0.1:{plain.port}"])
        assert sender.post(url, b"x", {}).status == 200
        assert plain.requests[0].headers["host"] == f"127.0.0.1:{plain.port}"


def test_an_opened_host_is_never_a_service_with_credentials() -> None:
    sender = OutboundClient(allowed=["ntfy.lan"], resolve=lambda host, port: ["169.254.169.254"])
    with pytest.raises(ForbiddenAddressError):
        sender.post("http://ntfy.lan/", b"", {})


def test_a_proxy_connects_to_the_checked_address(
    server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_proxy(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        network = Network(proxy.port)
        assert client(server, network).post(URL, b"", {}).status == 200
        assert proxy.requested == [f"CONNECT {PUBLIC}:443"]
        assert server.names == ["receiver.test"]
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("user:", "nobody:"))
        with pytest.raises(UnavailableError) as caught:
            client(server, network).post(URL, b"", {})
        assert not caught.value.ambiguous
        network.answers = [["10.0.0.1"]]
        with pytest.raises(ForbiddenAddressError):
            client(server, network).post(URL, b"", {})
        opened = OutboundClient(
            allowed=["receiver.test"], resolve=network.resolve, trust=server.trust()
        )
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert opened.post(URL, b"", {}).status == 200
        assert proxy.requested[-1] == "CONNECT receiver.test:443"


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "2852039166", "ntfy.lan"])
def test_a_proxy_is_never_asked_for_a_service_with_credentials(
    server: Receiver, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    def resolve(name: str, port: int) -> Sequence[str]:
        return ["169.254.169.254"] if name == "ntfy.lan" else resolved(name, port)

    with connect_proxy(server.port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        with pytest.raises(ForbiddenAddressError):
            OutboundClient(allowed=[host.strip("[]")], resolve=resolve).post(
                f"http://{host}/latest/meta-data/", b"", {}
            )
        assert proxy.requested == []


def test_a_name_that_the_proxy_alone_knows_goes_to_it(
    server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(name: str, port: int) -> Sequence[str]:
        raise socket.gaierror

    with connect_proxy(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        sender = OutboundClient(allowed=["receiver.test"], resolve=unknown, trust=server.trust())
        assert sender.post(URL, b"", {}).status == 200
        assert proxy.requested == ["CONNECT receiver.test:443"]


def test_names_are_resolved_once_each() -> None:
    assert resolved("127.0.0.1", 443) == ["127.0.0.1"]
