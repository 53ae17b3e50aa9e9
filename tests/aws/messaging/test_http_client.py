"""Reading a document of the HTTP API."""

from collections.abc import Iterator

import pytest
from signalengine_aws.messaging.http_client import UnansweredError, read_document

from tests.public_api import OK, PublicApi, running_api

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def api() -> Iterator[PublicApi]:
    with running_api() as running:
        yield running


def test_a_document_is_read(api: PublicApi) -> None:
    assert read_document(f"{api.http}/health") == OK


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [({}, 503, "HTTP 503"), ("<html>", 200, "without JSON"), (["a list"], 200, "HTTP 200")],
)
def test_anything_else_is_an_error(api: PublicApi, body: object, status: int, reason: str) -> None:
    api.health, api.health_status = body, status
    with pytest.raises(UnansweredError, match=reason):
        read_document(f"{api.http}/health")


def test_an_address_without_a_server_is_an_error() -> None:
    with pytest.raises(UnansweredError, match="NewConnectionError"):
        read_document("http://127.0.0.1:9/health")
