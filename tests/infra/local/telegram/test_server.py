"""The server over HTTP: Bot API, faults, the chat page, and who is let in."""

import http.client
import json
import time

import pytest

from tests.infra.local.telegram.samples import CHAT, call
from tests.telegram_server import RunningTelegram

pytestmark = pytest.mark.enable_socket


def test_a_message_arrives_and_is_listed(telegram: RunningTelegram) -> None:
    before = time.time_ns() // 1_000_000
    status, answer, _ = call(telegram, "sendMessage", chat_id=CHAT, text="hi")
    assert (status, answer["ok"], answer["result"]["text"]) == (200, True, "hi")
    (row,) = telegram.messages
    shown = {name: row[name] for name in ("message_id", "chat_id", "text", "reply_to", "edited")}
    assert shown == {
        "message_id": 1, "chat_id": CHAT, "text": "hi", "reply_to": None, "edited": False,
    }  # fmt: skip
    assert before <= row["received_at"] <= time.time_ns() // 1_000_000


def test_parameters_may_come_in_the_query(telegram: RunningTelegram) -> None:
    path = f"/bot{telegram.token}/sendMessage?chat_id={CHAT}&text=from+the+query"
    assert telegram.request("GET", path)[1]["result"]["text"] == "from the query"


def test_bad_tokens_get_401_and_404(telegram: RunningTelegram) -> None:
    unknown = telegram.request("POST", "/bot123:abcdefghijklmnopqrstuvw/getMe", {})
    assert unknown[0] == 401
    assert unknown[1] == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert telegram.request("POST", "/botnonsense/getMe", {})[0] == 404


def test_a_body_that_is_no_json_object_is_refused(telegram: RunningTelegram) -> None:
    status, answer, _ = telegram.request("POST", f"/bot{telegram.token}/getMe", [1])
    assert (status, answer["ok"]) == (400, False)


def test_a_flood_answer_carries_retry_after_in_body_and_header(telegram: RunningTelegram) -> None:
    telegram.fault("429", retry_after=35)
    status, answer, headers = call(telegram, "sendMessage", chat_id=CHAT, text="hi")
    assert (status, headers["Retry-After"]) == (429, "35")
    assert answer["parameters"] == {"retry_after": 35}
    assert call(telegram, "sendMessage", chat_id=CHAT, text="hi")[0] == 200


def test_a_dropped_call_gets_no_answer_and_leaves_nothing(telegram: RunningTelegram) -> None:
    telegram.fault("drop")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        call(telegram, "sendMessage", chat_id=CHAT, text="hi")
    assert telegram.messages == []


def test_faults_are_listed_and_cleared(telegram: RunningTelegram) -> None:
    telegram.fault("500", times=3)
    listed = telegram.request("GET", "/_local/faults")[1]
    assert listed == {"faults": [{"method": "sendMessage", "kind": "500", "times": 3}]}
    assert telegram.request("DELETE", "/_local/faults")[1] == {"faults": []}
    assert telegram.request("POST", "/_local/faults", {"kind": "boom"})[0] == 400


def test_a_foreign_host_name_is_not_served(telegram: RunningTelegram) -> None:
    for host in ("evil.example", "127.evil.example", "127.0.0.1.nip.example"):
        assert telegram.request("GET", "/", Host=host)[0] == 403
    assert telegram.request("GET", "/", Host=f"localhost:{telegram.port}")[0] == 200


def test_a_foreign_page_cannot_write_to_the_bot(telegram: RunningTelegram) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", telegram.port, timeout=5)
    form = json.dumps({"chat_id": CHAT, "text": "x"})
    connection.request("POST", "/_local/say", form, {"Content-Type": "text/plain"})
    assert connection.getresponse().status == 401
    connection.close()


def test_the_page_runs_no_script_but_its_own(telegram: RunningTelegram) -> None:
    status, page, headers = telegram.request("GET", "/")
    assert status == 200
    assert "<script src=" in page
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    for path in ("/chat.js", "/chat.css", "/frame.css"):
        assert telegram.request("GET", path)[0] == 200


def events(telegram: RunningTelegram, count: int, **headers: str) -> list[str]:
    """Return the first `count` events of the page's stream."""
    connection = http.client.HTTPConnection("127.0.0.1", telegram.port, timeout=5)
    path = f"/_local/stream?control_token={telegram.server.token}"  # as an EventSource sends it
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    text = b""
    while text.count(b"\n\n") < count:
        text += response.read1()
    connection.close()
    return text.decode().split("\n\n")[:count]


def test_the_page_receives_past_and_new_messages(telegram: RunningTelegram) -> None:
    call(telegram, "sendMessage", chat_id=CHAT, text="<b>one</b>", parse_mode="HTML")
    call(telegram, "editMessageText", chat_id=CHAT, message_id=1, text="two")
    reset, first, second = events(telegram, 3)
    assert reset.startswith("event: reset")
    found = [json.loads(event.partition("data: ")[2]) for event in (first, second)]
    assert [row["html"] for row in found] == ["<b>one</b>", "two"]
    assert [row["edited"] for row in found] == [False, True]
    last_id = first.partition("id: ")[2].partition("\n")[0]
    (resumed,) = events(telegram, 1, **{"Last-Event-ID": last_id})
    assert "two" in resumed
    assert "reset" in events(telegram, 1, **{"Last-Event-ID": "1.1"})[0]
