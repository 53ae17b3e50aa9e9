"""Invocations of post_messages, started without waiting for their end."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ..runtime import clients
from ..runtime.aws_errors import ours

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def to_event(data: bytes, connection_ids: Sequence[str]) -> dict[str, Any]:
    """Return the event of an invocation; Lambda takes a megabyte (pure)."""
    return {"data": data.decode(), "clients": list(connection_ids)}


def from_event(event: Mapping[str, Any]) -> tuple[bytes, list[str]]:
    """Return what `to_event` was given (pure)."""
    return event["data"].encode(), event["clients"]


class LambdaPosters:
    """Starts invocations of a function, by its name or ARN."""

    def __init__(self, function: str) -> None:
        self._function = function

    def post(self, data: bytes, connection_ids: Sequence[str]) -> None:
        """Start one; raises as `ports.Posters.post` does."""
        payload = json.dumps(to_event(data, connection_ids), separators=(",", ":")).encode()
        client: LambdaClient = clients.lambdas()  # made when there are many clients
        try:
            client.invoke(FunctionName=self._function, InvocationType="Event", Payload=payload)
        except (ClientError, BotoCoreError) as error:
            raise ours(error, "invoke") from error
