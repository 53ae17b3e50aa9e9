"""Maps errors of botocore and PynamoDB to ours, by error code and never by their text.

Transient: the same call may succeed later (throttling, conflicts, server faults, lost connections).
Permanent: it cannot (bad request, no such table, not allowed). Handlers raise both: a record is
dead-lettered for its content, never because AWS refused a call.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException
from signalengine.errors import PermanentError, SignalEngineError, TransientError

TRANSIENT: Final = frozenset({
    # any service
    "InternalFailure", "InternalServerError", "InternalError", "RequestTimeout",
    "RequestTimeoutException", "ServiceUnavailable", "ServiceUnavailableException",
    "SlowDown", "Throttling", "ThrottlingException", "Throttled", "TooManyRequestsException",
    "RequestLimitExceeded", "PriorRequestNotComplete", "BandwidthLimitExceeded",
    "ThrottledException", "RequestThrottled", "RequestThrottledException",
    # a role's credentials were rotated
    "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException",
    # DynamoDB
    "LimitExceededException", "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException", "TransactionCanceledException",
    "TransactionConflictException", "TransactionInProgressException",
    # SNS, its encryption included
    "InternalErrorException", "KMSThrottling", "KMSThrottlingException",
    # SQS
    "OverLimit", "KmsThrottled", "AWS.SimpleQueueService.OverLimit",
})  # fmt: skip
PERMANENT: Final = frozenset({
    # any service
    "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException",
    "Forbidden", "ForbiddenException", "InvalidClientTokenId", "MissingAuthenticationToken",
    "SignatureDoesNotMatch", "ValidationError", "ValidationException", "InvalidParameter",
    "InvalidParameterValue", "ParameterValueInvalid", "InvalidParameterException",
    "InvalidSecurity", "InvalidSecurityException", "UnsupportedOperation",
    # DynamoDB
    "ConditionalCheckFailedException", "IdempotentParameterMismatchException",
    "IdempotentParameterMismatch", "InvalidEndpointException", "ItemCollectionSizeLimitExceeded",
    "ItemCollectionSizeLimitExceededException", "ResourceNotFoundException",
    "PolicyNotFound", "PolicyNotFoundException",
    # SNS
    "EndpointDisabled", "EndpointDisabledException", "InvalidParameterValueException",
    "NotFound", "NotFoundException", "PlatformApplicationDisabled",
    "PlatformApplicationDisabledException", "KMSAccessDenied", "KMSAccessDeniedException",
    "KMSDisabled", "KMSDisabledException", "KMSInvalidState", "KMSInvalidStateException",
    "KMSNotFound", "KMSNotFoundException", "KMSOptInRequired",
    # SQS
    "InvalidAddress", "InvalidMessageContents", "KmsAccessDenied", "KmsDisabled",
    "KmsInvalidKeyUsage", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired",
    "QueueDoesNotExist",
    # API Gateway management
    "GoneException", "PayloadTooLargeException",
})  # fmt: skip
CONDITION: Final = "ConditionalCheckFailedException"
CONFLICT: Final = "TransactionConflictException"
"""A write met a transaction on the same item; neither AWS's client nor PynamoDB tries it again."""
CANCELLED_CONDITION: Final = "ConditionalCheckFailed"
"""The same in the reasons of a cancelled transaction, which have other names."""
CANCELLED_BUT_TRANSIENT: Final = frozenset(
    {"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"}
)


@contextmanager
def mapped(action: str) -> Iterator[None]:
    """Turn errors of AWS clients inside the block into TransientError or PermanentError."""
    try:
        yield
    except (ClientError, BotoCoreError, PynamoDBException) as error:
        raise ours(error, action) from error


def ours(error: BaseException, action: str) -> SignalEngineError:
    """Return our error for theirs; without a code it never reached AWS and is transient."""
    code = code_of(error)
    if code is None:
        return TransientError(f"{action}: {type(error).__name__}")
    kind = PermanentError if permanent(code, status_of(error)) else TransientError
    return kind(f"{action}: {code}")


def permanent(code: str, status: int = 0) -> bool:
    """Return whether the same request can never succeed; unlisted codes go by HTTP status."""
    if code in TRANSIENT:
        return False
    return code in PERMANENT or 400 <= status < 500


def code_of(error: BaseException | None) -> str | None:
    """Return the AWS error code inside an error of botocore or PynamoDB, None when it has none."""
    for response in _responses(error):
        code = response.get("Error", {}).get("Code")
        return code if isinstance(code, str) else None
    return None


def existing_item(error: BaseException) -> Mapping[str, Any] | None:
    """Return the item that made a condition fail, if the request had ALL_OLD."""
    items = (response.get("Item") for response in _responses(error))
    return next((dict(item) for item in items if item is not None), None)


def lost_conditions(error: BaseException, action: str) -> tuple[bool, ...]:
    """Return, for each action of a cancelled transaction, whether its condition failed.

    All False: it was throttled or conflicted with another transaction; try again. Other errors are
    raised as TransientError or PermanentError.
    """
    if code_of(error) != "TransactionCanceledException":
        raise ours(error, action) from error
    reasons = getattr(error, "cancellation_reasons", ())
    codes = [None if reason is None else reason.code for reason in reasons]
    for code in codes:
        if code is not None and code not in CANCELLED_BUT_TRANSIENT and code != CANCELLED_CONDITION:
            raise PermanentError(f"{action}: {code}") from error
    return tuple(code == CANCELLED_CONDITION for code in codes)


def status_of(error: BaseException | None) -> int:
    """Return the HTTP status inside an error, 0 when it has none."""
    metas = (response.get("ResponseMetadata", {}) for response in _responses(error))
    return next((int(meta["HTTPStatusCode"]) for meta in metas if "HTTPStatusCode" in meta), 0)


def _responses(error: BaseException | None) -> Iterator[Mapping[str, Any]]:
    """Yield botocore's responses, also from inside a PynamoDB error (its `cause`).

    botocore's own errors of a lost connection have the attribute, but None in it.
    """
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, Mapping):
            yield response
        error = getattr(error, "cause", None) or error.__cause__
