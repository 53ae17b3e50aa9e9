"""`signalengine deploy` and `destroy`: check, print the commands, confirm, and run the CDK.

The checks cover what the CDK does not report: a region that Binance refuses, Docker not running, an
account that is not bootstrapped, and the resources that a destroy retains.
"""

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
from infra.build.cdk import COMMAND as CDK
from infra.build.dashboard import build_site
from infra.build.node import NodeMissingError, node_folder
from infra.build.upload import upload_site
from infra.cli.cloud import Cloud, Resource, StackState, aws_errors
from infra.cli.deliveries.stack import StackAccess
from infra.cli.telegram.admin import admin_of
from infra.cli.views.page import plain
from infra.errors import USAGE, CommandError
from infra.names import STACK, checked_region

DOCKER_TIMEOUT_S = 20
UNFINISHED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS")
"""States in which a stack cannot be updated and has to be deleted first."""
Confirm = Callable[[str], bool]


class Machine(Protocol):
    """The port: this machine's tools."""

    def cdk(self) -> list[str]:
        """Return the command that runs the CDK; raises CommandError without a usable Node."""
        ...

    def docker(self) -> str | None:
        """Return the version of the running Docker, None if none runs."""
        ...

    def run(self, command: Sequence[str]) -> int:
        """Run a command with its output on the terminal; return its exit code."""
        ...

    def publish(self, region: str, outputs: Mapping[str, str]) -> None:
        """Build the dashboard and upload it to the stack's bucket."""
        ...

    def set_up_bot(self, region: str, outputs: Mapping[str, str]) -> str:
        """Point the stack's bot at it and set its menus; return the result as text."""
        ...


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """The options of a deployment: region, stack parameters, policy file."""

    region: str
    parameters: Mapping[str, str]
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check, its result, and the fix (empty if the check passed)."""

    name: str
    found: str
    fix: str = ""


class LocalMachine:
    """This machine."""

    def cdk(self) -> list[str]:
        try:
            node_folder()
        except NodeMissingError as error:
            raise CommandError(str(error), "make setup") from error
        return list(CDK)

    def docker(self) -> str | None:
        docker = shutil.which("docker")
        if docker is None:
            return None
        try:
            result = subprocess.run(  # noqa: S603 - an executable found on PATH
                [docker, "version", "--format", "{{.Server.Version}}"],
                capture_output=True, encoding="utf-8", errors="replace", check=False,
                timeout=DOCKER_TIMEOUT_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
        return result.stdout.strip() or None if result.returncode == 0 else None

    def run(self, command: Sequence[str]) -> int:
        return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - built here

    def publish(self, region: str, outputs: Mapping[str, str]) -> None:
        site = build_site()
        config = {
            "name": "aws", "httpUrl": outputs["HttpUrl"], "webSocketUrl": outputs["WebSocketUrl"],
        }  # fmt: skip
        with aws_errors("the upload of the dashboard", region):
            upload_site(boto3.client("s3", region), outputs["SiteBucketName"], site, config)

    def set_up_bot(self, region: str, outputs: Mapping[str, str]) -> str:
        again = f"signalengine telegram commands --stack {STACK}"
        try:
            with aws_errors("the request for the bot's secret", region):
                done = admin_of(StackAccess(outputs, {"region_name": region})).register()
        except (CommandError, SignalEngineError) as error:
            return f"{error}; then: {again}"
        before = f", and no longer to {done['replaced']}" if "replaced" in done else ""
        return f"{done['bot']} sends its updates here{before}"


def checked(region: str) -> str:
    """Return the region; raises CommandError if Binance refuses it."""
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
    """Check, print, confirm, deploy; return the exit code."""
    cdk, account, stack = machine.cdk(), cloud.account(), cloud.stack(STACK)
    checks = [
        Check("region", checked(options.region)),
        Check("AWS account", account),
        _docker(machine.docker()),
        Check("stack", _state(stack), "" if stack is None else _obstacle(stack)),
    ]
    if not _print_checks(checks, out):
        return 1
    out.print("the CDK deploys, then the dashboard is built and uploaded")
    commands = [[*cdk, "deploy", STACK, *_arguments(options)]]
    if not cloud.bootstrapped():
        commands.insert(0, [*cdk, "bootstrap", f"aws://{account}/{options.region}"])
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
    """Print what is deleted and what is retained, confirm, destroy; return the exit code."""
    cdk, account, stack = machine.cdk(), cloud.account(), cloud.stack(STACK)
    if stack is None:
        raise CommandError(f"there is no stack {STACK} in {region}", "is it in another --region?")
    _print_checks(
        [Check("region", region), Check("AWS account", account), Check("stack", _state(stack))], out
    )
    retained = [one for one in cloud.resources(STACK) if one.retained]
    _print_retained(retained, out)
    command = [*cdk, "destroy", STACK, "--force", "-c", f"region={region}"]
    if not _confirmed(f"destroy {STACK} in {account}, {region}", [command], out, confirm, dry):
        return 0 if dry else 1
    code = machine.run(command)
    if code == 0 and retained:
        out.print("to delete the retained resources as well, run:", highlight=False)
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
    return "does not exist yet" if stack is None else f"exists: {stack.status}"


def _obstacle(stack: StackState) -> str:
    """Return what blocks a deployment and the fix; empty if nothing does."""
    if stack.status in UNFINISHED:
        return "its creation or deletion failed: signalengine destroy, then deploy again"
    if stack.status.endswith("_IN_PROGRESS"):
        return "another change is in progress: wait until it has finished"
    return ""


def _docker(version: str | None) -> Check:
    fix = "start Docker: it builds the ingest task's image for arm64"
    return Check("Docker", "is not running", fix) if version is None else Check("Docker", version)


def _print_checks(checks: Sequence[Check], out: Console) -> bool:
    """Print the checks and the fixes of failed ones; return whether all passed."""
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
        out.print("  nothing: everything is deleted")


def _delete_command(one: Resource, region: str) -> str:
    """Return the command that deletes a retained table or bucket."""
    if one.kind == "AWS::S3::Bucket":
        return f"aws s3 rb --region {region} --force s3://{one.name}"
    return f"aws dynamodb delete-table --region {region} --table-name {one.name}"


def _confirmed(
    what: str, commands: Sequence[Sequence[str]], out: Console, confirm: Confirm, dry: bool
) -> bool:
    out.print("will run:")
    for command in commands:
        shown = " ".join([".venv/bin/python", *command[1:]])
        out.print(Text(f"  {plain(shown)}", "bold"), soft_wrap=True)
    return not dry and confirm(f"{what}?")


def _print_next(stack: StackState, bot: str, out: Console) -> None:
    """Print the addresses and the next step."""
    outputs = stack.outputs
    for name in ("HttpUrl", "WebSocketUrl", "SiteUrl"):
        out.print(
            Text.assemble((f"{name:<13}", "bold"), plain(outputs.get(name, "–"))), soft_wrap=True
        )
    out.print(Text.assemble(("Telegram     ", "bold"), plain(bot)), soft_wrap=True)
    out.print(f"next: signalengine status --stack {STACK}", highlight=False)
