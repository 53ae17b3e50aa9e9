"""Requests to their routes, errors as problems: without any table."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine_aws.application.serve_api import Api
from signalengine_aws.runtime.api_token import ApiTokenAuth


class Heart:
    """A stored heartbeat, or an error."""

    def __init__(self, beat: dict[str, Any] | Exception) -> None:
        self._beat = beat

    def symbols(self) -> dict[str, Any]:
        if isinstance(self._beat, Exception):
            raise self._beat
        return self._beat


class FakeServices:
    """Services whose queries are all one fake."""

    def __init__(self, queries: object, token: str = "") -> None:
        self.auth = ApiTokenAuth(lambda: token)
        self.env = SimpleNamespace(front_key="")
        self.budget = None
        self._queries = queries

    def query(self, _: type) -> object:
        return self._queries


def answer(services: FakeServices, path: str, method: str = "GET", **query: str) -> dict[str, Any]:
    event = {
        "version": "2.0", "rawPath": path, "headers": {}, "queryStringParameters": query or None,
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        "body": None, "isBase64Encoded": False,
    }  # fmt: skip
    return Api(lambda: services).answer(event)  # type: ignore[arg-type,return-value]


def test_an_answer_has_an_entity_tag_and_may_be_cached() -> None:
    found = answer(FakeServices(Heart({"symbols": []})), "/symbols")
    assert (found["statusCode"], json.loads(found["body"])) == (200, {"symbols": []})
    assert found["headers"]["ETag"].startswith('W/"')
    assert found["headers"]["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/nothing", "GET", 404), ("/symbols", "DELETE", 405), ("/symbols", "HEAD", 200)],
)
def test_an_unknown_path_and_method_are_answered(path: str, method: str, status: int) -> None:
    found = answer(FakeServices(Heart({})), path, method)
    assert found["statusCode"] == status


def test_an_error_of_a_table_is_503_with_a_time_to_retry() -> None:
    found = answer(FakeServices(Heart(TransientError("read heartbeat"))), "/symbols")
    assert (found["statusCode"], found["headers"]["Retry-After"]) == (503, "1")


def test_an_unknown_parameter_is_400_and_a_missing_token_401() -> None:
    assert answer(FakeServices(Heart({})), "/symbols", x="1")["statusCode"] == 400
    found = answer(FakeServices(Heart({}), token="secret"), "/symbols")
    assert (found["statusCode"], found["headers"]["WWW-Authenticate"]) == (401, "Bearer")
