"""The source, read as text and as syntax: what the guards look at."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.paths import ROOT

CORE = ROOT / "layers" / "core" / "python" / "signalengine"
AWS = ROOT / "layers" / "aws" / "python" / "signalengine_aws"
FUNCTIONS = ROOT / "functions"
INGEST = ROOT / "ingest_task"
INFRA = ROOT / "infra"
RESEARCH = ROOT / "research"
MACHINE = ROOT / "machine"


def modules(*folders: Path) -> list[Path]:
    """Every Python file below the folders."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """Its syntax."""
    return ast.parse(path.read_text(), filename=str(path))


def imports(path: Path) -> Iterator[str]:
    """Dotted names of all absolute imports, wherever in the file they are."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every call by name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def tracked() -> list[Path]:
    """What git would commit; skips nothing that is written by hand."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def short(path: Path) -> str:
    """Its path from the root."""
    return path.relative_to(ROOT).as_posix()
