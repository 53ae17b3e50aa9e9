"""The server over HTTP: services, faults, the page, and who is let in."""

import http.client
import json

import pytest

from tests.channel_server import RunningChannels

pytestmark = pytest.mark.enable_socket


def say(channels: RunningChannels, text: str = "one") -> int:
    return channels.post(channels.destination("slack")["path"], {"text": text})[0]


def test_each_service_has_its_path_and_what_arrived_is_listed(channels: RunningChannels) -> None:
    token = channels.destination("ntfy")["secret"]
    sent = (
        (channels.destination("discord")["path"], {"content": "d"}, {}),
        (channels.destination("slack")["path"], {"text": "s"}, {}),
        ("/", {"topic": "signals", "message": "n"}, {"Authorization": f"Bearer {token}"}),
        (channels.destination("webhook")["path"], {"w": 1}, {}),
    )
    assert [channels.post(*one)[0] for one in sent] == [204, 200, 200, 200]
    assert [(row["number"], row["channel"]) for row in channels.messages] == [
        (1, "discord"), (2, "slack"), (3, "ntfy"), (4, "webhook"),
    ]  # fmt: skip
    assert channels.received("ntfy")[0]["text"] == "signals\nn"
    assert channels.post("/nothing", {})[0] == 404


def test_faults_are_ordered_listed_and_cleared(channels: RunningChannels) -> None:
    channels.fault("slack", "429", retry_after=7)
    channels.fault("slack", "error", error="channel_is_archived", destination="B01LOCAL")
    listed = channels.operator("GET", "/_local/faults")[1]["faults"]
    assert [one["kind"] for one in listed] == ["429", "error"]
    assert [say(channels) for _ in range(3)] == [429, 410, 200]
    assert channels.operator("POST", "/_local/faults", {"kind": "boom"})[0] == 400
    channels.fault("slack", "500", status=503)
    assert channels.operator("DELETE", "/_local/faults")[1] == {"faults": []}
    assert say(channels) == 200


@pytest.mark.parametrize(("kind", "arrived"), [("reset_before", 0), ("reset_after_delivery", 1)])
def test_a_connection_is_reset_before_or_after_the_message_arrived(
    channels: RunningChannels, kind: str, arrived: int
) -> None:
    channels.fault("slack", kind)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        say(channels)
    assert len(channels.messages) == arrived


@pytest.mark.parametrize(
    ("kind", "arrived"), [("timeout_before", 0), ("timeout_after_delivery", 1)]
)
def test_a_call_is_held_without_an_answer(
    channels: RunningChannels, kind: str, arrived: int
) -> None:
    channels.fault("slack", kind)
    connection = http.client.HTTPConnection("127.0.0.1", channels.port, timeout=0.4)
    path = channels.destination("slack")["path"]
    connection.request("POST", path, '{"text": "one"}')
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert len(channels.messages) == arrived


def test_a_slow_answer_is_the_right_one(channels: RunningChannels) -> None:
    channels.fault("slack", "slow", delay_s=0.01)
    assert say(channels) == 200
    assert len(channels.messages) == 1


def test_a_foreign_page_is_refused_everywhere(channels: RunningChannels) -> None:
    for path in ("/", "/_local/messages", "/channels.js"):
        assert channels.operator("GET", path, headers={"Host": "evil.example"})[0] == 403
    foreign = {"Origin": "https://evil.example"}
    own = {"Origin": channels.base, "Sec-Fetch-Site": "same-origin"}
    for path in (channels.destination("slack")["path"], channels.destination("discord")["path"]):
        assert channels.post(path, {"text": "x", "content": "x"}, foreign)[0] == 403
        assert channels.post(path, {"text": "x", "content": "x"}, own)[0] == 403
    assert channels.post("/", {"topic": "open"}, foreign)[0] == 403
    assert channels.messages == []


def test_orders_want_the_token_of_the_run(channels: RunningChannels) -> None:
    for method, path in (("GET", "/_local/messages"), ("DELETE", "/_local/faults")):
        answer = channels.operator(method, path, headers={"X-Control-Token": "wrong"})
        assert answer[0] == 401


def test_the_page_runs_no_script_but_its_own(channels: RunningChannels) -> None:
    status, page, headers = channels.operator("GET", "/")
    assert (status, "<script src=" in page) == (200, True)
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    for path in ("/channels.js", "/channels.css", "/frame.css"):
        assert channels.operator("GET", path)[0] == 200
    columns = channels.operator("GET", "/_local/channels")[1]["channels"]
    assert columns[:4] == ["discord", "slack", "ntfy", "webhook"]


def events(channels: RunningChannels, count: int, **headers: str) -> list[str]:
    """Return the first `count` events of the page's stream."""
    connection = http.client.HTTPConnection("127.0.0.1", channels.port, timeout=5)
    path = f"/_local/stream?control_token={channels.server.token}"  # as an EventSource sends it
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    text = b""
    while text.count(b"\n\n") < count:
        text += response.read1()
    connection.close()
    return text.decode().split("\n\n")[:count]


def test_the_page_receives_past_and_new_messages(channels: RunningChannels) -> None:
    say(channels, "one")
    say(channels, "two")
    reset, first, second = events(channels, 3)
    assert reset.startswith("event: reset")
    found = [json.loads(event.partition("data: ")[2]) for event in (first, second)]
    assert [row["text"] for row in found] == ["\none", "\ntwo"]
    last_id = first.partition("id: ")[2].partition("\n")[0]
    _, resumed = events(channels, 2, **{"Last-Event-ID": last_id})
    assert "two" in resumed
    assert "reset" in events(channels, 1, **{"Last-Event-ID": "1.1"})[0]
