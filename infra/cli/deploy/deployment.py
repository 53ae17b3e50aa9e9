"""`signalengine deploy` and `destroy`: check, print the commands, confirm, and run the CDK.

The checks (`doctor`) cover what the CDK does not report or reports late. A destroy deletes the
stack of the code, and lists what the stack of the data retains.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from rich.console import Console
from rich.text import Text

from infra.cli.cloud import BOOTSTRAP_VERSION, ECS_ROLE, Cloud, Resource, StackState
from infra.cli.views.page import plain
from infra.errors import USAGE, CommandError
from infra.names import DATA_PARAMETERS, checked_region
from infra.settings import ONLY, Stage, checked_stage, strategy_folder

from .account import delete_stack, state_of, unprotect
from .channels import served
from .checks import Check, passed, print_checks
from .machine import Machine
from .secrets import (
    PARAMETERS,
    encrypted_parameters,
    is_public,
    managed_arns,
    open_to_all,
    place_of,
    shown,
    write_secrets,
)

Confirm = Callable[[str], bool]
_DELETE: Final = {
    "AWS::DynamoDB::Table": "dynamodb delete-table --table-name {name}",
    "AWS::S3::Bucket": "s3 rb --force s3://{name}",
    "AWS::SecretsManager::Secret": "secretsmanager delete-secret --secret-id {name}",
    "AWS::SSM::Parameter": "ssm delete-parameter --name {name}",
}
"""How what the data's stack retains is deleted, by its type."""


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """The options of a deployment: region, stack parameters, stage, policy file."""

    region: str
    parameters: Mapping[str, str]
    stage: Stage = ONLY
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a deployment: its text, and what takes it and returns an exit code."""

    text: str
    take: Callable[[], int]


def checked(region: str) -> str:
    """Return the region; raises CommandError if Binance refuses it."""
    try:
        return checked_region(region)
    except ValueError as error:
        why = str(error).partition(". ")[0]
        raise CommandError(
            why, "choose another, for example --region ap-northeast-1", USAGE
        ) from error


def known_stage(name: str) -> Stage:
    """Return the stage of a name; raises CommandError for one that no stack can have."""
    try:
        return checked_stage(name)
    except ValueError as error:
        raise CommandError(str(error), "", USAGE) from error


def deploy(
    options: DeployOptions,
    cloud: Cloud,
    machine: Machine,
    checks: Sequence[Check],
    out: Console,
    confirm: Confirm,
    *,
    dry: bool = False,
) -> int:
    """Print the checks and the steps, confirm, deploy; return the exit code.

    With `dry` the steps are not taken: the difference to what is deployed is printed instead.
    """
    print_checks(checks, out)
    if not passed(checks):
        return 1
    cdk, account = machine.cdk(), cloud.account()
    place = place_of(options.parameters, options.stage, cloud)
    serving = served(options.parameters, options.stage, cloud)
    options = replace(options, parameters={**options.parameters, "SecretsIn": place, **serving})
    managed = managed_arns(options.stage, cloud)
    steps = list(_steps(options, cdk, cloud, machine, account))
    _print_steps([step.text for step in steps], out)
    if dry:
        difference = [*cdk, "diff", *options.stage.stacks, "--method=template", *_context(options)]
        return machine.run(difference)
    if not confirm(f"deploy {options.stage.code} to {account} in {options.region}?"):
        return 1
    for step in steps:
        code = step.take()
        if code:
            return code
    name = options.stage.code
    done = cloud.stack(name)
    if done is not None:
        bot = machine.set_up_bot(options.region, name, done.outputs)
        _print_next(name, done, bot, out, options.region)
    if place == PARAMETERS:
        _print_unused(managed, out, options.region)
    return 0


def destroy(
    region: str,
    stage: Stage,
    cloud: Cloud,
    machine: Machine,
    out: Console,
    confirm: Confirm,
    *,
    dry: bool = False,
) -> int:
    """Print what is deleted and what is retained, confirm, destroy; return the exit code.

    The stack of the data stays; the commands that delete it as well are printed at the end.
    """
    name, cdk, account = stage.code, machine.cdk(), cloud.account()
    stack, data = cloud.stack(name), cloud.stack(stage.data)
    if stack is None:
        raise CommandError(f"there is no stack {name} in {region}", "is it in another --region?")
    if stack.protected:
        raise CommandError(f"{name} is protected", f"first: {unprotect(name, region)}")
    print_checks(
        [Check("region", region), Check("AWS account", account), Check("stack", state_of(stack))],
        out,
    )
    retained: list[Resource] = []
    if data is not None:
        retained = _retained(cloud.resources(stage.data)) + encrypted_parameters(data.outputs)
    _print_retained(retained, out)
    command = [*cdk, "destroy", name, "--force", *_place(region, stage)]
    _print_steps([_shown(command)], out)
    if dry or not confirm(f"destroy {name} in {account}, {region}?"):
        return 0 if dry else 1
    code = machine.run(command)
    if code == 0 and retained:
        used = cloud.tables_in_use()
        foreign = {one.name: used[one.name] for one in retained if used.get(one.name, name) != name}
        for table, owner in foreign.items():
            out.print(f"{table} is used by {owner} and has to stay", highlight=False)
        mine = [one for one in retained if one.name not in foreign]
        commands = _delete_commands(stage.data, mine, region)
        out.print("to delete the data as well, for good, run:", highlight=False)
        for text in commands:
            out.print(Text(plain(f"  {text}")), soft_wrap=True)
    return code


def _steps(
    options: DeployOptions, cdk: list[str], cloud: Cloud, machine: Machine, account: str
) -> Iterator[Step]:
    """Yield what a deployment does, in order."""
    if _lacks(lambda: cloud.bootstrap_version() >= BOOTSTRAP_VERSION):
        yield _command([*cdk, "bootstrap", f"aws://{account}/{options.region}"], machine)
    if _lacks(cloud.has_ecs_role):
        yield Step(f"create the role {ECS_ROLE}, which ECS needs", partial(_create_role, cloud))
    given, in_parameters = options.parameters, options.parameters["SecretsIn"] == PARAMETERS
    if in_parameters:
        write = partial(write_secrets, given, options.stage, cloud)
        yield Step("write the secrets that are missing to encrypted parameters (free)", write)
    yield _command(
        [*cdk, "deploy", *options.stage.stacks, *_context(options), *_parameters(options)], machine
    )
    if in_parameters and is_public(given, options.stage, cloud):
        open_api = partial(open_to_all, options.stage, cloud)
        yield Step("remove the API's token: everyone may read", open_api)


def _command(command: Sequence[str], machine: Machine) -> Step:
    return Step(_shown(command), partial(machine.run, command))


def _lacks(there: Callable[[], bool]) -> bool:
    """Return whether something is known to be missing; who may not look takes it as there."""
    try:
        return not there()
    except CommandError:
        return False


def _create_role(cloud: Cloud) -> int:
    cloud.create_ecs_role()
    return 0


def _context(options: DeployOptions) -> list[str]:
    policy = ["-c", f"policy={options.policy}"] if options.policy else []
    folder = strategy_folder(os.environ)
    strategies = ["-c", f"strategies={folder}"] if folder else []
    return [*_place(options.region, options.stage), *policy, *strategies]


def _place(region: str, stage: Stage) -> list[str]:
    named = ["-c", f"stage={stage.name}"] if stage.name else []
    return ["-c", f"region={region}", *named]


def _parameters(options: DeployOptions) -> list[str]:
    """Return the parameters, each for the stack that knows it: the other would refuse it."""
    data, code = options.stage.stacks
    pairs = [
        f"{data if name in DATA_PARAMETERS else code}:{name}={value}"
        for name, value in options.parameters.items()
    ]
    return [word for pair in pairs for word in ("--parameters", pair)]


def _shown(command: Sequence[str]) -> str:
    return " ".join([".venv/bin/python", *command[1:]])


def _retained(resources: Sequence[Resource]) -> list[Resource]:
    return [one for one in resources if one.retained]


def _print_retained(retained: Sequence[Resource], out: Console) -> None:
    out.print("everything of the stack is deleted, with its logs and queued messages, except:")
    for one in retained:
        out.print(Text.assemble("  ", plain(one.name), (f"  {plain(one.kind)}", "dim")))
    if not retained:
        out.print("  nothing: everything is deleted")


def _delete_commands(stack: str, retained: Sequence[Resource], region: str) -> Iterator[str]:
    """Yield the commands that delete the stack of the data, and then what it retains."""
    yield unprotect(stack, region)
    yield delete_stack(stack, region)
    for one in retained:
        yield f"aws {_DELETE[one.kind].format(name=one.name)} --region {region}"


def _print_steps(texts: Iterable[str], out: Console) -> None:
    out.print("will run:")
    for text in texts:
        out.print(Text(f"  {plain(text)}", "bold"), soft_wrap=True)


def _print_unused(arns: Sequence[str], out: Console, region: str) -> None:
    """Print how secrets are deleted that were copied to parameters."""
    if arns:
        out.print("not used any more, $0.40 a month each; to delete them:", highlight=False)
    for arn in arns:
        command = _DELETE["AWS::SecretsManager::Secret"].format(name=arn)
        out.print(Text(plain(f"  aws {command} --region {region}")), soft_wrap=True)


def _print_next(name: str, stack: StackState, bot: str, out: Console, region: str) -> None:
    """Print the addresses and the next step."""
    outputs = stack.outputs
    for key in ("HttpUrl", "WebSocketUrl", "SiteUrl"):
        out.print(
            Text.assemble((f"{key:<13}", "bold"), plain(outputs.get(key, "–"))), soft_wrap=True
        )
    out.print(Text.assemble(("Telegram     ", "bold"), plain(bot)), soft_wrap=True)
    if "ApiSecretArn" in outputs:
        command = shown(outputs["ApiSecretArn"], region)
        out.print(Text.assemble(("API token    ", "bold"), plain(command)), soft_wrap=True)
    out.print(f"next: signalengine status --stack {name}", highlight=False)
