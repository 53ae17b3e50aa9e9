"""The proxy before a real embedded AWS: its guard and its signatures hold through the proxy."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.chaos.stack.call_faults import CallFault, CallFaults
from infra.local.chaos.stack.evidence import denied
from infra.local.chaos.stack.proxy import FaultProxy
from infra.local.stack.ministack import MiniStack
from infra.names import REGION

pytestmark = [pytest.mark.flow, pytest.mark.enable_socket]
TABLE: Final = "things"
ALLOWED: Final = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}
ANYONE: Final = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


@pytest.fixture(scope="module")
def faults() -> CallFaults:
    return CallFaults()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs") / "aws.log"


@pytest.fixture(scope="module")
def session(faults: CallFaults, log: Path) -> Iterator[Any]:
    """A client with the rights of a role, through the proxy."""
    with FaultProxy(faults) as proxy:
        aws = MiniStack(log=log, proxies=[proxy.port])
        aws.start()
        try:
            proxy.upstream = aws.endpoint
            yield role(aws, proxy.endpoint)
        finally:
            aws.stop()


def role(aws: MiniStack, endpoint: str) -> Any:
    owner = boto3.Session(aws.keys.access_key_id, aws.keys.secret_access_key, region_name=REGION)
    tables, iam, sts = (
        owner.client(name, endpoint_url=aws.endpoint) for name in ("dynamodb", "iam", "sts")
    )
    tables.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )  # fmt: skip
    trust = json.dumps({"Version": "2012-10-17", "Statement": [ANYONE]})
    made = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=trust)
    rights = json.dumps({"Version": "2012-10-17", "Statement": [ALLOWED]})
    iam.put_role_policy(RoleName="writer", PolicyName="put", PolicyDocument=rights)
    keys = sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="test")["Credentials"]
    return boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name=REGION,
        aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(retries={"total_max_attempts": 3}),
    )  # fmt: skip


def put(client: Any, key: str) -> None:
    client.put_item(
        TableName=TABLE, Item={"k": {"S": key}}, ConditionExpression="attribute_not_exists(k)"
    )


def test_a_signed_call_of_a_role_passes(session: Any) -> None:
    put(session, "one")
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        put(session, "one")


def test_a_call_that_the_role_may_not_make_is_denied_and_logged(session: Any, log: Path) -> None:
    before = len(denied(log))
    with pytest.raises(ClientError, match="AccessDenied"):
        session.delete_item(TableName=TABLE, Key={"k": {"S": "one"}})
    assert len(denied(log)) == before + 1


def test_an_answer_that_got_lost_shows_in_the_repeat_of_the_client(
    session: Any, faults: CallFaults
) -> None:
    """The call took effect: AWS's client sends it again, and its own write makes it fail."""
    faults.add(CallFault("reset_after", "dynamodb:PutItem"))
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        put(session, "two")


def test_a_refused_call_is_sent_again_and_takes_effect_once(
    session: Any, faults: CallFaults
) -> None:
    fault = CallFault("error", "dynamodb:PutItem", left=2)
    faults.add(fault)
    put(session, "three")
    assert fault.met == 2
