"""The API's token guards the WebSocket too, with the rights the functions have."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import requests
import websocket

from infra.local.stack.system import LocalSystem

from .conftest import Played

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow"), pytest.mark.timeout(600)]
TIMEOUT_S = 60.0
TOKEN = "made up for this test"
GUARDED = ("serve_api", "connect_websocket", "broadcast", "answer_chat")


@pytest.fixture
def system(played: Played) -> Iterator[LocalSystem]:
    """The running system; without a token again afterwards."""
    yield played.system
    set_token(played.system, "")


def set_token(system: LocalSystem, token: str) -> None:
    """Configure the token, and start the functions that would know for minutes what it was."""
    system.aws.client("secretsmanager").put_secret_value(
        SecretId=system.outputs["ApiSecretArn"], SecretString=json.dumps({"api_token": token})
    )
    functions = system.aws.client("lambda")
    for page in functions.get_paginator("list_functions").paginate():
        for found in page["Functions"]:
            variables = found.get("Environment", {}).get("Variables", {})
            if variables.get("POWERTOOLS_SERVICE_NAME") in GUARDED:
                name = found["FunctionName"]
                functions.update_function_configuration(FunctionName=name, Timeout=29)


class Client:
    """One WebSocket client that reads what it is sent."""

    def __init__(self, system: LocalSystem) -> None:
        address = system.addresses.websocket
        self._socket = websocket.create_connection(address, timeout=TIMEOUT_S)

    def close(self) -> None:
        self._socket.close()

    def send(self, **message: Any) -> None:
        self._socket.send(json.dumps(message))

    def receive(self) -> dict[str, Any]:
        """The next message; the socket's own time limit is the limit."""
        message: dict[str, Any] = json.loads(self._socket.recv())
        return message

    def receives(self, kind: str) -> bool:
        """Read on until there is a message of this kind."""
        while self.receive()["type"] != kind:
            pass
        return True


def publish_status(system: LocalSystem) -> None:
    sns = system.aws.client("sns")
    (topic,) = (t["TopicArn"] for t in sns.list_topics()["Topics"] if "Signals" in t["TopicArn"])
    body = {"kind": "status", "status": {"time": 1}}
    kind = {"kind": {"DataType": "String", "StringValue": "status"}}
    sns.publish(TopicArn=topic, Message=json.dumps(body), MessageAttributes=kind)


def test_a_client_without_the_token_receives_nothing(system: LocalSystem) -> None:
    with ExitStack() as stack:
        before, without_token, with_token = (
            stack.enter_context(closing(Client(system))) for _ in range(3)
        )
        before.send(action="resume", since=None)
        assert before.receives("connected")
        set_token(system, TOKEN)
        assert requests.get(f"{system.addresses.api}/signals", timeout=30).status_code == 401

        without_token.send(action="resume", since=1)
        assert without_token.receive()["type"] == "refused"
        without_token.send(action="chat", id="q", message="latest signals")
        refused = without_token.receive()
        assert (refused["type"], refused["source"]) == ("chat_done", "error")

        with_token.send(action="resume", since=None, token=TOKEN)
        assert with_token.receive()["type"] == "connected"
        publish_status(system)
        assert with_token.receives("status")
        assert before.receives("refused")  # it was let in when there was no token
        without_token.send(action="ping")
        assert without_token.receive()["type"] == "keepalive"  # and nothing before it
