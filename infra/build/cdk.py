"""Run the CDK's command, in the version and with the hash of cdk_command/package-lock.json.

    .venv/bin/python -m infra.build.cdk deploy --parameters Symbols=BTCUSDT

It acts with the operator's rights in AWS, so it is locked like everything else that is installed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.assets import ROOT
from infra.build.dashboard import NPM_CI, run_npm
from infra.build.node import node_env, node_folder
from infra.errors import CommandError
from machine.files import write
from machine.terminal import program

FOLDER = Path(__file__).with_name("cdk_command")
INSTALLED = ROOT / "build" / "cdk"
COMMAND = (sys.executable, "-m", "infra.build.cdk")


def main(arguments: Sequence[str]) -> int:
    """Install the command if its lock has changed, and run it; return its exit code."""
    _install()
    command = [str(node_folder() / "node"), str(INSTALLED / "node_modules/aws-cdk/bin/cdk")]
    env = {**os.environ, **node_env()}
    return subprocess.run([*command, *arguments], cwd=ROOT, env=env, check=False).returncode  # noqa: S603 - our own files


def _install() -> None:
    lock = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    stamp = INSTALLED / "node_modules" / "installed.json"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == lock:
        return
    shutil.copytree(FOLDER, INSTALLED, dirs_exist_ok=True)
    done = run_npm(NPM_CI, INSTALLED)
    if done.returncode != 0:
        raise CommandError(f"the CDK cannot be installed:\n{done.stdout}", "check the network")
    write(stamp, lock)


if __name__ == "__main__":
    try:
        program(lambda: main(sys.argv[1:]))
    except CommandError as error:
        sys.exit(str(error))
