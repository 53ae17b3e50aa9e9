"""The front server: who answers what, and whom it refuses."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
import websocket

from infra.local.operator_requests import TOKEN_HEADER
from tests.channel_server import running_channels
from tests.infra.local.front.behind import HTML, Servers, front_server
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket
FOREIGN_HOSTS: Final = (
    "evil.example", "127.evil.example", "127.0.0.1.nip.example", "localhost.evil", "10.0.0.1",
    "localhost", "localhost:1", "",
)  # fmt: skip
FOREIGN_PAGES: Final[tuple[dict[str, str], ...]] = (
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
    {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
)  # fmt: skip
UPGRADE: Final = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}  # fmt: skip
PLACES: Final = (
    "/", "/signals", "/index.html", "/assets/app.js", "/config.json", "/api/signals", "/health",
    "/ws/feed", "/telegram/", "/telegram/_local/chats", "/nothing",
)  # fmt: skip


@pytest.fixture(scope="module")
def telegram() -> Iterator[RunningTelegram]:
    with running_telegram() as running:
        yield running


@pytest.fixture(scope="module")
def opened(
    tmp_path_factory: pytest.TempPathFactory, telegram: RunningTelegram
) -> Iterator[Servers]:
    with front_server(tmp_path_factory.mktemp("site"), telegram.base) as servers:
        yield servers


@pytest.fixture
def servers(opened: Servers) -> Servers:
    opened.requests.clear()
    opened.sockets.clear()
    opened.refusing = False
    return opened


@pytest.mark.parametrize("path", ["/", "/signals", "/dashboard", "/chat", "/signals/abc?tab=open"])
def test_a_bookmark_and_a_reload_get_the_page(servers: Servers, path: str) -> None:
    for _ in range(2):
        status, text, headers = servers.request("GET", path, Accept=HTML)
        assert (status, "The dashboard" in text) == (200, True)
        assert headers["Content-Type"] == "text/html"
        policy = headers["Content-Security-Policy"]
        assert "connect-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
    assert servers.requests == []


@pytest.mark.parametrize(
    ("method", "path", "behind"),
    [
        ("GET", "/signals?symbol=BTCUSDT&limit=5", "/signals?symbol=BTCUSDT&limit=5"),
        ("GET", "/api/signals/a%2Fb", "/signals/a%2Fb"),
        ("GET", "/health", "/health"),
        ("POST", "/chat", "/chat"),
        ("POST", "/api/chat?x=%20", "/chat?x=%20"),
    ],
)
def test_programs_get_the_api_at_its_prefix_and_at_its_own_paths(
    servers: Servers, method: str, path: str, behind: str
) -> None:
    body = '{"message": "x"}' if method == "POST" else None
    status, text, headers = servers.request(
        method, path, body, Accept="*/*", Authorization="Bearer x", Cookie="theirs"
    )
    assert (status, json.loads(text)) == (200, {"seen": f"{method} /api-id{behind}"})
    assert headers["X-Of-The-Api"] == "yes"
    assert headers["X-Content-Type-Options"] == "nosniff"
    ((_, sent, received),) = servers.requests
    assert received.decode() == (body or "")
    assert (sent["Host"], sent["Authorization"]) == (f"127.0.0.1:{servers.port}", "Bearer x")
    assert "Cookie" not in sent


def test_a_page_of_the_front_server_calls_the_api(servers: Servers) -> None:
    own = {"Origin": f"http://localhost:{servers.front.port}", "Sec_Fetch_Site": "same-origin"}
    host = f"localhost:{servers.front.port}"
    assert servers.request("POST", "/api/chat", "{}", Host=host, **own)[0] == 200
    ((_, sent, _),) = servers.requests
    assert not {"Origin", "Sec-Fetch-Site"} & sent.keys()


def test_files_have_the_headers_of_the_site_and_nothing_else_is_read(servers: Servers) -> None:
    status, text, headers = servers.request("GET", "/assets/app.js")
    assert (status, text, headers["Cache-Control"]) == (
        200, "1", "public, max-age=31536000, immutable"
    )  # fmt: skip
    config = json.loads(servers.request("GET", "/config.json")[1])
    assert config == {
        "name": "local", "httpUrl": "/api", "webSocketUrl": "/ws/feed", "telegramUrl": "/telegram/",
        "reportsUrl": "/report-files/", "market": "simulated",
    }  # fmt: skip
    for path in ("/assets/../../secret.txt", "/assets/%2e%2e/secret.txt", "/assets/none.js",
                 "/assets//etc/passwd", "/.hash", "/nothing"):  # fmt: skip
        status, text, _ = servers.request("GET", path)
        assert (status, "hidden" in text) == (404, False), path


@pytest.mark.parametrize("path", PLACES)
def test_foreign_pages_and_names_are_refused_everywhere(servers: Servers, path: str) -> None:
    foreign = [*FOREIGN_PAGES, *({"Host": host} for host in FOREIGN_HOSTS)]
    for headers in foreign:
        for method in ("GET", "POST", "OPTIONS"):
            status, text, answered = servers.request(method, path, Accept=HTML, **headers)
            assert (status, "access-control" in str(answered).lower()) == (403, False), headers
            assert "dashboard" not in text
            assert answered["Cross-Origin-Resource-Policy"] == "same-origin"
    assert servers.requests == []


@pytest.mark.parametrize("path", PLACES)
def test_only_a_page_is_opened_from_a_link_of_another_site(servers: Servers, path: str) -> None:
    arrival = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Accept": HTML}
    is_page = path in ("/", "/signals", "/index.html", "/assets/app.js", "/config.json",
                       "/telegram/")  # fmt: skip
    assert servers.request("GET", path, **arrival, Sec_Fetch_Dest="document")[0] == (
        200 if is_page else 403
    )
    assert servers.request("GET", path, **arrival, Sec_Fetch_Dest="iframe")[0] == 403


def test_the_feed_is_passed_on_both_ways_until_one_side_ends(servers: Servers) -> None:
    socket = websocket.create_connection(servers.front.feed, timeout=30)
    assert socket.recv() == "welcome"
    socket.send("one")
    assert socket.recv() == "one!"
    socket.send("end")
    code, data = socket.recv_data()
    assert (code, int.from_bytes(data[:2], "big")) == (websocket.ABNF.OPCODE_CLOSE, 1008)
    socket.shutdown()


def test_a_client_that_leaves_is_gone_behind(servers: Servers) -> None:
    socket = websocket.create_connection(servers.front.feed, timeout=30)
    assert socket.recv() == "welcome"
    socket.send("here")
    socket.recv()
    socket.close()
    other = websocket.create_connection(servers.front.feed, timeout=30)
    for _ in range(200):
        other.send("waiting")
        while other.recv() != "waiting!":
            pass
        if "left" in servers.sockets:
            break
    assert servers.sockets[:1] + [one for one in servers.sockets if one == "left"] == [
        "here", "left"
    ]  # fmt: skip
    other.close()


@pytest.mark.parametrize(
    "foreign",
    [*FOREIGN_PAGES, *({"Host": host} for host in FOREIGN_HOSTS)],
    ids=lambda foreign: " ".join(foreign.values()),
)
def test_a_socket_of_another_origin_or_name_is_refused(
    servers: Servers, foreign: dict[str, str]
) -> None:
    assert servers.request("GET", "/ws/feed", **UPGRADE, **foreign)[0] == 403


def test_a_feed_that_takes_no_more_clients_is_503(servers: Servers) -> None:
    servers.refusing = True
    own = {"Origin": f"http://127.0.0.1:{servers.front.port}"}
    assert servers.request("GET", "/ws/feed", **UPGRADE, **own)[0] == 503
    assert servers.request("GET", "/ws/feed")[0] == 426


def test_the_chat_page_and_its_orders_are_passed_on_but_not_the_bot_api(
    servers: Servers, telegram: RunningTelegram
) -> None:
    status, _, headers = servers.request("GET", "/telegram")
    assert (status, headers["Location"]) == (302, "/telegram/")
    status, text, headers = servers.request("GET", "/telegram/")
    assert (status, "local Telegram" in text) == (200, True)
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert servers.request("GET", "/telegram/chat.js")[0] == 200
    assert servers.request("GET", "/telegram/_local/chats")[0] == 401
    order = {TOKEN_HEADER: telegram.server.token, "Content-Type": "application/json"}
    say = json.dumps({"chat_id": 424242, "text": "hello"})
    assert servers.request("POST", "/telegram/_local/say", say, **order)[0] == 200
    bot = f"bot{telegram.token}/getMe"
    for path in (bot, f"./{bot}", f"_local/../{bot}", f"/{bot}", f"_local%2f..%2f{bot}"):
        assert servers.request("GET", f"/telegram/{path}")[0] in (401, 404), path


def test_the_page_of_channels_is_passed_on_but_not_their_services(tmp_path: Path) -> None:
    with running_channels() as channels, front_server(tmp_path, channels=channels.base) as servers:
        status, text, headers = servers.request("GET", "/channels/")
        assert (status, "local channels" in text) == (200, True)
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert servers.request("GET", "/channels")[0] == 302
        assert servers.request("GET", "/channels/channels.js")[0] == 200
        assert servers.request("GET", "/channels/_local/messages")[0] == 401
        order = {TOKEN_HEADER: channels.server.token}
        assert servers.request("GET", "/channels/_local/messages", **order)[0] == 200
        for channel in ("discord", "slack", "webhook"):
            path = f"/channels{channels.destination(channel)['path']}"
            assert servers.request("POST", path, '{"text": "x"}')[0] == 404
        assert servers.request("POST", "/channels/", '{"topic": "open"}')[0] == 404
        assert channels.messages == []


def test_without_stand_ins_there_is_no_page_of_channels(servers: Servers) -> None:
    assert servers.request("GET", "/channels/", Accept=HTML)[0] == 404


def test_with_the_real_telegram_there_is_no_chat_page(tmp_path: Path) -> None:
    with front_server(tmp_path) as servers:
        assert servers.request("GET", "/telegram/", Accept=HTML)[0] == 404
        assert json.loads(servers.request("GET", "/config.json")[1])["telegramUrl"] is None


def test_a_part_that_does_not_answer_is_502(tmp_path: Path) -> None:
    with front_server(tmp_path, "http://127.0.0.1:9") as servers:
        status, text, _ = servers.request("GET", "/telegram/")
        assert (status, json.loads(text)["message"]) == (
            502, "this part of the system does not answer"
        )  # fmt: skip


def test_beyond_loopback_a_name_that_others_own_is_refused_too(tmp_path: Path) -> None:
    with front_server(tmp_path, host="0.0.0.0") as servers:  # noqa: S104 - with a token, and here
        port = servers.front.port
        assert servers.front.page == f"http://localhost:{port}/"
        for host in ("10.0.0.7", "[fe80::1]", "localhost", "127.0.0.1"):
            assert servers.request("GET", "/", Host=f"{host}:{port}")[0] == 200, host
        for host in ("evil.example", "10.0.0.7.nip.example", "x"):
            assert servers.request("GET", "/", Host=f"{host}:{port}")[0] == 403, host
        assert servers.request("GET", "/", Origin="http://evil.example")[0] == 403


def test_a_client_that_names_no_encoding_gets_none(servers: Servers) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", servers.front.port, timeout=60)
    with closing(connection):
        connection.putrequest("GET", "/api/signals", skip_accept_encoding=True)
        connection.endheaders()
        assert connection.getresponse().status == 200
    ((_, headers, _),) = servers.requests
    assert "accept-encoding" not in {name.lower() for name in headers}


def test_a_client_that_leaves_before_its_answer_is_no_error(
    servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", servers.front.port)) as leaving:
            leaving.sendall(b"GET /api/slow HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"
                            % servers.front.port)  # fmt: skip
    while len(servers.requests) < 3:
        time.sleep(0.01)
    assert servers.request("GET", "/api/slow")[0] == 200  # the others have ended before it
    assert [record.getMessage() for record in caplog.records] == []


def test_the_folder_of_reports_is_read_only(servers: Servers) -> None:
    status, text, headers = servers.request("GET", "/report-files/")
    assert (status, json.loads(text)) == (200, {"reports": []})
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert servers.request("GET", "/report-files/..%2f..%2fpyproject.json")[0] == 404
    assert servers.request("POST", "/report-files/", "{}")[0] == 404
    assert servers.request("GET", "/report-files/", Origin="http://evil.example")[0] == 403


def test_reports_are_for_this_machine_alone(tmp_path: Path) -> None:
    """They have no token: where the network may come, they are not served."""
    with front_server(tmp_path, None, opened_to="0.0.0.0") as servers:  # noqa: S104 - not bound
        assert servers.request("GET", "/report-files/")[0] == 404
