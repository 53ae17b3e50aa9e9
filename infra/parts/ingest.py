"""The ingest task: one small Fargate container that is connected to the exchange."""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from infra.assets import ROOT

from .function import metrics_namespace, resource_of
from .settings import MARKET, ON_DEMAND, SPOT
from .shared import Shared

SPOOL = "/spool"
PROVIDERS = [SPOT, ON_DEMAND]
# What the image holds; everything else is left out of the build's context.
CONTEXT = ("ingest_task", "layers/core/python", "layers/aws/python")


class Ingest(Construct):
    """One arm64 task in a public subnet: no NAT gateway, no open port, outgoing HTTPS only.

    Its root is read-only except for the spool. Its role permits two things: to put records, and to
    renew the lease by which only one of two overlapping tasks publishes.
    """

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        storage, settings = shared.storage, shared.settings
        network = ec2.Vpc(
            self,
            "network",
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC)
            ],
        )
        group = ec2.SecurityGroup(self, "group", vpc=network, allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Exchange and AWS")
        self.task = self._task(shared.feed.stream, storage.state.resource)
        self._container({
            "FEED_STREAM": shared.feed.stream.stream_name,
            "LEASE_TABLE": storage.state.resource.table_name,
            "SYMBOLS": settings.symbols,
            "MARKET": MARKET,
            "TASK_NAME": "ingest_task",
            "SPOOL_DIR": SPOOL,
            "LOG_LEVEL": settings.log_level,
            "METRICS_NAMESPACE": metrics_namespace(self),
        })  # fmt: skip
        self.service = ecs.FargateService(
            self,
            "service",
            cluster=self._cluster(network),
            task_definition=self.task,
            desired_count=settings.ingest_tasks(),
            # A strategy, and no launch type: changing one would make the service anew.
            capacity_provider_strategies=[
                ecs.CapacityProviderStrategy(capacity_provider=settings.ingest_provider(), weight=1)
            ],
            assign_public_ip=True,
            security_groups=[group],
            # Two tasks side by side are harmless (bars are folded once), a gap is not.
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
        )
        # CloudFormation knows the subnets and the role, not the way out and the right to pull.
        self.start_after(network, self.task.obtain_execution_role())

    def start_after(self, *parts: IConstruct) -> None:
        """Create or update the task only when these parts are complete.

        What it sends at its start (the history) has to meet functions of its own release.
        """
        self.service.node.add_dependency(*parts)

    def _cluster(self, network: ec2.Vpc) -> ecs.Cluster:
        cluster = ecs.Cluster(self, "cluster", vpc=network)
        resource_of(cluster).add_property_override("CapacityProviders", PROVIDERS)
        return cluster

    def _task(self, stream: kinesis.Stream, lease: dynamodb.ITable) -> ecs.FargateTaskDefinition:
        task = ecs.FargateTaskDefinition(
            self,
            "task",
            cpu=256,
            memory_limit_mib=512,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            volumes=[ecs.Volume(name="spool")],
        )
        task.add_to_task_role_policy(
            iam.PolicyStatement(actions=["kinesis:PutRecords"], resources=[stream.stream_arn])
        )
        task.add_to_task_role_policy(
            iam.PolicyStatement(
                actions=["dynamodb:UpdateItem"],
                resources=[lease.table_arn],
                # of the table of states this one item, as signalengine_aws.stores.lease names it
                conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["#lease"]}},
            )
        )
        return task

    def _container(self, environment: Mapping[str, str]) -> None:
        limits = ecs.LinuxParameters(self, "limits", init_process_enabled=True)
        limits.drop_capabilities(ecs.Capability.ALL)
        container = self.task.add_container(
            "ingest_task",
            image=ecs.ContainerImage.from_docker_image_asset(_image(self)),
            environment=dict(environment),
            readonly_root_filesystem=True,
            # ECS does not read the image's own health check; this is the same one.
            health_check=ecs.HealthCheck(
                command=["CMD", "python", "-m", "ingest_task.health"],
                interval=Duration.seconds(15),
                start_period=Duration.seconds(120),
            ),
            stop_timeout=Duration.seconds(120),  # Fargate's most; a drain takes seconds
            linux_parameters=limits,
            logging=ecs.LogDriver.aws_logs(
                stream_prefix="ingest_task",
                log_group=logs.LogGroup(
                    self,
                    "log",
                    retention=logs.RetentionDays.ONE_MONTH,
                    removal_policy=RemovalPolicy.DESTROY,
                ),
            ),
        )
        container.add_mount_points(
            ecs.MountPoint(container_path=SPOOL, read_only=False, source_volume="spool")
        )


def _image(scope: Construct) -> assets.DockerImageAsset:
    """Hashed at synthesis, built by Docker only at deployment."""
    return assets.DockerImageAsset(
        scope,
        "image",
        directory=str(ROOT),
        file="ingest_task/Dockerfile",
        platform=assets.Platform.LINUX_ARM64,
        exclude=["**", *(f"!{folder}/**" for folder in CONTEXT), "**/__pycache__"],
    )
