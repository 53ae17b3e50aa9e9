"""Control frames and their documented answers."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.exchange.protocol.hub import Hub, Subscriber
from infra.local.exchange.protocol.subscriptions import MAX_STREAMS, answer

AT = "at line 1 column"
METHODS = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"


class Client:
    """A connection without a socket."""

    def __init__(self, *, combined: bool = False) -> None:
        self.hub = Hub({"BTCUSDT"}, lossless=False)
        self.subscriber = Subscriber("market", combined, drop=lambda: None)
        self.hub.join(self.subscriber)

    def request(self, method: str, *params: Any, number: Any = 1) -> Any:
        request = {"method": method, "params": list(params), "id": number}
        return self.send(json.dumps(request))

    def send(self, text: str) -> Any:
        return json.loads(answer(text, self.subscriber, self.hub))


def test_subscriptions_come_and_go_and_are_listed_in_order() -> None:
    client = Client()
    names = ["btcusdt@kline_1m", "no@such_stream", "!forceOrder@arr"]
    assert client.request("SUBSCRIBE", *names, number=7) == {"result": None, "id": 7}
    assert client.request("LIST_SUBSCRIPTIONS") == {"result": names, "id": 1}
    assert client.request("UNSUBSCRIBE", names[1], "never@subscribed") == {"result": None, "id": 1}
    assert client.send('{"method":"LIST_SUBSCRIPTIONS","id":3}') == {
        "result": [names[0], names[2]], "id": 3,
    }  # fmt: skip


def test_combined_is_a_property() -> None:
    client = Client(combined=True)
    assert client.request("GET_PROPERTY", "combined") == {"result": True, "id": 1}
    assert client.request("SET_PROPERTY", "combined", False) == {"result": None, "id": 1}
    assert client.request("GET_PROPERTY", "combined") == {"result": False, "id": 1}
    assert not client.subscriber.combined


@pytest.mark.parametrize(
    ("frame", "code", "message"),
    [
        ("{", 3, "Invalid JSON: expected value at line 1 column 2"),
        ("", 3, "Invalid JSON: expected value at line 1 column 1"),
        ("[1]", 2, "Invalid request: invalid type, expected a map at line 1 column 3"),
        ('{"id":1}', 2, "Invalid request: missing field `method` at line 1 column 8"),
        ('{"method":"SHOUT","id":1}', 2,
         f"Invalid request: unknown variant `SHOUT`, expected one of {METHODS} {AT} 25"),
        ('{"method":"SUBSCRIBE","params":[]}', 2,
         "Invalid request: request ID must be an unsigned integer"),
        ('{"method":"SUBSCRIBE","params":[],"id":-1}', 2,
         "Invalid request: request ID must be an unsigned integer"),
        ('{"method":"SUBSCRIBE","params":[],"id":true}', 2,
         "Invalid request: request ID must be an unsigned integer"),
        ('{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 1,
         "Invalid value type: expected Boolean"),
        ('{"method":"SET_PROPERTY","params":["combined",true,1],"id":1}', 2,
         "Invalid request: too many parameters"),
        ('{"method":"GET_PROPERTY","params":["volume"],"id":1}', 0, "Unknown property"),
        ('{"method":"GET_PROPERTY","params":[1],"id":1}', 2,
         "Invalid request: property name must be a string"),
        ('{"method":"SUBSCRIBE","params":"btcusdt@kline_1m","id":1}', 2,
         "Invalid request: params must be a list of stream names"),
    ],
)  # fmt: skip
def test_a_bad_frame_is_answered_with_its_error(frame: str, code: int, message: str) -> None:
    assert Client().send(frame) == {"code": code, "msg": message}


def test_a_connection_holds_1024_streams() -> None:
    client = Client()
    names = [f"s{number}@kline_1m" for number in range(MAX_STREAMS)]
    assert client.request("SUBSCRIBE", *names)["result"] is None
    assert client.request("SUBSCRIBE", names[0])["result"] is None
    assert client.request("SUBSCRIBE", "one@more")["code"] == 2
    assert len(client.subscriber.subscriptions) == MAX_STREAMS


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


@given(JSON, st.sampled_from(["SUBSCRIBE", "UNSUBSCRIBE", "SET_PROPERTY", "GET_PROPERTY", "x"]))
def test_no_frame_breaks_the_connection(params: Any, method: str) -> None:
    reply = Client().send(json.dumps({"method": method, "params": params, "id": 1}))
    assert set(reply) in ({"result", "id"}, {"code", "msg"})


@given(st.text())
def test_no_text_breaks_the_connection(text: str) -> None:
    assert set(Client().send(text)) <= {"result", "id", "code", "msg"}
