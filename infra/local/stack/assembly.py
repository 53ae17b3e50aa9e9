"""The synthesised stack, cached by what goes into it, and its way into the embedded AWS."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from infra.assets import ROOT, Wheels, digest
from infra.names import STACK

from ...build.node import node_env
from ...errors import CommandError

CACHE = ROOT / ".local" / "assemblies"
CACHE_SIZE = 8
"""Assemblies that stay in the cache: switching between branches needs no new synthesis."""


class SynthesisError(CommandError):
    """The CDK refused; the text is what it said."""


class DeploymentError(CommandError):
    """CloudFormation refused; the text names the resources and their reasons."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """A cloud assembly on disk."""

    folder: Path

    @property
    def template(self) -> dict[str, Any]:
        """The CloudFormation template."""
        text = (self.folder / f"{STACK}.template.json").read_text()
        return dict(json.loads(text))

    def files(self) -> Mapping[str, Path]:
        """Object keys in the bootstrap bucket, and the files that belong there; folders zipped."""
        manifest = json.loads((self.folder / f"{STACK}.assets.json").read_text())
        found: dict[str, Path] = {}
        for entry in manifest["files"].values():
            path = self.folder / entry["source"]["path"]
            if entry["source"]["packaging"] == "zip":
                path = _zipped(path)
            for destination in entry["destinations"].values():
                found[destination["objectKey"]] = path
        return found

    def template_key(self) -> str:
        """Key of the template's own object."""
        for key, path in self.files().items():
            if path.name == f"{STACK}.template.json":
                return key
        raise SynthesisError(f"{self.folder} does not list its own template")


def synthesise(
    wheels: Wheels = "local", say: Callable[[str], None] = print, policy: Path | None = None
) -> Assembly:
    """The assembly of the sources as they are now; raises SynthesisError.

    `policy` is a file that all functions decide by, instead of the policy in the core.
    """
    target = _target(wheels, policy)
    while not (target / "manifest.json").exists():
        say("Synthesising the stack (cached until a source changes)")
        work = _synthesise(wheels, policy)
        target, before = _target(wheels, policy), target
        if target == before:
            _store(work, target)
        else:  # a source changed meanwhile: nobody knows which of the two this is
            shutil.rmtree(work)
    os.utime(target)
    return Assembly(target)


def _target(wheels: Wheels, policy: Path | None) -> Path:
    """Where the assembly of the sources as they are now belongs."""
    inputs = [ROOT / "infra" / name for name in ("app.py", "stack.py", "names.py", "assets.py")]
    inputs += [ROOT / "infra" / "parts", ROOT / "functions", ROOT / "layers", ROOT / "ingest_task"]
    inputs += [ROOT / "pyproject.toml"]
    words = [] if policy is None else [policy.read_text()]
    return CACHE / digest(inputs, wheels, sys.version, version("aws-cdk-lib"), *words)


def _synthesise(wheels: Wheels, policy: Path | None) -> Path:
    work = CACHE / f".{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    context = {"wheels": wheels} | ({} if policy is None else {"policy": str(policy.resolve())})
    environment = {
        **os.environ,
        **node_env(),
        "CDK_OUTDIR": str(work),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(work, ignore_errors=True)
        raise SynthesisError(f"The stack does not synthesise:\n{done.stderr.strip()[-4000:]}")
    return work


def _store(work: Path, target: Path) -> None:
    """Move an assembly to its place, unless another process was faster; forget the oldest."""
    try:
        work.rename(target)
    except OSError:
        if not (target / "manifest.json").exists():
            raise
        shutil.rmtree(work)
    known = sorted(CACHE.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in known[CACHE_SIZE:]:
        shutil.rmtree(path, ignore_errors=True)


def _zipped(folder: Path) -> Path:
    target = folder.with_name(f"{folder.name}.zip")
    if not target.exists():
        partial = target.with_suffix(f".{os.getpid()}")
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder))
        partial.rename(target)
    return target
