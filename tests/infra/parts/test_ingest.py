"""The ingest task: its container, its image, its rights."""

import json
from pathlib import Path
from typing import Any

from signalengine_aws.stores.lease import LEASE_KEY

from infra.names import INGEST_CAPACITIES
from tests.infra.template import Template


def test_the_ingest_container_can_write_nothing_but_its_spool(template: Template) -> None:
    (task,) = template.of_type("AWS::ECS::TaskDefinition").values()
    (container,) = task["ContainerDefinitions"]
    assert task["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
    assert container["ReadonlyRootFilesystem"] is True
    assert container["StopTimeout"] == 120
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    (mount,) = container["MountPoints"]
    spool = {"Name": "SPOOL_DIR", "Value": mount["ContainerPath"]}
    assert spool in container["Environment"]


def test_the_task_runs_on_spot_unless_the_operator_wants_otherwise(template: Template) -> None:
    parameter = template.body["Parameters"]["IngestCapacity"]
    assert parameter["AllowedValues"] == list(INGEST_CAPACITIES)
    condition = template.body["Conditions"]["IngestOnDemand"]
    assert condition == {"Fn::Equals": [{"Ref": "IngestCapacity"}, "on-demand"]}
    (cluster,) = template.of_type("AWS::ECS::Cluster").values()
    (service,) = template.of_type("AWS::ECS::Service").values()
    (strategy,) = service["CapacityProviderStrategy"]
    providers = strategy["CapacityProvider"]["Fn::If"][1:]
    assert sorted(providers) == sorted(cluster["CapacityProviders"]), "the cluster knows both"
    assert strategy["Weight"] == 1
    assert "LaunchType" not in service, "ECS refuses both, and a change of it is a new service"


def test_the_image_has_no_more_than_the_ingest_task(assembly: Any) -> None:
    manifest = json.loads(next(Path(assembly.folder).glob("*.assets.json")).read_text())
    (image,) = manifest["dockerImages"].values()
    context = Path(assembly.folder) / image["source"]["directory"]
    assert {p.name for p in context.iterdir()} == {"ingest_task", "layers"}


def test_the_ingest_task_may_put_records_and_renew_its_lease(template: Template) -> None:
    (task,) = template.of_type("AWS::ECS::TaskDefinition").values()
    role = task["TaskRoleArn"]["Fn::GetAtt"][0]
    put, renew = (
        statement
        for policy in template.of_type("AWS::IAM::Policy").values()
        if policy["Roles"] == [{"Ref": role}]
        for statement in policy["PolicyDocument"]["Statement"]
    )
    assert (put["Action"], "Condition" in put) == ("kinesis:PutRecords", False)
    assert renew["Action"] == "dynamodb:UpdateItem"
    only = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [LEASE_KEY]}}
    assert renew["Condition"] == only


def test_nothing_listens_inside_the_network(template: Template) -> None:
    for group in template.of_type("AWS::EC2::SecurityGroup").values():
        assert "SecurityGroupIngress" not in group
    assert template.of_type("AWS::EC2::NatGateway") == {}
