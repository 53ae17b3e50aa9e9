"""Invocations that are started without waiting for them."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from signalengine.errors import TransientError
from signalengine_aws.messaging.posters import LambdaPosters, from_event
from signalengine_aws.messaging.websockets import MAX_MESSAGE_BYTES
from signalengine_aws.runtime import clients

from tests.aws.world import World, new_world

CALLS: list[dict[str, Any]] = []


def invoke(**call: Any) -> Any:
    CALLS.append(call["params"])
    return SimpleNamespace(status_code=202), {"StatusCode": 202}


@pytest.fixture
def lambdas() -> Iterator[World]:
    CALLS.clear()
    with new_world() as made:
        clients.session().register("before-call.lambda.Invoke", invoke)
        yield made


def test_an_invocation_has_its_clients_and_is_not_waited_for(lambdas: World) -> None:
    data = json.dumps({"type": "status", "data": {"words": "é \U0001f600"}}).encode()
    LambdaPosters("arn:of:it").post(data, ("a", "b"))
    (call,) = CALLS
    assert call["headers"]["X-Amz-Invocation-Type"] == "Event"
    assert "arn%3Aof%3Ait" in call["url_path"]
    assert from_event(json.loads(call["body"])) == (data, ["a", "b"])


def test_the_largest_shard_is_taken_by_lambda(lambdas: World) -> None:
    """An asynchronous event may have a megabyte; a message is escaped once more in it."""
    LambdaPosters("it").post(b'"' * MAX_MESSAGE_BYTES, ["L0SM9cOFvHcCIhw="] * 1_000)
    assert len(CALLS[0]["body"]) < 1_000_000


def test_a_refused_invocation_raises_an_error_of_ours(lambdas: World) -> None:
    def throttled(**_: Any) -> None:
        answer: Any = {"Error": {"Code": "TooManyRequestsException", "Message": "rate exceeded"}}
        raise ClientError(answer, "Invoke")

    clients.session().unregister("before-call.lambda.Invoke", invoke)
    clients.session().register("before-call.lambda.Invoke", throttled)
    with pytest.raises(TransientError):
        LambdaPosters("it").post(b"{}", ["a"])
