"""The commands' AWS requests; every error becomes a CommandError that names the fix."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from infra.errors import CommandError

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
CREDENTIALS_FIX = "set AWS_PROFILE, run `aws sso login` or `aws configure`, and try again"
_RETAINED = ("Retain", "RetainExceptOnCreate")
_REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_STALE = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClient")


@dataclass(frozen=True, slots=True)
class StackState:
    """The status and outputs of a CloudFormation stack."""

    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack; `retained` when deleting the stack leaves it."""

    logical: str
    name: str
    kind: str
    retained: bool


class Cloud(Protocol):
    """The port: one account and region."""

    region: str

    def account(self) -> str: ...

    def bootstrapped(self) -> bool: ...

    def stack(self, name: str) -> StackState | None: ...

    def resources(self, name: str) -> list[Resource]: ...


class AwsCloud:
    """AWS by boto3, with the credentials of the environment."""

    def __init__(self, region: str) -> None:
        self.region = region

    def account(self) -> str:
        """Return the account's number; raises CommandError without credentials."""
        with aws_errors("the request for the account", self.region):
            return str(self._client("sts").get_caller_identity()["Account"])

    def bootstrapped(self) -> bool:
        """Return whether the account and region are bootstrapped for the CDK."""
        with aws_errors("the check of the CDK bootstrap", self.region):
            try:
                self._client("ssm").get_parameter(Name=BOOTSTRAP)
            except ClientError as error:
                if _code(error) == "ParameterNotFound":
                    return False
                raise
        return True

    def stack(self, name: str) -> StackState | None:
        """Return the stack of this name, None if there is none."""
        with aws_errors(f"the request for stack {name}", self.region):
            try:
                found = self._client("cloudformation").describe_stacks(StackName=name)["Stacks"]
            except ClientError as error:
                if _code(error) == "ValidationError" and "does not exist" in str(error):
                    return None
                raise
        if not found:
            return None
        outputs = {o["OutputKey"]: o["OutputValue"] for o in found[0].get("Outputs", [])}
        return StackState(found[0]["StackStatus"], outputs)

    def resources(self, name: str) -> list[Resource]:
        """Return the resources of a stack."""
        with aws_errors(f"the request for the resources of {name}", self.region):
            client = self._client("cloudformation")
            template = client.get_template(StackName=name)["TemplateBody"]["Resources"]
            pages = client.get_paginator("list_stack_resources").paginate(StackName=name)
            rows = [row for page in pages for row in page["StackResourceSummaries"]]
        return [
            Resource(
                row["LogicalResourceId"],
                row.get("PhysicalResourceId", ""),
                row["ResourceType"],
                template.get(row["LogicalResourceId"], {}).get("DeletionPolicy") in _RETAINED,
            )
            for row in rows
        ]

    def _client(self, service: str) -> Any:
        config = Config(
            connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3}
        )
        return boto3.Session().client(  # type: ignore[call-overload]  # the name is not a literal here
            service, region_name=self.region, config=config
        )


@contextmanager
def aws_errors(what: str, region: str) -> Iterator[None]:
    """Turn the errors of AWS into CommandErrors; `what` names the request."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise CommandError(f"no usable AWS credentials: {error}", CREDENTIALS_FIX) from error
    except ClientError as error:
        code = _code(error)
        if code in _STALE:
            raise CommandError(
                f"the AWS credentials are not valid: {error}", CREDENTIALS_FIX
            ) from error
        fix = "these credentials lack the permission" if code in _REFUSED else ""
        raise CommandError(f"AWS refused {what}: {error}", fix) from error
    except BotoCoreError as error:
        fix = f"is {region} a region, and is the network up?"
        raise CommandError(f"{what} failed: {error}", fix) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
