"""The synthesised stacks, cached by its inputs, and its assets for the embedded AWS."""

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from infra.assets import ROOT, Wheels, digest, remove_abandoned
from infra.settings import ONLY
from machine.files import replacing
from machine.folders import cache_folder

from ...build import proxies, steps
from ...build.node import node_env
from ...errors import CommandError

CACHE = ROOT / ".local" / "assemblies"
SOURCES = ("app.py", "data.py", "stack.py", "settings.py", "names.py", "assets.py")
"""Modules of infra beside its parts whose change makes another assembly."""
CACHE_SIZE = 8
"""Assemblies in the cache: switching between branches needs no new synthesis."""


class SynthesisError(CommandError):
    """The CDK failed; the text is its output."""


class DeploymentError(CommandError):
    """CloudFormation refused; the text names the resources and their reasons."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """A cloud assembly on disk."""

    folder: Path

    @property
    def template(self) -> dict[str, Any]:
        """The template of the code's stack."""
        return self.template_of(ONLY.code)

    @property
    def data(self) -> dict[str, Any]:
        """The template of the data's stack."""
        return self.template_of(ONLY.data)

    def template_of(self, stack: str) -> dict[str, Any]:
        """Return a stack's CloudFormation template."""
        return dict(json.loads((self.folder / _file(stack)).read_text(encoding="utf-8")))

    def files(self) -> Mapping[str, Path]:
        """Return the files by object key in the bootstrap bucket; folders are zipped."""
        found: dict[str, Path] = {}
        for stack in ONLY.stacks:
            text = (self.folder / f"{stack}.assets.json").read_text(encoding="utf-8")
            for entry in json.loads(text)["files"].values():
                path = self.folder / entry["source"]["path"]
                if entry["source"]["packaging"] == "zip":
                    path = _zipped(path)
                for destination in entry["destinations"].values():
                    found[destination["objectKey"]] = path
        return found

    def template_key(self, stack: str) -> str:
        """Return the object key of a stack's template."""
        for key, path in self.files().items():
            if path.name == _file(stack):
                return key
        raise SynthesisError(f"{self.folder} does not list the template of {stack}")


def _file(stack: str) -> str:
    return f"{stack}.template.json"


def synthesise(
    wheels: Wheels = "local",
    report: Callable[[str], None] = print,
    policy: Path | None = None,
    strategies: Path | None = None,
) -> Assembly:
    """Return the assembly of the current sources; raises SynthesisError.

    `policy` is a policy file for all functions, instead of the default one in the core, and
    `strategies` a folder of strategies beside those of the core.
    """
    target = _target(wheels, policy, strategies)
    while not (target / "manifest.json").exists():
        problem = proxies.problem(os.environ)  # the vendor layer may have to be installed
        if problem:
            report(problem)
        report("Synthesising the stack (cached until a source changes)")
        work = _synthesise(wheels, policy, strategies)
        target, before = _target(wheels, policy, strategies), target
        if target == before:
            _store(work, target)
        else:  # a source changed meanwhile: the assembly may be a mixture
            shutil.rmtree(work)
    with suppress(OSError):  # its age matters only where others are added
        os.utime(target)
    return Assembly(target)


def _target(wheels: Wheels, policy: Path | None, strategies: Path | None) -> Path:
    """Return the cache folder for the current sources; the checkout may be read-only."""
    inputs = [ROOT / "infra" / name for name in SOURCES]
    inputs += [ROOT / "infra" / "parts", ROOT / "functions", ROOT / "layers", ROOT / "ingest_task"]
    inputs += [ROOT / "web" / "index.html", ROOT / "web" / "public"]
    inputs += [ROOT / "pyproject.toml"]
    inputs += [] if strategies is None else sorted(strategies.glob("*.py"))
    texts = [] if policy is None else [policy.read_text(encoding="utf-8")]
    cached = CACHE / digest(inputs, wheels, sys.version, version("aws-cdk-lib"), *texts)
    return cached if cached.exists() else cache_folder(CACHE) / cached.name


def _synthesise(wheels: Wheels, policy: Path | None, strategies: Path | None) -> Path:
    cache = cache_folder(CACHE)
    work = cache / f".{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    remove_abandoned(cache, ".*")
    paths = {"policy": policy, "strategies": strategies}
    given = {name: str(path.resolve()) for name, path in paths.items() if path is not None}
    context = {"wheels": wheels} | given
    environment = {
        **os.environ,
        **node_env(),
        "CDK_OUTDIR": str(work),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    try:
        done = steps.run([sys.executable, "-m", "infra.app"], cwd=ROOT, env=environment)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    if done.returncode != 0:
        shutil.rmtree(work, ignore_errors=True)
        raise SynthesisError(f"The stack does not synthesise:\n{done.stderr.strip()[-4000:]}")
    return work


def _store(work: Path, target: Path) -> None:
    """Move an assembly into the cache, unless another process did; delete the oldest."""
    try:
        work.rename(target)
    except OSError:
        if not (target / "manifest.json").exists():
            raise
        shutil.rmtree(work)
    known = sorted(target.parent.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in known[CACHE_SIZE:]:
        shutil.rmtree(path, ignore_errors=True)


def _zipped(folder: Path) -> Path:
    target = folder.with_name(f"{folder.name}.zip")
    if not target.exists():
        with (
            replacing(target, durable=False) as part,
            zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder))
    return target
