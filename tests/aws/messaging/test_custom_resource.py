"""Custom resources: one answer to each request, whatever happens."""

import json
from urllib.error import HTTPError

import pytest
from signalengine.errors import PermanentError
from signalengine_aws.messaging.custom_resource import answered
from signalengine_aws.runtime.retries import TRIES

from tests.aws.response_server import response_server

pytestmark = pytest.mark.enable_socket


def test_a_request_that_is_done_is_answered_with_its_own_names() -> None:
    with response_server() as server:
        with answered(server.request("Create")):
            pass
        assert server.answers == [
            {
                "Status": "SUCCESS",
                "Reason": "",
                "PhysicalResourceId": "Sitedeployed",
                "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/S/1",
                "RequestId": "request-1",
                "LogicalResourceId": "Sitedeployed",
            }
        ]
        assert server.content_types == [""]  # what the address is signed for


def test_the_resource_keeps_its_id() -> None:
    """Another one would tell CloudFormation to delete the resource before."""
    with response_server() as server:
        with answered({**server.request("Update"), "PhysicalResourceId": "earlier"}):
            pass
        assert server.answers[0]["PhysicalResourceId"] == "earlier"


@pytest.mark.parametrize("error", [PermanentError("no such bucket"), KeyError("Bucket")])
def test_an_error_is_answered_with_its_reason_and_not_repeated(error: Exception) -> None:
    with response_server() as server:
        with answered(server.request("Create")):
            raise error
        (answer,) = server.answers
        assert answer["Status"] == "FAILED"
        assert type(error).__name__ in answer["Reason"]


def test_a_long_reason_is_shortened() -> None:
    with response_server() as server:
        with answered(server.request("Create")):
            raise PermanentError("x" * 10_000)
        assert len(server.answers[0]["Reason"]) == 1000


@pytest.mark.parametrize("character", ["x", '"', "é", "😀", "\x00"])
def test_no_answer_is_longer_than_cloudformation_takes(character: str) -> None:
    with response_server() as server:
        with answered(server.request("Create")):
            raise PermanentError(character * 10_000)
        assert len(json.dumps(server.answers[0])) <= 4_096


def test_an_answer_that_is_not_taken_is_put_again() -> None:
    with response_server(refusals=2) as server:
        with answered(server.request("Create")):
            pass
        assert len(server.answers) == 1


def test_an_answer_that_is_never_taken_is_an_error() -> None:
    with (
        response_server(refusals=TRIES) as server,
        pytest.raises(HTTPError),
        answered(server.request("Create")),
    ):
        pass
