"""Builds the dashboard: `web/` into `web/dist`, cached until something in `web/` changes.

`python -m infra.build.dashboard` builds it by hand.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TypeAlias

from infra.build import markers, proxies, steps
from infra.build.node import NodeMissingError, major_version, node_folder
from infra.errors import CommandError
from machine.files import write
from machine.terminal import program

WEB = Path(__file__).resolve().parents[2] / "web"
DIST = WEB / "dist"
LOCK = WEB.parent / ".local" / "dashboard.lock"
"""Who holds it may change `node_modules` and `dist`."""
MODULES = WEB / "node_modules"
GLOSSARY = WEB.parent / "docs" / "glossary.md"
"""The page shows its trading words."""
RUNBOOK = WEB.parent / "docs" / "runbook.md"
"""The operator's page shows its sections."""
STAMP = ".hash"
BASE = '<base href="{}" />'
"""How `index.html` says where the site is; it is built for the root of an address."""
OLDEST_NODE = 20
TIMEOUT_S = 600
SHOWN_LINES = 30
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
"""Installs what the lock names, by hash, and runs no script of a package."""

Report: TypeAlias = Callable[[str], None]


class WebBuildError(CommandError):
    """The dashboard cannot be built; the text names what failed and the fix."""


def build_site(report: Report = print) -> Path:
    """Return the folder of the built dashboard, building it first if `web/` has changed."""
    expected = _digest(_sources())
    if _is_whole(expected):
        return DIST
    with steps.alone(LOCK, report) as lock:
        if not _is_whole(expected):  # another process may have built it meanwhile
            _build(expected, report, lock)
    return DIST


def _is_whole(expected: str) -> bool:
    """Return whether web/dist is complete and built of these sources."""
    return _stamp(DIST) == f"{expected} {markers.files(DIST, STAMP)}"


def run_script(name: str, report: Report = print) -> str:
    """Run a script of `web/package.json`; returns its output, raises WebBuildError."""
    with steps.alone(LOCK, report) as lock:
        _install(report, lock)
    return _npm(("run", name))


def _build(expected: str, report: Report, lock: IO[str]) -> None:
    _install(report, lock)
    report("Building the dashboard (type check and bundle)")
    partial = MODULES / ".site"  # so that web/dist is always complete
    _npm(("run", "build", "--", "--outDir", str(partial), "--emptyOutDir"), lock)
    write(partial / STAMP, f"{expected} {markers.files(partial, STAMP)}")
    markers.remove(DIST, MODULES / ".old-site")
    partial.rename(DIST)


def _install(report: Report, lock: IO[str]) -> None:
    expected = _digest([WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc"])
    if _stamp(MODULES) == f"{expected} {markers.modules(MODULES)}":
        return
    (MODULES / STAMP).unlink(missing_ok=True)
    problem = proxies.problem(os.environ)
    if problem:
        report(problem)
    report("Installing the dashboard's packages (npm ci; only when they change)")
    _npm(NPM_CI, lock)
    write(MODULES / STAMP, f"{expected} {markers.modules(MODULES)}")


def _npm(arguments: Sequence[str], lock: IO[str] | None = None) -> str:
    done = run_npm(arguments, lock=lock)
    if done.returncode != 0:
        last = "\n".join(f"{done.stdout}\n{done.stderr}".strip().splitlines()[-SHOWN_LINES:])
        raise WebBuildError(_advice(arguments, last))
    return done.stdout


def run_npm(
    arguments: Sequence[str], folder: Path = WEB, *, lock: IO[str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run npm in a folder; raises WebBuildError without npm or an end."""
    node = _node()
    path = f"{node}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        return steps.run(
            [*_npm_command(node), *arguments],
            cwd=folder,
            env={**os.environ, "PATH": path, "NO_COLOR": "1"},
            lock=lock,
            timeout_s=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise WebBuildError(_advice(arguments, f"no end after {TIMEOUT_S} s")) from error


def _npm_command(folder: Path) -> list[str]:
    """npm by its own file where it can be found: a wheel cannot hold the link `bin/npm` is."""
    cli = folder.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(folder / "node"), str(cli)] if cli.is_file() else [str(folder / "npm")]


def _advice(arguments: Sequence[str], output: str) -> str:
    fix = (
        "Check the network, then delete web/node_modules and try again."
        if arguments[0] == "ci"
        else f"Try it by hand: cd web && npm {' '.join(arguments[:2])}"
    )
    return f"`npm {' '.join(arguments[:2])}` failed in web/:\n{output}\n{fix}"


def _node() -> Path:
    """Return the folder of a Node new enough for the dashboard; the CDK needs a newer one."""
    system = shutil.which("node")
    if system and major_version(system) >= OLDEST_NODE:
        folder = Path(system).parent
        if (folder / "npm").exists():
            return folder
    try:
        return node_folder()
    except NodeMissingError as error:
        raise WebBuildError(str(error)) from error


def _sources() -> list[Path]:
    """Return the inputs of the build: `web/` without its outputs and unit tests."""
    # The outputs are not even looked into: another process may be writing them.
    outputs = ("node_modules", "dist", "tests")
    inputs = [path for path in WEB.iterdir() if path.name not in outputs]
    below = [inner for path in inputs if path.is_dir() for inner in path.rglob("*")]
    return [path for path in (*inputs, *below, GLOSSARY, RUNBOOK) if path.is_file()]


def _digest(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(WEB.parent).as_posix()} {content}\n".encode())
    return total.hexdigest()


def _stamp(folder: Path) -> str | None:
    path = folder / STAMP
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main() -> None:
    """Build the dashboard, or run the script of `web/package.json` that is named."""
    proxies.unify(os.environ)
    try:
        if sys.argv[1:]:
            print(run_script(sys.argv[1]))  # noqa: T201 - this is a command
        else:
            build_site()
    except WebBuildError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    program(main)
