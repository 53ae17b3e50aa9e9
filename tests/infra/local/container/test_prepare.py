"""The two steps of the image's build, run in an empty folder with what its context holds."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.local.container.places import STATE
from infra.local.stack.assembly import CACHE, synthesise
from tests.architecture.source import tracked
from tests.paths import ROOT

IGNORED = ROOT / "infra" / "local" / "container" / "Dockerfile.dockerignore"
pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]


def context() -> list[Path]:
    """Return the tracked files that are sent to the build."""
    lines = IGNORED.read_text().splitlines()
    kept = [line[1:].removesuffix("/**") for line in lines if line.startswith("!")]
    dropped = [line for line in lines if line[0] not in "!*"]

    def lies_in(path: Path, folders: Sequence[str]) -> bool:
        return any(path.is_relative_to(folder) for folder in folders)

    names = [path.relative_to(ROOT) for path in tracked()]
    return [name for name in names if lies_in(name, kept) and not lies_in(name, dropped)]


def test_the_context_has_what_a_run_needs_and_nothing_of_tests_and_secrets() -> None:
    names = {str(path) for path in context()}
    assert {"pyproject.toml", "requirements.txt", "web/package-lock.json", "infra/app.py"} <= names
    unwanted = ("tests/", "web/tests/", "docs/", ".env")
    assert {name for name in names if name.startswith(unwanted)} == {
        "docs/glossary.md",
        "docs/runbook.md",
    }
    assert "**" in IGNORED.read_text().splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the context, and with this checkout's synthesis, which other tests run."""
    app = tmp_path / "app"
    for name in context():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, app / name)
    made = synthesise(report=lambda _text: None).folder
    shutil.copytree(made, app / CACHE.relative_to(ROOT) / made.name)
    return app


def test_a_checkout_is_made_ready_to_run_from_a_read_only_disk(folder: Path) -> None:
    run(folder, "python3", "infra/build/setup.py")
    run(folder, ".venv/bin/python", "-m", "infra.local.container.prepare")
    assert (folder / ".venv" / "bin" / "signalengine").exists()
    assert (folder / "web" / "dist" / "index.html").exists()
    assert not (folder / "web" / "node_modules").exists()
    assert (folder / ".ministack" / "installed.txt").exists()
    assert list((folder / ".local" / "assemblies").glob("*/*.zip"))
    assert list((folder / ".ministack").rglob("ministack/__pycache__/app.*.pyc"))
    note = folder / ".local" / "running.json"
    assert note.readlink() == STATE / "running.json"
    before = written(folder)
    run(folder, ".venv/bin/python", "-B", "-c", NOTHING_LEFT)
    assert written(folder) == before


NOTHING_LEFT = """
from infra.build.dashboard import build_site
from infra.local.stack.assembly import synthesise
from infra.local.stack.ministack import install

def refuse(text):
    raise SystemExit(text)

build_site(refuse)
install(refuse)
synthesise(report=refuse).files()
"""
"""The steps of a start that would build something; each reports before it does."""


def written(folder: Path) -> set[tuple[str, int]]:
    """Return all files below a folder, with their times."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {(str(path), path.stat().st_mtime_ns) for path in files}


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(  # noqa: S603 - the steps of the Dockerfile
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=400
    )
    assert done.returncode == 0, done.stdout + done.stderr
