"""One Lambda function: its code, its log, its role, and only the rights the stack gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import CfnCondition, CfnResource, Duration, IResolvable, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from infra.assets import ROOT

from .data.storage import Table
from .layers import ARM64, PYTHON, Layers


@dataclass(frozen=True, slots=True)
class Platform:
    """Settings of all functions."""

    layers: Layers
    log_level: str
    code_version: str


class Function(Construct):
    """functions/<name>/handler.py; the construct's id is that name.

    The role starts with the right to write its own log and nothing else.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        platform: Platform,
        description: str,
        timeout_s: int,
        memory_mb: int = 512,  # buys a share of a processor: imports in about 1 s
    ) -> None:
        super().__init__(scope, name)
        self.log = logs.LogGroup(
            self,
            "log",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(self, "role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.allow(["logs:CreateLogStream", "logs:PutLogEvents"], [self.log.log_group_arn])
        self.resource = lambda_.Function(
            self,
            "function",
            code=lambda_.Code.from_asset(
                str(ROOT / "functions" / name), exclude=["__pycache__", "*.pyc"]
            ),
            handler="handler.handler",
            runtime=PYTHON,
            architecture=ARM64,
            layers=list(platform.layers.all),
            memory_size=memory_mb,
            timeout=Duration.seconds(timeout_s),
            description=description,
            role=self.role.without_policy_updates(),
            log_group=self.log,
            environment={
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_METRICS_NAMESPACE": metrics_namespace(self),
                "LOG_LEVEL": platform.log_level,
                "CODE_VERSION": platform.code_version,
            },
        )

    def limit(self, executions: IResolvable) -> None:
        """Reserve executions for a function that visitors start: the pipeline keeps the rest."""
        reserved = "ReservedConcurrentExecutions"
        resource_of(self.resource).add_property_override(reserved, executions)

    def allow(self, actions: Sequence[str], resources: Sequence[str]) -> None:
        """Add one statement to the role's policy."""
        self.role.add_to_policy(
            iam.PolicyStatement(actions=list(actions), resources=list(resources))
        )

    def allow_if(
        self, condition: CfnCondition, name: str, actions: Sequence[str], resources: Sequence[str]
    ) -> None:
        """Add a policy of one statement that exists only under a condition."""
        statement = iam.PolicyStatement(actions=list(actions), resources=list(resources))
        policy = iam.Policy(self, name, roles=[self.role], statements=[statement])
        resource_of(policy).cfn_options.condition = condition

    def reads_secret(self, arn: str, places: tuple[CfnCondition, CfnCondition]) -> None:
        """Permit the function to read a secret, where it is: managed, or in a parameter.

        The key of an encrypted parameter is AWS's own, `aws/ssm`: its policy lets everyone in the
        account use it through SSM (Key Management Service, "AWS Systems Manager Parameter Store").
        """
        managed, in_parameters = places
        self.allow_if(managed, "read_secret", ["secretsmanager:GetSecretValue"], [arn])
        self.allow_if(in_parameters, "read_parameter", ["ssm:GetParameter"], [arn])

    def uses(self, table: Table, *actions: str, keys: Sequence[str] = ()) -> None:
        """Give the function a table's name, and permit exactly these DynamoDB actions.

        With `keys` on items of these partition keys alone.
        """
        self.set_environment({table.variable: table.resource.table_name})
        only = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": list(keys)}}
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=[f"dynamodb:{action}" for action in actions],
                resources=[table.resource.table_arn],
                conditions=only if keys else None,
            )
        )

    def queries(self, table: Table, *indexes: str) -> None:
        """Permit the function to query these indexes of a table, and only them."""
        self.set_environment({table.variable: table.resource.table_name})
        arn = table.resource.table_arn
        self.allow(["dynamodb:Query"], [f"{arn}/index/{index}" for index in indexes])

    def set_environment(self, environment: Mapping[str, str]) -> None:
        """Add environment variables."""
        for key, value in environment.items():
            self.resource.add_environment(key, value)


def metrics_namespace(scope: IConstruct) -> str:
    """Return the namespace of a stack's own metrics: its name, so that stages do not mix."""
    return Stack.of(scope).stack_name


def resource_of(part: IConstruct) -> CfnResource:
    """Return the resource that a construct is made of, for what the construct does not offer."""
    resource = part.node.default_child
    assert isinstance(resource, CfnResource)  # noqa: S101 - of constructs that are made of one
    return resource
