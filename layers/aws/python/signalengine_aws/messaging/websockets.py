"""Posting to WebSocket clients through API Gateway's management API."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from signalengine.errors import PermanentError

from ..runtime.aws_errors import code_of, ours, status_of

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

MAX_MESSAGE_BYTES: Final = 128 * 1024
"""API Gateway's limit of a WebSocket message."""
GONE: Final = 410


class GoneError(PermanentError):
    """The client behind this connection id has left."""


def endpoint(base: str, region: str, api_id: str, stage: str) -> str:
    """Return the management URL of a stage: AWS's own, or below `base` where one is given."""
    if base:
        return f"{base.rstrip('/')}/{api_id}/{stage}"
    return f"https://{api_id}.execute-api.{region}.amazonaws.com/{stage}"


def encode(message: Mapping[str, Any]) -> bytes:
    """Return the bytes of one message; raises PermanentError when it is too large to be sent."""
    data = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    if len(data) > MAX_MESSAGE_BYTES:
        raise PermanentError(f"a message of {len(data)} bytes is over {MAX_MESSAGE_BYTES}")
    return data


class ApiSockets:
    """The connections of one stage, through API Gateway."""

    def __init__(self, client: "ApiGatewayManagementApiClient") -> None:
        self._client = client

    def check(self, connection_id: str) -> None:
        """Raise GoneError unless a client's connection is open."""
        with _mapped(connection_id):
            self._client.get_connection(ConnectionId=connection_id)

    def post(self, connection_id: str, data: bytes) -> None:
        """Send to one client; raises as `ports.Sockets.post` does."""
        with _mapped(connection_id):
            self._client.post_to_connection(ConnectionId=connection_id, Data=data)

    def close(self, connection_id: str) -> None:
        """End a client's connection; raises GoneError when it has left."""
        with _mapped(connection_id):
            self._client.delete_connection(ConnectionId=connection_id)


@contextmanager
def _mapped(connection_id: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if code_of(error) == "GoneException" or status_of(error) == GONE:
            raise GoneError(f"post: {connection_id} is gone") from error
        raise ours(error, "post") from error
