"""A Python of a given version on this machine: only it can compile byte code for that version.

Searched are this process's own, all of PATH, pyenv's and uv's; without one, uv installs it below
`build/`. A candidate is tried, because a version manager's shim may be on PATH without the version.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

Version: TypeAlias = tuple[int, int]
INSTALLED: Final = Path(__file__).resolve().parents[1] / "build" / "python"
TIMEOUT_S: Final = 20
DOWNLOAD_TIMEOUT_S: Final = 300
_TELL = "import sys; print(sys.implementation.cache_tag)"


class InterpreterMissingError(RuntimeError):
    """No Python of the version is on this machine, and none could be installed: the text says why.

    `fix` is the remedy.
    """

    def __init__(self, version: Version, reason: str) -> None:
        name = ".".join(map(str, version))
        super().__init__(f"there is no Python {name} on this machine: {reason}")
        self.fix = f"install Python {name} by your system's or pyenv's means"


def interpreter(version: Version) -> Path:
    """Return an interpreter of the version, installed if necessary."""
    found = known(version)
    if found is not None:
        return found
    reason = _install(version)
    found = _first(version, _of_uv(version))
    if found is None:
        raise InterpreterMissingError(version, reason)
    return found


def known(version: Version, environ: Mapping[str, str] | None = None) -> Path | None:
    """Return an interpreter of the version that is on this machine, None if there is none."""
    return _first(version, candidates(version, os.environ if environ is None else environ))


def candidates(version: Version, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files that may be an interpreter of the version."""
    if version == sys.version_info[:2]:
        yield Path(sys.executable)
    name = "python{}.{}".format(*version)
    for folder in environ.get("PATH", "").split(os.pathsep):
        if (found := shutil.which(name, path=folder)) is not None:
            yield Path(found)
    pyenv = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/")) / ".pyenv")
    yield from sorted(pyenv.glob("versions/{}.{}*/bin/{}".format(*version, name)))
    yield from _of_uv(version)


def works(python: Path, version: Version) -> bool:
    """Return whether a file is an interpreter whose byte code is that of the version."""
    try:
        done = subprocess.run(  # noqa: S603 - an interpreter found on this machine
            [python, "-I", "-S", "-c", _TELL],
            capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=TIMEOUT_S,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == cache_tag(version)


def cache_tag(version: Version) -> str:
    """Return what stands in the names of the version's byte code files."""
    return "cpython-{}{}".format(*version)


def _first(version: Version, paths: Iterator[Path]) -> Path | None:
    return next((path for path in paths if works(path, version)), None)


def _of_uv(version: Version) -> Iterator[Path]:
    pattern = "cpython-{}.{}.*/bin/python{}.{}".format(*version, *version)
    yield from sorted(INSTALLED.glob(pattern))


def _install(version: Version) -> str:
    """Let uv install the version, with the hash that uv knows; return why it could not."""
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        return "without uv (make setup installs it) none can be downloaded"
    command = [str(uv), "python", "install", "--quiet", "--no-bin"]
    command += ["--install-dir", str(INSTALLED), ".".join(map(str, version))]
    try:
        done = subprocess.run(  # noqa: S603 - our own tool
            command, capture_output=True, encoding="utf-8", errors="replace", check=False,
            timeout=DOWNLOAD_TIMEOUT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"its download by uv did not end within {DOWNLOAD_TIMEOUT_S} s"
    return f"uv could not install it: {done.stderr.strip()[-500:]}"
