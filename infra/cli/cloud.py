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
from signalengine_aws.runtime.secrets import secret_by

from infra.errors import CommandError
from infra.names import STACK

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
BOOTSTRAP_VERSION = 6
"""The oldest version of the CDK's bootstrap that the stack can be deployed with."""
ECS_ROLE = "AWSServiceRoleForECS"
CREDENTIALS_FIX = "set AWS_PROFILE, run `aws sso login` or `aws configure`, and try again"
_ECS_ROLES = "/aws-service-role/ecs.amazonaws.com/"
CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
_RETAINED = ("Retain", "RetainExceptOnCreate")
_TAKEN = ("InvalidInput", "EntityAlreadyExists")
_REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_STALE = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClient")


@dataclass(frozen=True, slots=True)
class StackState:
    """The status and outputs of a CloudFormation stack; `protected`: AWS refuses to delete it."""

    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    protected: bool = False


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

    def bootstrap_version(self) -> int: ...

    def has_ecs_role(self) -> bool: ...

    def create_ecs_role(self) -> None: ...

    def stack(self, name: str) -> StackState | None: ...

    def parameter(self, stack: str, name: str) -> str | None: ...

    def secret(self, arn: str) -> str: ...

    def encrypted(self, name: str) -> str | None: ...

    def encrypt(self, name: str, text: str) -> None: ...

    def resources(self, name: str) -> list[Resource]: ...

    def tables_in_use(self) -> dict[str, str]: ...


