"""The account before a deployment: what is missing, and what would be refused."""

import pytest

from infra.cli.cloud import BOOTSTRAP, BOOTSTRAP_VERSION, AwsCloud, StackState
from infra.cli.deploy import account
from infra.cli.deploy.checks import Check, looked_up, passed
from infra.settings import ONLY, Stage

from .aws_limits import LimitsServer

pytestmark = pytest.mark.enable_socket
ACCOUNT = "123456789012"
DEPLOYED = StackState("UPDATE_COMPLETE")


VPCS, FARGATE = account.QUOTAS


def checks(cloud: AwsCloud) -> dict[str, Check]:
    return {one.name: one for one in account.account_checks(cloud, ACCOUNT, ONLY, None, None)}


def quota(cloud: AwsCloud, which: account.Quota, stack: StackState | None = None) -> Check:
    return looked_up(which.name, lambda: account._quota(cloud, stack, which))


def bootstrap(cloud: AwsCloud, version: str) -> None:
    ssm = cloud.client("ssm")
    ssm.put_parameter(Name=BOOTSTRAP, Value=version, Type="String", Overwrite=True)


def test_a_new_account_can_be_deployed_to_and_what_is_added_is_found_again(
    cloud: AwsCloud,
) -> None:
    found = checks(cloud)
    assert passed(list(found.values()))
    assert [name for name, one in found.items() if one.state == "advice"] == [
        "CDK bootstrap", "ECS role",
    ]  # fmt: skip
    assert "signalengine deploy does it" in found["CDK bootstrap"].fix
    bootstrap(cloud, str(BOOTSTRAP_VERSION))
    cloud.create_ecs_role()
    cloud.create_ecs_role()  # a second one is no error
    assert {name: one for name, one in checks(cloud).items() if one.state != "ok"} == {}


@pytest.mark.parametrize(("version", "state"), [("5", "advice"), ("6", "ok"), ("30", "ok")])
def test_an_old_bootstrap_is_renewed(cloud: AwsCloud, version: str, state: str) -> None:
    bootstrap(cloud, version)
    check = account._bootstrap(cloud, ACCOUNT)
    assert (check.state, version in check.found) == (state, True)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "DELETE_FAILED", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_cannot_be_updated_is_reported_with_the_fix(
    cloud: AwsCloud, status: str
) -> None:
    state, stage = StackState(status), Stage("dev")
    code, data, *_ = account.account_checks(cloud, ACCOUNT, stage, state, state)
    assert (code.name, code.state) == ("stack", "failed")
    assert "signalengine destroy --stage dev" in code.fix or "wait" in code.fix
    assert (data.name, data.state) == ("data stack", "failed")
    deletion = f"delete-stack --region {cloud.region} --stack-name {stage.data}"
    assert deletion in data.fix or "wait" in data.fix


@pytest.mark.parametrize(("concurrency", "state"), [(10, "advice"), (99, "advice"), (100, "ok")])
def test_few_executions_at_a_time_are_advice_with_the_request_for_more(
    cloud: AwsCloud, limits: LimitsServer, concurrency: int, state: str
) -> None:
    limits.concurrency = concurrency
    check = account._concurrency(cloud)
    assert check.state == state
    assert ("--quota-code L-B99A9384" in check.fix) == (state == "advice")


def test_a_region_full_of_networks_is_found_before_the_stack_fails(
    cloud: AwsCloud, limits: LimitsServer
) -> None:
    ec2 = cloud.client("ec2")
    while cloud.vpcs() < 5:
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
    check = quota(cloud, VPCS)
    assert (check.state, check.found) == ("failed", "5 of 5 in use")
    assert check.fix.endswith("--quota-code L-F678F1CE --desired-value 6")
    assert quota(cloud, VPCS, DEPLOYED).state == "ok"  # it has its own already
    limits.applied["L-F678F1CE"] = 6  # the account's own value goes before the default
    assert quota(cloud, VPCS).state == "ok"


def test_an_account_without_fargate_is_found_before_the_stack_fails(
    cloud: AwsCloud, limits: LimitsServer
) -> None:
    limits.applied["L-3032A538"] = 0
    assert quota(cloud, FARGATE).state == "failed"


def test_credentials_that_may_not_look_at_quotas_can_deploy(
    cloud: AwsCloud, limits: LimitsServer
) -> None:
    limits.denied = True
    check = quota(cloud, FARGATE)
    assert check.state == "advice"
    assert check.found.startswith("unknown: AWS refused the request for the quota")
    assert check.fix == "these credentials lack the permission"
