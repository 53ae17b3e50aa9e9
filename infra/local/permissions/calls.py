"""Which rights a call of an AWS client needs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from signalengine_aws.runtime.secrets import parameter_name

from .grants import ALARMS, ASSETS, CLIENTS, IDENTITY, MODEL, SET

_MESSAGES: Final = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
_OBJECTS: Final = {"DeleteObjects": "DeleteObject"}
_ITEMS: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
Named = Callable[[str], str]
"""The name of a resource, from what a client calls it: its name, URL or ARN."""


def needs(
    service: str, operation: str, request: Mapping[str, Any], name: Named
) -> list[tuple[str, str]]:
    """Return the action and the resource of each right that a call needs.

    Raises KeyError for a service whose calls nobody here makes.
    """
    return list(_SERVICES[service](operation, request, name))


def _dynamodb(operation: str, request: Mapping[str, Any], name: Named) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            ((kind, one),) = item.items()
            yield f"dynamodb:{_ITEMS[kind]}", name(one["TableName"])
    elif "RequestItems" in request:
        for table in request["RequestItems"]:
            yield f"dynamodb:{operation}", name(table)
    else:
        index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
        yield f"dynamodb:{operation}", name(request["TableName"]) + index


def _sqs(operation: str, request: Mapping[str, Any], name: Named) -> Iterator[tuple[str, str]]:
    yield f"sqs:{_MESSAGES.get(operation, operation)}", name(request["QueueUrl"])


def _sns(operation: str, request: Mapping[str, Any], name: Named) -> Iterator[tuple[str, str]]:
    yield f"sns:{operation}", name(request["TopicArn"])


def _secrets(operation: str, request: Mapping[str, Any], name: Named) -> Iterator[tuple[str, str]]:
    yield f"secretsmanager:{operation}", name(request["SecretId"])


def _parameters(
    operation: str, request: Mapping[str, Any], name: Named
) -> Iterator[tuple[str, str]]:
    yield f"ssm:{operation}", name(request["Name"])


def _clients(_: str, __: Mapping[str, Any], ___: Named) -> Iterator[tuple[str, str]]:
    yield "execute-api:ManageConnections", CLIENTS


def _lambda(_: str, request: Mapping[str, Any], ___: Named) -> Iterator[tuple[str, str]]:
    yield "lambda:InvokeFunction", str(request["FunctionName"]).rpartition(":")[2]


def _bedrock(_: str, __: Mapping[str, Any], ___: Named) -> Iterator[tuple[str, str]]:
    yield "bedrock:InvokeModel", MODEL  # the right of Converse is that of InvokeModel


def _mail(_: str, request: Mapping[str, Any], __: Named) -> Iterator[tuple[str, str]]:
    # a mail that is sent whole needs the right of the earlier SendRawEmail too
    for action in ("ses:SendEmail", "ses:SendRawEmail"):
        yield action, IDENTITY
        if "ConfigurationSetName" in request:
            yield action, SET


def _cloudwatch(operation: str, _: Mapping[str, Any], __: Named) -> Iterator[tuple[str, str]]:
    yield f"cloudwatch:{operation}", ALARMS


def _s3(operation: str, request: Mapping[str, Any], name: Named) -> Iterator[tuple[str, str]]:
    bucket = request["Bucket"]
    if name(bucket) == bucket:  # no variable names it: its object is given
        yield f"s3:{operation}", ASSETS if bucket.startswith("cdk-") else MODEL
    elif operation == "ListObjectsV2":
        yield "s3:ListBucket", name(bucket)
    else:
        yield f"s3:{_OBJECTS.get(operation, operation)}", f"{name(bucket)}/*"


_SERVICES: Final[Mapping[str, Callable[..., Iterator[tuple[str, str]]]]] = {
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "sns": _sns,
    "secretsmanager": _secrets,
    "ssm": _parameters,
    "apigatewaymanagementapi": _clients,
    "bedrock-runtime": _bedrock,
    "lambda": _lambda,
    "sesv2": _mail,
    "s3": _s3,
    "cloudwatch": _cloudwatch,
}


def name_by(environment: Mapping[str, str], names: Callable[[str], str]) -> Named:
    """Return the names of what a function's environment names; `names` is of a variable."""
    found = {value: names(key) for key, value in environment.items() if value and names(key)}
    found |= {parameter_name(arn): name for arn, name in found.items() if parameter_name(arn)}
    return lambda value: found.get(value, value)