class AwsCloud:
    """AWS by boto3, with the credentials of the environment."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._session: boto3.Session | None = None
        self._clients: dict[str, Any] = {}

    def account(self) -> str:
        """Return the account's number; raises CommandError without credentials."""
        with aws_errors("the request for the account", self.region):
            return str(self.client("sts").get_caller_identity()["Account"])

    def bootstrap_version(self) -> int:
        """Return the version of the CDK's bootstrap in the account and region, 0 without one."""
        with aws_errors("the check of the CDK bootstrap", self.region):
            try:
                found = self.client("ssm").get_parameter(Name=BOOTSTRAP)
            except ClientError as error:
                if code_of(error) == "ParameterNotFound":
                    return 0
                raise
        text = found["Parameter"]["Value"]
        return int(text) if text.isdecimal() else 0

    def has_ecs_role(self) -> bool:
        """Return whether the account has the role by which ECS works in its network."""
        with aws_errors(f"the request for the role {ECS_ROLE}", self.region):
            return bool(self.client("iam").list_roles(PathPrefix=_ECS_ROLES)["Roles"])

    def create_ecs_role(self) -> None:
        """Create that role, unless it exists."""
        with aws_errors(f"the creation of the role {ECS_ROLE}", self.region):
            try:
                self.client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
            except ClientError as error:
                if code_of(error) not in _TAKEN:  # by another deployment, meanwhile
                    raise

    def lambda_concurrency(self) -> int:
        """Return how many functions may run at the same time in the account and region."""
        with aws_errors("the request for Lambda's limits", self.region):
            limits = self.client("lambda").get_account_settings()["AccountLimit"]
        return int(limits["ConcurrentExecutions"])

    def shards(self) -> tuple[int, int]:
        """Return the Kinesis shards in use, and their limit."""
        with aws_errors("the request for Kinesis's limits", self.region):
            limits = self.client("kinesis").describe_limits()
        return int(limits["OpenShardCount"]), int(limits["ShardLimit"])

    def vpcs(self) -> int:
        """Return the number of virtual networks in the region."""
        with aws_errors("the request for the VPCs", self.region):
            pages = self.client("ec2").get_paginator("describe_vpcs").paginate()
            return sum(len(page["Vpcs"]) for page in pages)

    def quota(self, service: str, code: str) -> float:
        """Return the account's value of a quota, AWS's default where it has no value of its own."""
        with aws_errors(f"the request for the quota {service}/{code}", self.region):
            quotas = self.client("service-quotas")
            which = {"ServiceCode": service, "QuotaCode": code}
            try:
                found = quotas.get_service_quota(**which)
            except ClientError as error:
                if code_of(error) != "NoSuchResourceException":
                    raise
                found = quotas.get_aws_default_service_quota(**which)
        return float(found["Quota"]["Value"])

    def secret(self, arn: str) -> str:
        """Return the text of a secret: of Secrets Manager, or an encrypted parameter's."""
        with aws_errors("the request for a secret", self.region):
            return secret_by(self.client, arn)

    def encrypted(self, name: str) -> str | None:
        """Return the text of an encrypted parameter, None without it."""
        with aws_errors("the request for a secret", self.region):
            try:
                return self._parameter(name)
            except ClientError as error:
                if code_of(error) == "ParameterNotFound":
                    return None
                raise

    def encrypt(self, name: str, text: str) -> None:
        """Write an encrypted parameter, under the key that AWS has for them (free)."""
        with aws_errors("the writing of a secret", self.region):
            self.client("ssm").put_parameter(
                Name=name, Value=text, Type="SecureString", Overwrite=True
            )

    def _parameter(self, name: str) -> str:
        found = self.client("ssm").get_parameter(Name=name, WithDecryption=True)
        return str(found["Parameter"]["Value"])

    def stack(self, name: str) -> StackState | None:
        """Return the stack of this name, None if there is none."""
        with aws_errors(f"the request for stack {name}", self.region):
            try:
                found = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
            except ClientError as error:
                if code_of(error) == "ValidationError" and "does not exist" in str(error):
                    return None
                raise
        if not found:
            return None
        outputs = {o["OutputKey"]: o["OutputValue"] for o in found[0].get("Outputs", [])}
        protected = bool(found[0].get("EnableTerminationProtection"))
        return StackState(found[0]["StackStatus"], outputs, protected)

    def parameter(self, stack: str, name: str) -> str | None:
        """Return the value of a stack's parameter, None without it."""
        with aws_errors(f"the request for stack {stack}", self.region):
            found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        values = {row["ParameterKey"]: row["ParameterValue"] for row in found["Parameters"]}
        return values.get(name)

    def resources(self, name: str) -> list[Resource]:
        """Return the resources of a stack."""
        with aws_errors(f"the request for the resources of {name}", self.region):
            client = self.client("cloudformation")
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

    def tables_in_use(self) -> dict[str, str]:
        """Return the tables that the code of any stage uses, each with the name of its stack."""
        named = {"ParameterFilters": [
            {"Key": "Name", "Option": "BeginsWith", "Values": [f"/{STACK}"]}
        ]}  # fmt: skip
        with aws_errors("the request for the tables in use", self.region):
            ssm = self.client("ssm")
            pages = ssm.get_paginator("describe_parameters").paginate(**named)
            names = [row["Name"] for page in pages for row in page["Parameters"]]
            names = [name for name in names if "/tables/" in name]
            found = [
                row
                for begin in range(0, len(names), 10)
                for row in ssm.get_parameters(Names=names[begin : begin + 10])["Parameters"]
            ]
        return {row["Value"]: row["Name"].split("/")[1] for row in found}

    def client(self, service: str) -> Any:
        """Return the client of one AWS service."""
        if service not in self._clients:
            if self._session is None:
                self._session = boto3.Session()
            self._clients[service] = self._session.client(  # type: ignore[call-overload]  # the name is not a literal here
                service, region_name=self.region, config=CONFIG
            )
        return self._clients[service]


@contextmanager
def aws_errors(what: str, region: str) -> Iterator[None]:
    """Turn the errors of AWS into CommandErrors; `what` names the request."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise CommandError(f"no usable AWS credentials: {error}", CREDENTIALS_FIX) from error
    except ClientError as error:
        code = code_of(error)
        if code in _STALE:
            raise CommandError(
                f"the AWS credentials are not valid: {error}", CREDENTIALS_FIX
            ) from error
        fix = "these credentials lack the permission" if code in _REFUSED else ""
        raise CommandError(f"AWS refused {what}: {error}", fix) from error
    except BotoCoreError as error:
        fix = f"is {region} a region, and is the network up?"
        raise CommandError(f"{what} failed: {error}", fix) from error


def code_of(error: ClientError) -> str:
    """Return the code of an error of AWS."""
    return str(error.response.get("Error", {}).get("Code", ""))
