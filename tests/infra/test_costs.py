"""The cost model against the template: the model has all that costs by the hour."""

from collections import Counter

from signalengine_aws.costs import fixed_costs, watching
from signalengine_aws.costs.prices import Unit
from signalengine_aws.runtime.channels import COUNTED, QUEUES, metric
from signalengine_aws.runtime.observability import METRICS

from ingest_task.lease import RENEW_S
from ingest_task.metrics import EMF

from .template import Template

FIXED = {
    "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::Kinesis::Stream",
    "AWS::SecretsManager::Secret", "AWS::Scheduler::Schedule", "AWS::Lambda::EventSourceMapping",
    "AWS::KinesisFirehose::DeliveryStream",
}  # fmt: skip
"""Types that cost by the hour, or work without a request; each is compared below."""
BY_USE = {
    "AWS::ApiGatewayV2::Api", "AWS::CloudFront::Distribution", "AWS::CloudFront::Function",
    "AWS::DynamoDB::Table", "AWS::Lambda::Function",
    "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue",
}  # fmt: skip
"""Types that cost by use."""
FREE = {
    # of alarms ten metrics, of the dashboard fifty: tests/infra/parts/watching counts them
    "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard",
    "AWS::Budgets::Budget", "AWS::Logs::MetricFilter", "AWS::Logs::QueryDefinition",
    "AWS::SES::ConfigurationSet", "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SNS::TopicPolicy", "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy", "AWS::CloudFront::CachePolicy",
    "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
    "AWS::EC2::InternetGateway", "AWS::EC2::Route", "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC", "AWS::EC2::VPCGatewayAttachment", "AWS::ECS::Cluster", "AWS::IAM::Policy",
    "AWS::IAM::Role", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission", "AWS::Logs::LogStream", "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription", "AWS::SQS::QueuePolicy", "AWS::SSM::Parameter", "Custom::Site",
}  # fmt: skip
"""Types without a price."""
ON_REQUEST = {
    "serve_api", "connect_websocket", "greet_clients", "answer_chat", "answer_telegram",
    "answer_email", "answer_push", "deploy_site", "change_settings",
}  # fmt: skip
"""Functions that run on a request of a user or at a deployment; nothing counts how often."""
WATCHING = {"probe_service", "alert_telegram"}
"""Functions that watch; the probe has its price apart."""


def test_every_resource_is_in_the_model_or_has_no_price(template: Template, data: Template) -> None:
    """A new type of resource belongs to one of the three sets; one of the first has a price."""
    resources = template.body["Resources"] | data.body["Resources"]
    types = {resource["Type"] for resource in resources.values()}
    assert types - FIXED - BY_USE - FREE == set()
    assert types >= FIXED


def test_the_task_and_its_address_are_those_that_are_paid_for(template: Template) -> None:
    (service,) = template.of_type("AWS::ECS::Service").values()
    (task,) = template.of_type("AWS::ECS::TaskDefinition").values()
    assert service["DesiredCount"] == {"Fn::If": ["OnAws", {"Ref": "IngestTasks"}, 0]}
    assert template.body["Parameters"]["IngestTasks"]["Default"] == fixed_costs.TASKS
    (strategy,) = service["CapacityProviderStrategy"]
    assert strategy["CapacityProvider"] == {"Fn::If": ["IngestOnDemand", "FARGATE", "FARGATE_SPOT"]}
    assert template.body["Parameters"]["IngestCapacity"]["Default"] == "spot"
    assert {Unit.SPOT_VCPU_H, Unit.SPOT_GB_H} < set(fixed_costs.PER_HOUR)
    network = service["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert (network["AssignPublicIp"] == "ENABLED") == (fixed_costs.ADDRESSES == fixed_costs.TASKS)
    assert (int(task["Cpu"]) / 1024, int(task["Memory"]) / 1024) == (
        fixed_costs.TASK_VCPU, fixed_costs.TASK_GB,
    )  # fmt: skip
    assert task["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
    assert "EphemeralStorage" not in task  # more than 20 GB would cost


def test_streams_secrets_schedules_and_pollers_are_counted(
    template: Template, data: Template
) -> None:
    streams = template.of_type("AWS::Kinesis::Stream").values()
    assert sum(stream["ShardCount"] for stream in streams) == fixed_costs.SHARDS
    for stream in streams:
        assert stream["RetentionPeriodHours"] == 24  # more would cost
        assert stream["StreamEncryption"]["KeyId"] == "alias/aws/kinesis"
    assert len(data.of_type("AWS::SecretsManager::Secret")) == fixed_costs.SECRETS
    schedules = template.of_type("AWS::Scheduler::Schedule").values()
    rates = Counter(one["ScheduleExpression"] for one in schedules)
    assert rates == {"rate(1 minute)": fixed_costs.SCHEDULES_A_MINUTE, "rate(5 minutes)": 1}
    assert watching.PROBES_H == 60 / 5
    polled = [one for _, one in template.mappings() if "StartingPosition" not in one]
    always = [one for one in polled if "Enabled" not in one]
    assert len(always) == fixed_costs.POLLED_QUEUES
    assert [one["Enabled"] for one in polled if "Enabled" in one] == [
        {"Fn::If": ["ChannelsAreServed", True, False]}
    ]
    assert template.body["Parameters"]["ServesChannels"]["Default"] == "false"
    assert not [one for _, one in template.mappings() if "ProvisionedPollerConfig" in one]


def test_the_archive_writes_as_often_as_is_paid_for(template: Template) -> None:
    (delivery,) = template.of_type("AWS::KinesisFirehose::DeliveryStream").values()
    hints = delivery["ExtendedS3DestinationConfiguration"]["BufferingHints"]
    assert 3600 / hints["IntervalInSeconds"] == fixed_costs.OBJECTS_H


def test_the_lease_is_renewed_as_often_as_is_paid_for() -> None:
    assert fixed_costs.LEASE_WRITES_H == 3600 / RENEW_S


def test_functions_have_the_memory_that_is_paid_for(template: Template) -> None:
    memory = {name: f["MemorySize"] / 1024 for name, f in template.functions().items()}
    assert set(memory) - set(fixed_costs.MEMORY_GB) == ON_REQUEST | WATCHING
    assert memory["probe_service"] == watching.PROBE_GB
    assert {name: memory[name] for name in fixed_costs.MEMORY_GB} == fixed_costs.MEMORY_GB
    for function in template.functions().values():
        assert function["Architectures"] == ["arm64"]


def test_tables_cost_what_is_written_and_are_backed_up(data: Template) -> None:
    for table in data.tables().values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table.get("TableClass", "STANDARD") == "STANDARD"


def test_the_custom_metrics_of_a_healthy_stack_are_counted() -> None:
    functions = {"PublicationLag"}
    bad_hours = {"OldestMessage"} | {metric(c, name) for c in QUEUES for name in COUNTED}
    assert functions | bad_hours | {"HeartbeatAge"} == set(METRICS), "a new one is paid for"
    assert len(EMF) + len(functions) == fixed_costs.METRICS
    assert len({"HeartbeatAge"}) == watching.METRICS


def test_nothing_by_the_hour_is_free() -> None:
    for per_hour in (fixed_costs.PER_HOUR, fixed_costs.CHANNELS, watching.PER_HOUR):
        assert set(per_hour) <= set(Unit)
        assert all(amount > 0 for amount in per_hour.values())
