"""Foreign errors become ours by their code, and every code they have is on a list."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.session import get_session
from pynamodb.exceptions import PutError, VerboseClientError
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.runtime import aws_errors
from signalengine_aws.runtime.aws_errors import (
    PERMANENT,
    TRANSIENT,
    code_of,
    existing_item,
    mapped,
    ours,
    status_of,
)

USED = {
    "dynamodb": ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "TransactWriteItems"],
    "sns": ["Publish"],
    "sqs": ["SendMessage"],
    "apigatewaymanagementapi": ["PostToConnection"],
}


def declared_codes(service: str, operation: str) -> set[str]:
    """The error codes that AWS's own model of an operation declares."""
    model = get_session().get_service_model(service)
    shapes = model.operation_model(operation).error_shapes
    codes = {getattr(shape, "error_code") for shape in shapes}  # noqa: B009 - stubs lack it
    return {shape.name for shape in shapes} | codes


@pytest.mark.parametrize(
    ("service", "operation"), [(s, operation) for s, names in USED.items() for operation in names]
)
def test_every_error_an_operation_declares_is_on_a_list(service: str, operation: str) -> None:
    assert declared_codes(service, operation) - TRANSIENT - PERMANENT == set()


def test_no_code_is_on_both_lists() -> None:
    assert frozenset() == TRANSIENT & PERMANENT


def client_error(code: str, status: int = 400) -> ClientError:
    response = {
        "Error": {"Code": code, "Message": "words that change"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "PutItem")  # type: ignore[arg-type]  # what botocore passes, in part


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (client_error("ThrottlingException"), TransientError),
        (client_error("ValidationException"), PermanentError),
        (client_error("AccessDeniedException"), PermanentError),
        (client_error("NeverHeardOf", 418), PermanentError),
        (client_error("NeverHeardOf", 500), TransientError),
        (client_error("NeverHeardOf", 0), TransientError),
        (EndpointConnectionError(endpoint_url="https://x"), TransientError),
        (PutError("", client_error("ProvisionedThroughputExceededException")), TransientError),
        (PutError("", EndpointConnectionError(endpoint_url="https://x")), TransientError),
        (
            PutError("", VerboseClientError({"Error": {"Code": "ValidationException"}}, "Put")),
            PermanentError,
        ),
    ],
)
def test_an_error_is_transient_or_permanent_by_its_code(
    error: Exception, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught, mapped("put"):
        raise error
    assert type(caught.value) is kind
    assert "words that change" not in str(caught.value)
    assert caught.value.__cause__ is error


def test_other_errors_pass_through() -> None:
    with pytest.raises(KeyError), mapped("put"):
        raise KeyError("ours to fix")


def test_the_message_names_the_action_and_the_code() -> None:
    assert str(ours(client_error("ThrottlingException"), "put bar")) == (
        "put bar: ThrottlingException"
    )
    assert code_of(ValueError()) is None


def test_the_reasons_of_a_cancelled_transaction_are_all_known() -> None:
    """As the API reference lists them: none means trying again with nothing changed."""
    listed = {
        "ConditionalCheckFailed", "ItemCollectionSizeLimitExceeded", "TransactionConflict",
        "ProvisionedThroughputExceeded", "ThrottlingError", "ValidationError",
    }  # fmt: skip
    again = {*aws_errors.CANCELLED_BUT_TRANSIENT, aws_errors.CANCELLED_CONDITION}
    assert listed - again == {"ItemCollectionSizeLimitExceeded", "ValidationError"}


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://x"),
        ConnectTimeoutError(endpoint_url="https://x"),
        EndpointConnectionError(endpoint_url="https://x"),
        HTTPClientError(error="reset"),
    ],
)
def test_an_error_without_a_response_has_neither_code_nor_status(error: BotoCoreError) -> None:
    for one in (error, PutError("", error)):
        assert (code_of(one), status_of(one), existing_item(one)) == (None, 0, None)
        assert type(ours(one, "post")) is TransientError
