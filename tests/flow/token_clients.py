"""WebSocket clients and the API token of the running system, for the flow test."""

import json
from contextlib import suppress
from typing import Any

import websocket

from infra.local.stack.system import LocalSystem

TIMEOUT_S = 60.0
TOKEN = "made up for this test"
GUARDED = ("serve_api", "connect_websocket", "greet_clients", "broadcast", "answer_chat")


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
        self._socket.shutdown()  # of a connection that the other side has ended, too

    def send(self, **message: Any) -> None:
        self._socket.send(json.dumps(message))

    def receive(self) -> dict[str, Any]:
        """The next message; the socket's own time limit is the limit."""
        message: dict[str, Any] = json.loads(self._socket.recv())
        return message

    def answers_to_a_ping(self) -> list[str]:
        """The types of all messages until the answer, or the end of the connection."""
        found: list[str] = []
        with suppress(websocket.WebSocketException, OSError):
            self.send(action="ping")
            while "keepalive" not in found and (text := self._socket.recv()):
                found.append(json.loads(text)["type"])
        return found

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
