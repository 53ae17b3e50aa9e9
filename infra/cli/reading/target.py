"""Selects the stack of a command: the one running here, one on AWS, or an address.

In this order: --url, --stack, SIGNALENGINE_URL, SIGNALENGINE_STACK, and without any of them the
system that runs on this machine.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra.errors import USAGE, CommandError
from infra.local.stack.options import STATE_DIR
from infra.local.stack.running import find
from infra.names import REGION, STACK

if TYPE_CHECKING:  # boto3 takes half a second to import
    from infra.cli.cloud import AwsCloud

LOCAL = "local"
START_ONE = (
    "start one with `make up`, or name another: --stack "
    f"{STACK} for the one on AWS, --url https://… for any"
)


@dataclass(frozen=True, slots=True)
class Where:
    """The options that select a stack."""

    stack: str | None = None
    url: str | None = None
    websocket: str | None = None
    token: str | None = None
    region: str | None = None
    state_dir: Path = STATE_DIR


@dataclass(frozen=True, slots=True)
class Target:
    """The addresses of a stack; None where unknown."""

    name: str
    api: str
    websocket: str | None = None
    dashboard: str | None = None
    token: str | None = field(default=None, repr=False)
    data: Path | None = None
    """The folder of the stored data of a system that runs here and keeps it."""

    @property
    def refusal(self) -> tuple[str, str]:
        """The message and the fix when the stack refuses the request for its token."""
        if self.token:
            return "the token is not accepted", "check --token or SIGNALENGINE_TOKEN"
        return "this stack requires a token", "give --token or set SIGNALENGINE_TOKEN"


def resolve(where: Where, env: Mapping[str, str] = os.environ) -> Target:
    """Return the selected stack; raises CommandError if there is none."""
    token = where.token or env.get("SIGNALENGINE_TOKEN") or None
    if where.url and where.stack:
        raise CommandError("--url and --stack name two stacks", "give one of them", USAGE)
    url = where.url or (None if where.stack else env.get("SIGNALENGINE_URL"))
    if url:
        websocket = where.websocket or env.get("SIGNALENGINE_WEBSOCKET")
        return Target(_host(url), url.rstrip("/"), websocket or None, None, token)
    name = where.stack or env.get("SIGNALENGINE_STACK") or LOCAL
    if name == LOCAL:
        return _running_here(where, token)
    return _on_aws(name, where.region or env.get("SIGNALENGINE_REGION") or REGION, token)


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        known = None
    if not known:
        raise CommandError(f"{url} is not an address", "write it like https://host/path", USAGE)
    return parts.netloc.rpartition("@")[2]


def _running_here(where: Where, token: str | None) -> Target:
    note = find(where.state_dir)
    if note is None:
        where_else = "" if where.state_dir == STATE_DIR else f" with --state-dir {where.state_dir}"
        raise CommandError(f"no SignalEngine runs here{where_else}", START_ONE)
    at = note.addresses
    data = Path(note.data) if note.data else None
    return Target(LOCAL, at.api, where.websocket or at.websocket, at.dashboard, token, data)


def _on_aws(name: str, region: str, token: str | None) -> Target:
    from infra.cli.cloud import AwsCloud  # boto3 takes half a second to import

    cloud = AwsCloud(region)
    found = cloud.stack(name)
    if found is None:
        fix = "deploy it with `signalengine deploy`, or name its region with --region"
        raise CommandError(f"there is no stack {name} in {region}", fix)
    if "HttpUrl" not in found.outputs:
        raise CommandError(
            f"stack {name} has no output HttpUrl ({found.status})", "is it a SignalEngine stack?"
        )
    out = found.outputs
    if token is None and "ApiSecretArn" in out:
        token = _token_of(cloud, out["ApiSecretArn"])
    return Target(name, out["HttpUrl"], out.get("WebSocketUrl"), out.get("SiteUrl"), token)


def _token_of(cloud: "AwsCloud", arn: str) -> str | None:
    """Return the token of a stack's secret; None without one, or where it may not be read."""
    try:
        found = json.loads(cloud.secret(arn))
        return str(found["api_token"]) or None
    except (CommandError, ValueError, TypeError, KeyError):
        return None
