"""One name a use case, tests that mirror the tree, and rooms that stay small.

The rule: a file lives with the one thing whose change would force it to change: an exchange, a
rule, a Lambda, a table, a channel, an endpoint, an AWS resource, a simulator.
"""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from .graph import name_of, sources
from .source import (
    AWS,
    CORE,
    FUNCTIONS,
    INFRA,
    INGEST,
    MACHINE,
    RESEARCH,
    ROOT,
    modules,
    short,
    tree,
)

HERE = Path(__file__).parent
TESTS = ROOT / "tests"
MIRRORS = {
    CORE: TESTS / "core",
    AWS: TESTS / "aws",
    FUNCTIONS: TESTS / "functions",
    INGEST: TESTS / "ingest_task",
    INFRA: TESTS / "infra",
    RESEARCH: TESTS / "research",
    MACHINE: TESTS / "machine",
}
"""Where the tests of each part are."""
CROWDED = 24
"""Modules that one folder may hold."""
USE_CASES = sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py"))


@pytest.mark.parametrize("name", USE_CASES)
def test_a_use_case_has_one_name(name: str) -> None:
    """Its function's folder, its application module and its test; the template's is tested too."""
    module = AWS / "application" / f"{name}.py"
    assert module.is_file(), f"{short(module)} is missing"
    assert (TESTS / "functions" / f"test_{name}.py").is_file()
    handler = ast.unparse(tree(FUNCTIONS / name / "handler.py"))
    assert f"signalengine_aws.application.{name} import" in handler


def test_the_rule_stands_in_the_readme() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    assert "A file lives with the one thing whose change would force it to change" in text


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for path in sources().values()}
    sizes = {short(folder): len(list(folder.glob("*.py"))) for folder in folders}
    assert {name: size for name, size in sizes.items() if size > CROWDED} == {}


def test_only_the_fixed_names_lie_in_infra() -> None:
    found = {path.name for path in INFRA.iterdir()} - {"__pycache__", "__init__.py"}
    modules_ = {
        "app.py",
        "stack.py",
        "data.py",
        "settings.py",
        "names.py",
        "assets.py",
        "errors.py",
    }
    assert found == modules_ | {"parts", "build", "cli", "local"}


@pytest.mark.parametrize("part", MIRRORS, ids=lambda part: part.name)
def test_each_module_has_the_test_of_its_name(part: Path) -> None:
    covered = exceptions()
    missing = [
        short(path)
        for path in modules(part)
        if does_something(path)
        and not (test_of(path).is_file() or shares_a_test(path))
        and short(path) not in covered
    ]
    assert missing == []


def test_each_exception_names_a_test_that_reaches_the_module() -> None:
    for name, row in exceptions().items():
        path, test = ROOT / name, ROOT / row["test"]
        assert path.is_file(), f"{name} is gone: drop its row"
        tested = test_of(path).is_file() or shares_a_test(path)
        assert not tested, f"{name} has its own test: drop its row"
        assert test.is_file(), f"{name}: {row['test']} does not exist"
        assert row["reason"].strip(), name
        assert reaches(test, name_of(path)), f"{row['test']} does not reach {name}"


def exceptions() -> dict[str, Any]:
    """Return the modules that another test covers, with that test and the reason."""
    rows: dict[str, Any] = {}
    for file in sorted(HERE.glob("mirror_*.json")):
        found = json.loads(file.read_text())
        assert not rows.keys() & found.keys(), f"{file.name} repeats a row"
        rows |= found
    return rows


def test_of(path: Path) -> Path:
    """Return where the test of a module's name would be."""
    part = next(part for part in MIRRORS if part in path.parents)
    inside = path.relative_to(part)
    name = inside.parent.name if path.name == "handler.py" else inside.stem.strip("_")
    folder = MIRRORS[part] if path.name == "handler.py" else MIRRORS[part] / inside.parent
    return folder / f"test_{name}.py"


def shares_a_test(path: Path) -> bool:
    """Return whether a module has its test by its place.

    The contract of all channels tests each `channel.py`, and `test_channel.py` each part of the
    stack that is named after one. What a use case of one channel does is its function's, and the
    test of the function runs it whole.
    """
    channels = {one.parent.name for one in AWS.glob("channels/*/client.py")}
    if path.parent.parent == AWS / "channels" and path.name == "channel.py":
        return True
    if path.parent == INFRA / "parts" and path.stem in channels:
        return True
    of_channel = path.stem.partition("_")[2] in channels
    test = TESTS / "functions" / f"test_{path.stem}.py"
    return path.parent == AWS / "application" and of_channel and test.is_file()


test_of.__test__ = False  # type: ignore[attr-defined]  # a helper with the name of a test


def does_something(path: Path) -> bool:
    """Return whether a module defines a function or a method that is more than a declaration."""
    if path.name == "__init__.py":
        return False
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return any(isinstance(node, kinds) and not _declares(node) for node in ast.walk(tree(path)))


def _declares(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a body is a docstring and an ellipsis, as a Protocol's methods are."""
    return all(
        isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) for part in node.body
    )


def reaches(test: Path, module: str) -> bool:
    """Return whether a test imports a module, or one that imports it, or runs its program."""
    from .graph import graph

    text = test.read_text()
    wanted, seen = {module}, set[str]()
    while wanted - seen:
        name = (wanted - seen).pop()
        seen.add(name)
        wanted |= {other for other, targets in graph().items() if name in targets}
    return any(_named(text, name) for name in seen) or _runs(text, module)


def _named(text: str, name: str) -> bool:
    package, _, last = name.rpartition(".")
    return name in text or f"from {package} import {last}" in text


def _runs(text: str, module: str) -> bool:
    return f'"{module.removesuffix(".__main__")}"' in text
