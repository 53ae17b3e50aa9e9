"""AWS clients: made on first use, one of each a process, all from one botocore session.

botocore, not boto3: the same clients with a third less import time. The endpoint comes from
AWS_ENDPOINT_URL by botocore itself, which is how the local run reaches the embedded AWS.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.config import Config
from botocore.session import Session, get_session

from .dynamodb_calls import extend

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient


@cache
def session() -> Session:
    """Return the process's session; not for use by several threads before a client is made."""
    return extend(get_session())


@cache
def s3() -> "S3Client":
    return cast("S3Client", _client("s3"))


@cache
def secrets() -> "SecretsManagerClient":
    return cast("SecretsManagerClient", _client("secretsmanager"))


@cache
def ssm() -> Any:
    return _client("ssm")


@cache
def sns() -> "SNSClient":
    return cast("SNSClient", _client("sns"))


@cache
def sqs() -> "SQSClient":
    return cast("SQSClient", _client("sqs"))


@cache
def cloudwatch() -> Any:
    return _client("cloudwatch")


@cache
def lambdas() -> "LambdaClient":
    return cast("LambdaClient", _client("lambda"))


@cache
def sockets(endpoint: str) -> "ApiGatewayManagementApiClient":
    """Return the client that posts to one WebSocket stage; `endpoint` is that stage's URL."""
    return cast("ApiGatewayManagementApiClient", _client("apigatewaymanagementapi", endpoint))


POOLED: Final = Config(
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=32,
    retries={"total_max_attempts": 4, "mode": "standard"},
)


def _client(service: str, endpoint: str | None = None) -> Any:
    return session().create_client(service, endpoint_url=endpoint, config=POOLED)
