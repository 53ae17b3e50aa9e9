"""Run the CDK's command, in the version and with the hash of cdk_command/package-lock.json.

    .venv/bin/python -m infra.build.cdk deploy --parameters SignalEngine:Symbols=BTCUSDT

It acts with the operator's rights in AWS, so it is locked like everything else that is installed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.assets import ROOT
from infra.build import markers, proxies, steps
from infra.build.dashboard import NPM_CI, run_npm
from infra.build.node import node_env, node_folder
from infra.errors import CommandError
from infra.names import STACK
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
    command += _of_all_stacks(arguments)
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode  # noqa: S603 - our own files


def _of_all_stacks(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with `--all` where a deployment names no stack: the CDK demands one."""
    named = [word for word in arguments if word.startswith(STACK) and ":" not in word]
    needed = arguments[:1] == ["deploy"] and not named and "--all" not in arguments
    return [*arguments, "--all"] if needed else [*arguments]


def _install() -> None:
    text, modules = (
        (FOLDER / "package-lock.json").read_text(encoding="utf-8"),
        INSTALLED / "node_modules",
    )
    stamp = modules / "installed.json"
    with steps.alone(INSTALLED.with_suffix(".lock"), print) as lock:
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == text + markers.modules(modules):
            return
        stamp.unlink(missing_ok=True)
        shutil.copytree(FOLDER, INSTALLED, dirs_exist_ok=True)
        done = run_npm(NPM_CI, INSTALLED, lock=lock)
        if done.returncode != 0:
            reason = f"{done.stdout}\n{done.stderr}".strip()
            raise CommandError(f"the CDK cannot be installed:\n{reason}", "check the network")
        write(stamp, text + markers.modules(modules))


if __name__ == "__main__":
    proxies.unify(os.environ)
    try:
        program(lambda: main(sys.argv[1:]))
    except CommandError as error:
        sys.exit(str(error))
