"""The account before a deployment: what is missing, and what would be refused."""

import pytest

from infra.cli.cloud import BOOTSTRAP, BOOTSTRAP_VERSION, AwsCloud, StackState
from infra.cli.deploy.account import account_checks
from infra.cli.deploy.checks import Check, passed

from .aws_limits import LimitsServer

pytestmark = pytest.mark.enable_socket
ACCOUNT = "123456789012"
DEPLOYED = StackState("UPDATE_COMPLETE")
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def checks(cloud: AwsCloud, stack: StackState | None = None) -> dict[str, Check]:
    return {check.name: check for check in account_checks(cloud, ACCOUNT, stack)}


def bootstrap(cloud: AwsCloud, version: str) -> None:
    ssm = cloud.client("ssm")
    ssm.put_parameter(Name=BOOTSTRAP, Value=version, Type="String", Overwrite=True)


def test_a_new_account_can_be_deployed_to(cloud: AwsCloud) -> None:
    found = checks(cloud)
    assert passed(list(found.values()))
    assert [name for name, one in found.items() if one.state == "advice"] == [
        "CDK bootstrap", "ECS role",
    ]  # fmt: skip
    assert "signalengine deploy does it" in found["CDK bootstrap"].fix


def test_what_a_deployment_adds_is_fine_afterwards(cloud: AwsCloud) -> None:
    bootstrap(cloud, str(BOOTSTRAP_VERSION))
    cloud.create_ecs_role()
    cloud.create_ecs_role()  # a second one is no error
    assert {one.state for one in checks(cloud).values()} == {"ok"}


@pytest.mark.parametrize(("version", "state"), [("5", "advice"), ("6", "ok"), ("30", "ok")])
def test_an_old_bootstrap_is_renewed(cloud: AwsCloud, version: str, state: str) -> None:
    bootstrap(cloud, version)
    check = checks(cloud)["CDK bootstrap"]
    assert (check.state, version in check.found) == (state, True)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "DELETE_FAILED", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_cannot_be_updated_is_reported_with_the_fix(
    cloud: AwsCloud, status: str
) -> None:
    check = checks(cloud, StackState(status))["stack"]
    assert check.state == "failed"
    assert "signalengine destroy" in check.fix or "wait" in check.fix


@pytest.mark.parametrize(
    ("blocked", "state"),
    [((), "ok"), (BLOCKS[:2], "ok"), (BLOCKS[2:3], "failed"), (BLOCKS[3:], "failed"),
     (BLOCKS, "failed")],
)  # fmt: skip
def test_an_account_that_refuses_public_buckets_is_found_before_the_stack_fails(
    cloud: AwsCloud, blocked: tuple[str, ...], state: str
) -> None:
    """Access lists may be blocked: the dashboard's bucket is public by its policy."""
    settings = {name: name in blocked for name in BLOCKS}
    cloud.client("s3control").put_public_access_block(
        AccountId=ACCOUNT, PublicAccessBlockConfiguration=settings
    )
    check = checks(cloud)["public buckets"]
    assert check.state == state
    for name in set(blocked) & set(BLOCKS[2:]):
        assert f"{name}=false" in check.fix


@pytest.mark.parametrize(("concurrency", "state"), [(10, "advice"), (99, "advice"), (100, "ok")])
def test_few_executions_at_a_time_are_advice_with_the_request_for_more(
    cloud: AwsCloud, limits: LimitsServer, concurrency: int, state: str
) -> None:
    limits.concurrency = concurrency
    check = checks(cloud)["Lambda"]
    assert check.state == state
    assert ("--quota-code L-B99A9384" in check.fix) == (state == "advice")


def test_a_region_full_of_networks_is_found_before_the_stack_fails(
    cloud: AwsCloud, limits: LimitsServer
) -> None:
    ec2 = cloud.client("ec2")
    while cloud.vpcs() < 5:
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
    check = checks(cloud)["VPCs"]
    assert (check.state, check.found) == ("failed", "5 of 5 in use")
    assert check.fix.endswith("--quota-code L-F678F1CE --desired-value 6")
    assert checks(cloud, DEPLOYED)["VPCs"].state == "ok"  # it has its own already
    limits.applied["L-F678F1CE"] = 6  # the account's own value goes before the default
    assert checks(cloud)["VPCs"].state == "ok"


def test_an_account_without_fargate_is_found_before_the_stack_fails(
    cloud: AwsCloud, limits: LimitsServer
) -> None:
    limits.applied["L-3032A538"] = 0
    assert checks(cloud)["Fargate vCPUs"].state == "failed"


def test_credentials_that_may_not_look_at_quotas_can_deploy(
    cloud: AwsCloud, limits: LimitsServer
) -> None:
    limits.denied = True
    found = checks(cloud)
    assert found["VPCs"].state == "advice"
    assert found["VPCs"].found.startswith("unknown: AWS refused the request for the quota")
    assert found["VPCs"].fix == "these credentials lack the permission"
    assert passed(list(found.values()))
