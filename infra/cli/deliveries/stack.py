"""A stack's outputs, and the options of AWS clients that reach it: deployed, or running here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.errors import CommandError
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

StackOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar="SIGNALENGINE_STACK",
        help="A CloudFormation stack by its name. Default: the one running here.",
    ),
]
RegionOption = Annotated[str, typer.Option(envvar="SIGNALENGINE_REGION", help="Where --stack is.")]
StateOption = Annotated[Path, typer.Option(help="The state folder of a system running here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True, slots=True)
class StackAccess:
    """One stack for its operator."""

    outputs: Mapping[str, str]
    options: Mapping[str, Any]
    """Of its AWS clients."""
    telegram: str | None = None
    """The address of the local Telegram, if the stack uses one."""
    site: str = ""
    """The address of the dashboard; "" where it has none."""

    def client(self, service: str, **more: Any) -> Any:
        """Return the client of one AWS service, with more options than all have."""
        import boto3

        client: Any = boto3.client
        return client(service, **self.options, **more)


def access(
    stack: str | None = None, region: str = REGION, state_dir: Path = STATE_DIR
) -> StackAccess:
    """Return the selected stack; raises CommandError if there is none."""
    from infra.cli.cloud import AwsCloud
    from infra.local.stack.running import find

    options: dict[str, Any] = {"region_name": region}
    if stack in (None, "local"):
        note = find(state_dir)
        if note is None:
            raise CommandError("no SignalEngine runs here", "start one with `make up`")
        options |= {
            "endpoint_url": note.addresses.aws,
            "aws_access_key_id": note.access.access_key_id,
            "aws_secret_access_key": note.access.secret_access_key,
        }
        here = note.addresses
        return StackAccess(note.outputs, options, here.telegram or None, here.dashboard)
    found = AwsCloud(region).stack(stack)
    if found is None:
        raise CommandError(f"there is no stack {stack} in {region}", "is it deployed?")
    return StackAccess(found.outputs, options, site=found.outputs.get("SiteUrl", ""))
