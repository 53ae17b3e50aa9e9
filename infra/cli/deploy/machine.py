"""This machine's tools, and the checks of them: Node for the CDK, Docker for arm64, Python 3.13."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from signalengine.errors import SignalEngineError

from infra.assets import LAMBDA_PYTHON, ROOT
from infra.build.cdk import COMMAND as CDK
from infra.build.node import NodeMissingError, node_folder
from infra.cli.cloud import aws_errors
from infra.cli.deliveries.stack import StackAccess
from infra.cli.telegram.admin import admin_of
from infra.errors import CommandError
from machine.interpreter import known

from .checks import Check

DOCKER_TIMEOUT_S = 20
BUILDER_TIMEOUT_S = 60
"""Its first start may pull the builder's image."""
ARM64 = "linux/arm64"
NO_DOCKER = "start Docker: it builds the ingest task's image for arm64"
NO_ARM64 = (
    "let Docker emulate arm64: docker run --privileged --rm tonistiigi/binfmt --install arm64 "
    "(on Debian and Ubuntu also: apt-get install docker-buildx qemu-user-static)"
)


class Machine(Protocol):
    """The port: this machine's tools."""

    def cdk(self) -> list[str]:
        """Return the command that runs the CDK; raises CommandError without a usable Node."""
        ...

    def run(self, command: Sequence[str]) -> int:
        """Run a command with its output on the terminal; return its exit code."""
        ...

    def set_up_bot(self, region: str, stack: str, outputs: Mapping[str, str]) -> str:
        """Point the stack's bot at it and set its menus; return the result as text."""
        ...


class LocalMachine:
    """This machine."""

    def cdk(self) -> list[str]:
        try:
            node_folder()
        except NodeMissingError as error:
            raise CommandError(str(error), "make setup") from error
        return list(CDK)

    def run(self, command: Sequence[str]) -> int:
        return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - built here

    def set_up_bot(self, region: str, stack: str, outputs: Mapping[str, str]) -> str:
        again = f"signalengine telegram commands --stack {stack}"
        try:
            with aws_errors("the request for the bot's secret", region):
                done = admin_of(StackAccess(outputs, {"region_name": region})).register()
        except (CommandError, SignalEngineError) as error:
            return f"{error}; then: {again}"
        before = f", and no longer to {done['replaced']}" if "replaced" in done else ""
        return f"{done['bot']} sends its updates here{before}"


def machine_checks() -> Iterator[Check]:
    """Yield the checks of this machine."""
    yield _node()
    yield _python()
    yield from _docker()


def _node() -> Check:
    try:
        return Check("Node", str(node_folder() / "node"))
    except NodeMissingError as error:
        return Check("Node", str(error), "make setup")


def _python() -> Check:
    """The interpreter that compiles the layers."""
    name = "Python {}.{}".format(*LAMBDA_PYTHON)
    found = known(LAMBDA_PYTHON)
    if found is not None:
        return Check(name, str(found))
    fix = f"the deployment lets uv download it; or install {name} by your system's means"
    return Check(name, "is not on this machine, and compiles the layers", fix, required=False)


def _docker() -> Iterator[Check]:
    version = _printed("version", "--format", "{{.Server.Version}} {{.Server.Arch}}")
    if version is None:
        yield Check("Docker", "is not running", NO_DOCKER)
        return
    number, _, architecture = version.partition(" ")
    yield Check("Docker", number)
    if architecture == "arm64":
        yield Check("arm64 images", "native")
        return
    builder = _printed("buildx", "inspect", "--bootstrap", timeout_s=BUILDER_TIMEOUT_S)
    if builder is not None and ARM64 in platforms(builder):
        yield Check("arm64 images", f"emulated on {architecture}")
    else:
        yield Check(
            "arm64 images", f"cannot be built on {architecture or 'this machine'}", NO_ARM64
        )


def platforms(inspected: str) -> set[str]:
    """Return the platforms in what `docker buildx inspect` prints (preferred ones have a star)."""
    rows = [line.partition(":") for line in inspected.splitlines()]
    listed = [rest for key, _, rest in rows if key.strip() == "Platforms"]
    return {word.strip().rstrip("*") for text in listed for word in text.split(",")}


def _printed(*words: str, timeout_s: float = DOCKER_TIMEOUT_S) -> str | None:
    """Return what Docker prints, None if it fails, hangs or is missing."""
    # The CDK takes another tool with Docker's command line from this variable too.
    program = shutil.which(os.environ.get("CDK_DOCKER") or "docker")
    if program is None:
        return None
    try:
        result = subprocess.run(  # noqa: S603 - an executable found on PATH
            [program, *words],
            capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=timeout_s,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() or None if result.returncode == 0 else None
