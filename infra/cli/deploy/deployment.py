"""`signalengine deploy` and `destroy`: look, say what will be done, ask, and let the CDK do it.

The CDK's own command does the work. What is added is what it does not say: that Binance refuses a
region, that Docker does not run, that the account is not bootstrapped, and what a destroy keeps.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import boto3
from rich.console import Console
from rich.text import Text
from signalengine.errors import SignalEngineError

from infra.assets import ROOT
from infra.build.dashboard import build_site
from infra.build.node import NodeMissingError, node_env, node_folder
from infra.build.upload import upload_site
from infra.cli.cloud import Cloud, Resource, StackState, aws_errors
from infra.cli.telegram.admin import admin_of
from infra.cli.views.page import plain
from infra.errors import USAGE, CommandError
from infra.names import STACK, checked_region

CDK = "aws-cdk@2"
DOCKER_TIMEOUT_S = 20
UNFINISHED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS")
"""States in which a stack cannot be updated: it has to be deleted first."""
Confirm = Callable[[str], bool]


class Machine(Protocol):
    """The port: what this machine can do."""

    def npx(self) -> str:
        """Return the path of `npx`; raises CommandError when there is no usable Node."""
        ...

    def docker(self) -> str | None:
        """Return the version of the Docker that runs here; None when none does."""
        ...

    def run(self, command: Sequence[str]) -> int:
        """Run a command for the person to see; return its exit code."""
        ...

    def publish(self, region: str, outputs: Mapping[str, str]) -> None:
        """Build the dashboard and put it into the stack's bucket."""
        ...

    def set_up_bot(self, region: str, outputs: Mapping[str, str]) -> str:
        """Point the stack's bot at it and set its menus; return what came of that, in words."""
        ...


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """What to deploy: parameters of the stack, and the CDK's context."""

    region: str
    parameters: Mapping[str, str]
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and what to do if that is bad (empty when it is not)."""

    name: str
    found: str
    fix: str = ""


class LocalMachine:
    """This machine."""

    def npx(self) -> str:
        try:
            return str(node_folder() / "npx")
        except NodeMissingError as error:
            raise CommandError(str(error), "make setup") from error

    def docker(self) -> str | None:
        docker = shutil.which("docker")
        if docker is None:
            return None
        try:
            result = subprocess.run(  # noqa: S603 - an executable found on PATH
                [docker, "version", "--format", "{{.Server.Version}}"],
                capture_output=True, text=True, check=False, timeout=DOCKER_TIMEOUT_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
        return result.stdout.strip() or None if result.returncode == 0 else None

    def run(self, command: Sequence[str]) -> int:
        env = {**os.environ, **node_env()}
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode  # noqa: S603 - built here

    def publish(self, region: str, outputs: Mapping[str, str]) -> None:
        site = build_site()
        config = {
            "name": "aws", "httpUrl": outputs["HttpUrl"], "webSocketUrl": outputs["WebSocketUrl"],
        }  # fmt: skip
        with aws_errors("whether it took the dashboard", region):
            upload_site(boto3.client("s3", region), outputs["SiteBucketName"], site, config)

    def set_up_bot(self, region: str, outputs: Mapping[str, str]) -> str:
        again = f"signalengine telegram commands --stack {STACK}"
        try:
            with aws_errors("the secret of Telegram's bot", region):
                done = admin_of(outputs, region_name=region).register()
        except (CommandError, SignalEngineError) as error:
            return f"{error}; then: {again}"
        return f"{done['bot']} sends its updates here"


def checked(region: str) -> str:
    """Return a region that Binance answers; raises CommandError for another."""
    try:
        return checked_region(region)
    except ValueError as error:
        why = str(error).partition(". ")[0]
        raise CommandError(
            why, "choose another, for example --region ap-northeast-1", USAGE
        ) from error


def deploy(
    options: DeployOptions,
    cloud: Cloud,
    machine: Machine,
    out: Console,
    confirm: Confirm,
    *,
    dry: bool = False,
) -> int:
    """Check, say, ask, deploy; returns the exit code."""
    npx, account, stack = machine.npx(), cloud.account(), cloud.stack(STACK)
    checks = [
        Check("region", checked(options.region)),
        Check("AWS account", account),
        _docker(machine.docker()),
        Check("stack", _state(stack), "" if stack is None else _obstacle(stack)),
    ]
    if not _print_checks(checks, out):
        return 1
    out.print("the CDK deploys, then the dashboard is built and put into its bucket")
    commands = [[npx, CDK, "deploy", STACK, *_arguments(options)]]
    if not cloud.bootstrapped():
        commands.insert(0, [npx, CDK, "bootstrap", f"aws://{account}/{options.region}"])
    if not _confirmed(
        f"deploy {STACK} to {account} in {options.region}", commands, out, confirm, dry
    ):
        return 0 if dry else 1
    for command in commands:
        code = machine.run(command)
        if code:
            return code
    done = cloud.stack(STACK)
    if done is not None:
        machine.publish(options.region, done.outputs)
        _print_next(done, machine.set_up_bot(options.region, done.outputs), out)
    return 0


def destroy(
    region: str,
    cloud: Cloud,
    machine: Machine,
    out: Console,
    confirm: Confirm,
    *,
    dry: bool = False,
) -> int:
    """Say what goes and what stays, ask, destroy; returns the exit code."""
    npx, account, stack = machine.npx(), cloud.account(), cloud.stack(STACK)
    if stack is None:
        raise CommandError(f"there is no stack {STACK} in {region}", "is it in another --region?")
    _print_checks(
        [Check("region", region), Check("AWS account", account), Check("stack", _state(stack))], out
    )
    retained = [one for one in cloud.resources(STACK) if one.retained]
    _print_retained(retained, out)
    command = [npx, CDK, "destroy", STACK, "--force", "-c", f"region={region}"]
    if not _confirmed(f"destroy {STACK} in {account}, {region}", [command], out, confirm, dry):
        return 0 if dry else 1
    code = machine.run(command)
    if code == 0 and retained:
        out.print("delete what was kept by hand, if you mean to:", highlight=False)
        for one in retained:
            out.print(Text(plain(f"  {_delete_command(one, region)}")), soft_wrap=True)
    return code


def _arguments(options: DeployOptions) -> list[str]:
    out = ["-c", f"region={options.region}"]
    out += ["-c", f"policy={options.policy}"] if options.policy else []
    for name, value in options.parameters.items():
        out += ["--parameters", f"{name}={value}"]
    return out


def _state(stack: StackState | None) -> str:
    return "not there yet" if stack is None else f"there: {stack.status}"


def _obstacle(stack: StackState) -> str:
    """Return what has to be done before the stack can be deployed; empty when nothing."""
    if stack.status in UNFINISHED:
        return "it was never finished: signalengine destroy, then deploy again"
    if stack.status.endswith("_IN_PROGRESS"):
        return "something is changing it now: wait until that is over"
    return ""


def _docker(version: str | None) -> Check:
    fix = "start Docker: it builds the ingest task's image for arm64"
    return (
        Check("Docker", "does not run here", fix) if version is None else Check("Docker", version)
    )


def _print_checks(checks: Sequence[Check], out: Console) -> bool:
    """Print what was found, and what has to be done where it is bad; True when all is well."""
    for one in checks:
        mark = ("✗ ", "red") if one.fix else ("✓ ", "green")
        out.print(Text.assemble(mark, (f"{one.name:<12}", "bold"), plain(one.found)))
        if one.fix:
            out.print(Text(f"  {one.fix}", "yellow"))
    return not any(one.fix for one in checks)


def _print_retained(retained: Sequence[Resource], out: Console) -> None:
    out.print("everything of the stack is deleted, with its logs and queued messages, except:")
    for one in retained:
        out.print(Text.assemble("  ", plain(one.name), (f"  {plain(one.kind)}", "dim")))
    if not retained:
        out.print("  nothing: all of it goes")


def _delete_command(one: Resource, region: str) -> str:
    """Return the command that deletes what a destroy keeps: a table or a bucket."""
    if one.kind == "AWS::S3::Bucket":
        return f"aws s3 rb --region {region} --force s3://{one.name}"
    return f"aws dynamodb delete-table --region {region} --table-name {one.name}"


def _confirmed(
    what: str, commands: Sequence[Sequence[str]], out: Console, confirm: Confirm, dry: bool
) -> bool:
    out.print("will run:")
    for command in commands:
        shown = " ".join(["npx", *command[1:]])
        out.print(Text(f"  {plain(shown)}", "bold"), soft_wrap=True)
    return not dry and confirm(f"{what}?")


def _print_next(stack: StackState, bot: str, out: Console) -> None:
    """Print where it answers and what is still to do by hand."""
    outputs = stack.outputs
    for name in ("HttpUrl", "WebSocketUrl", "SiteUrl"):
        out.print(
            Text.assemble((f"{name:<13}", "bold"), plain(outputs.get(name, "–"))), soft_wrap=True
        )
    out.print(Text.assemble(("Telegram     ", "bold"), plain(bot)), soft_wrap=True)
    out.print(f"next: signalengine status --stack {STACK}", highlight=False)
