"""Checks of the AWS account: what a first deployment needs there, and CloudFormation finds late."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from infra.build.cdk import COMMAND as CDK
from infra.cli.cloud import BOOTSTRAP_VERSION, AwsCloud, StackState
from infra.settings import Stage

from .checks import Check, looked_up

ENOUGH_CONCURRENCY = 100
"""Executions at the same time: the functions of the pipeline need about six, requests the rest."""
LAMBDA_QUOTA = ("lambda", "L-B99A9384")
UNFINISHED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS")
"""States in which a stack cannot be updated and has to be deleted first."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota of Service Quotas; a new stack adds `needed` to what is `used`."""

    name: str
    service: str
    code: str
    needed: float
    used: Callable[[AwsCloud], float] = lambda _: 0


QUOTAS = (
    Quota("VPCs", "vpc", "L-F678F1CE", 1, AwsCloud.vpcs),
    Quota("Fargate vCPUs", "fargate", "L-3032A538", 0.5),  # two tasks while one is replaced
)


def account_checks(
    cloud: AwsCloud, account: str, stage: Stage, stack: StackState | None, data: StackState | None
) -> Iterator[Check]:
    """Yield the checks of an account and a region that answer."""
    again = "signalengine destroy" + (f" --stage {stage.name}" if stage.name else "")
    yield _stack("stack", stack, again)
    yield _stack("data stack", data, _delete(stage.data, cloud.region))
    yield looked_up("CDK bootstrap", partial(_bootstrap, cloud, account))
    yield looked_up("ECS role", partial(_ecs_role, cloud))
    yield looked_up("Lambda", partial(_concurrency, cloud))
    yield looked_up("Kinesis shards", partial(_shards, cloud, stack))
    for quota in QUOTAS:
        yield looked_up(quota.name, partial(_quota, cloud, stack, quota))


def state_of(stack: StackState | None) -> str:
    """Return a stack's state as text."""
    return "does not exist yet" if stack is None else f"exists: {stack.status}"


def _stack(name: str, stack: StackState | None, deletion: str) -> Check:
    return Check(name, state_of(stack), "" if stack is None else _obstacle(stack, deletion))


def _obstacle(stack: StackState, deletion: str) -> str:
    """Return what blocks a deployment and the fix; empty if nothing does."""
    if stack.status in UNFINISHED:
        return f"its creation or deletion failed: {deletion}, then deploy again"
    if stack.status.endswith("_IN_PROGRESS"):
        return "another change is in progress: wait until it has finished"
    return ""


def unprotect(stack: str, region: str) -> str:
    """Return the command that ends the protection of a stack."""
    return (
        "aws cloudformation update-termination-protection --no-enable-termination-protection "
        f"--region {region} --stack-name {stack}"
    )


def delete_stack(stack: str, region: str) -> str:
    """Return the command that deletes a stack that is not protected; its tables stay."""
    return f"aws cloudformation delete-stack --region {region} --stack-name {stack}"


def _delete(stack: str, region: str) -> str:
    """Return the commands that delete a protected stack of the data, whose tables stay."""
    return f"{unprotect(stack, region)} && {delete_stack(stack, region)}"


def _bootstrap(cloud: AwsCloud, account: str) -> Check:
    version = cloud.bootstrap_version()
    if version >= BOOTSTRAP_VERSION:
        return Check("CDK bootstrap", f"version {version}")
    found = f"version {version}" if version else "missing"
    command = " ".join([".venv/bin/python", *CDK[1:], "bootstrap"])
    fix = f"signalengine deploy does it; or: {command} aws://{account}/{cloud.region}"
    wanted = f"{found}, and the stack needs {BOOTSTRAP_VERSION}"
    return Check("CDK bootstrap", wanted, fix, required=False)


def _ecs_role(cloud: AwsCloud) -> Check:
    """An account's first service may fail, because ECS makes its role only then."""
    if cloud.has_ecs_role():
        return Check("ECS role", "exists")
    command = "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com"
    fix = f"signalengine deploy creates it; or: {command}"
    return Check("ECS role", "AWSServiceRoleForECS is missing", fix, required=False)


def _concurrency(cloud: AwsCloud) -> Check:
    limit = cloud.lambda_concurrency()
    found = f"{limit} executions at the same time"
    if limit >= ENOUGH_CONCURRENCY:
        return Check("Lambda", found)
    fix = f"requests of visitors may delay signals; ask for more: {increase(*LAMBDA_QUOTA, 1000)}"
    return Check("Lambda", found, fix, required=False)


def _shards(cloud: AwsCloud, stack: StackState | None) -> Check:
    used, limit = cloud.shards()
    found = f"{used} of {limit} in use"
    if stack is not None or used < limit:
        return Check("Kinesis shards", found)
    return Check("Kinesis shards", found, "ask AWS's support for one more shard in this region")


def _quota(cloud: AwsCloud, stack: StackState | None, quota: Quota) -> Check:
    limit, used = cloud.quota(quota.service, quota.code), quota.used(cloud)
    found = f"{used:g} of {limit:g} in use" if used else f"{limit:g}"
    if stack is not None or used + quota.needed <= limit:
        return Check(quota.name, found)
    return Check(quota.name, found, increase(quota.service, quota.code, used + quota.needed))


def increase(service: str, code: str, value: float) -> str:
    """Return the command that asks AWS for a higher quota."""
    return (
        "aws service-quotas request-service-quota-increase "
        f"--service-code {service} --quota-code {code} --desired-value {value:g}"
    )
