"""What the synthesis packs: the three layers, staged with byte code, and digests of sources.

A layer is a folder with `python/` inside. It is staged below `build/layers/` under a name that
holds the digest of its inputs, so an unchanged layer is never built twice. Byte code is written
unchecked (without a modification time, which a zip loses), for every module and by an interpreter
of the version that will read it, or the build fails: functions without it start two to three times
slower.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from infra.errors import CommandError
from machine.files import write
from machine.folders import cache_folder
from machine.interpreter import InterpreterMissingError, Version, cache_tag, interpreter

ROOT = Path(__file__).resolve().parents[1]
LAMBDA_PYTHON: Version = (3, 13)
Wheels: TypeAlias = Literal["arm64", "local"]
"""For whom the vendor layer is built: Lambda on arm64, or the interpreter of this machine."""

_BUILD = ROOT / "build" / "layers"
_RETAINED = 10
_IGNORED = {"__pycache__", "node_modules", ".mypy_cache", ".ruff_cache"}


class BuildError(CommandError):
    """A layer could not be built; the text carries what the tool said."""


def sources(paths: Iterable[Path]) -> list[Path]:
    """Every file below the given files and folders, in a stable order, without caches."""
    found: set[Path] = set()
    for path in paths:
        candidates = [path] if path.is_file() else path.rglob("*")
        found.update(p for p in candidates if p.is_file() and not _IGNORED & set(p.parts))
    return sorted(found)


def digest(paths: Iterable[Path], *extra: str) -> str:
    """Sixteen hex digits over names and contents of the files, and over the extra words."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in sources(paths):
        total.update(str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def code_version(version: str) -> str:
    """The version stamped on every signal: the release, and the digest of the core it ran."""
    return f"{version}+{digest([ROOT / 'layers' / 'core'])[:8]}"


def core_layer(
    wheels: Wheels, policy: str | None = None, strategies: Mapping[str, str] | None = None
) -> Path:
    """Stage layers/core; `policy` (JSON) takes its own policy's place.

    `strategies` (texts by file name) come beside those that ship. The caller has checked both.
    """
    changed = {} if policy is None else {"signalengine/policy.json": policy}
    own = {f"signalengine/strategies/{name}": text for name, text in (strategies or {}).items()}
    return code_layer("core", wheels, {**changed, **own})


def code_layer(name: str, wheels: Wheels, changed: Mapping[str, str] | None = None) -> Path:
    """Stage layers/core or layers/aws; `changed` files (by path) have another text."""
    source = ROOT / "layers" / name / "python"
    texts = changed or {}
    words = [word for item in sorted(texts.items()) for word in item]
    target = _target(name, digest([source], *_reader(wheels), *words))
    if not target.exists():
        with _Staging(target) as staging:
            ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, staging / "python", ignore=ignore)
            for path, text in texts.items():
                write(staging / "python" / path, text, durable=False)
            _compile(staging / "python", wheels)
        _forget_old(target.parent, name)
    return target


def vendor_layer(wheels: Wheels) -> Path:
    """Install layers/vendor/requirements.txt for Lambda's arm64 or for this machine."""
    requirements = ROOT / "layers" / "vendor" / "requirements.txt"
    target = _target("vendor", digest([requirements], *_reader(wheels)))
    if not target.exists():
        with _Staging(target) as staging:
            _install(requirements, staging / "python", wheels)
            shutil.rmtree(staging / "python" / "bin", ignore_errors=True)
            (staging / "python" / ".lock").unlink(missing_ok=True)
            _compile(staging / "python", wheels)
    return target


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Remove unfinished folders, named `….<process id>`, of processes that were killed."""
    for path in folder.glob(pattern):
        number = path.name.rpartition(".")[2]
        if number.isdecimal() and not _runs(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _Staging:
    """A folder that takes its final name only when it is whole."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._folder = target.with_name(f".{target.name}.{os.getpid()}")

    def __enter__(self) -> Path:
        shutil.rmtree(self._folder, ignore_errors=True)
        remove_abandoned(self._target.parent, ".*")
        self._folder.mkdir(parents=True)
        return self._folder

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._folder.rename(self._target)
        except OSError:
            if not self._target.exists():  # no other process was faster: something is wrong
                raise
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def _target(name: str, of: str) -> Path:
    """Return where a layer is, or where it is to be staged: a checkout may be read-only."""
    staged = _BUILD / f"{name}-{of}"
    return staged if staged.exists() else cache_folder(_BUILD) / staged.name


def _forget_old(folder: Path, name: str) -> None:
    """Every change of a source makes a new folder; a synthesis copies the one that it needs."""
    known = sorted(folder.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in known[_RETAINED:]:
        shutil.rmtree(path, ignore_errors=True)


def _python(wheels: Wheels) -> Version:
    return LAMBDA_PYTHON if wheels == "arm64" else sys.version_info[:2]


def _reader(wheels: Wheels) -> tuple[str, str]:
    """Who will read the byte code, as words for a digest."""
    return wheels, cache_tag(_python(wheels))


def _compile(folder: Path, wheels: Wheels) -> None:
    """Write the byte code of every module; raises BuildError."""
    version = _python(wheels)
    try:
        python = interpreter(version)
    except InterpreterMissingError as error:
        why = f"The layers cannot be compiled for Lambda: {error}"
        raise BuildError(why, error.fix) from error
    options = ["-q", "-j", "0", "-s", str(folder), "-p", "/opt/python"]
    done = subprocess.run(  # noqa: S603 - an interpreter found on this machine
        [python, "-I", "-m", "compileall", "--invalidation-mode", "unchecked-hash",
         *options, folder],
        check=False, capture_output=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    missing = _without_byte_code(folder, version)
    if done.returncode != 0 or missing:
        reason = f"{done.stdout}\n{done.stderr}".strip() or ", ".join(map(str, missing))
        raise BuildError(f"The layer in {folder} could not be compiled:\n{reason}")


def _without_byte_code(folder: Path, version: Version) -> list[Path]:
    """Return the modules without byte code of the version."""
    ending = f".{cache_tag(version)}.pyc"
    return [
        path
        for path in sorted(folder.rglob("*.py"))
        if not (path.parent / "__pycache__" / f"{path.stem}{ending}").is_file()
    ]


def _install(requirements: Path, target: Path, wheels: Wheels) -> None:
    """Unpack locked wheels into a folder, with uv where there is one, else with pip."""
    uv = Path(sys.executable).with_name("uv")
    major, minor = _python(wheels)
    if uv.exists():
        command = [str(uv), "pip", "install", "--quiet", "--python", sys.executable]
        command += ["--python-version", f"{major}.{minor}", "--link-mode", "copy"]
        platform = ["--python-platform", "aarch64-manylinux2014"]
    else:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
        command += ["--implementation", "cp", "--python-version", f"{major}.{minor}"]
        platform = ["--platform", "manylinux2014_aarch64"]
    command += platform if wheels == "arm64" else []
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--target", str(target)]
    done = subprocess.run(  # noqa: S603 - fixed words and our own file
        [*command, "-r", str(requirements)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        raise BuildError(f"The vendor layer could not be built:\n{done.stderr.strip()}")
