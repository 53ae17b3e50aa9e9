"""The tree of errors is drawn whole in the docstring of `signalengine.errors`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from signalengine import errors
from signalengine.errors import SignalEngineError

from tests.paths import ROOT

ROOTS = ("layers/core/python", "layers/aws/python", "functions", "ingest_task", "infra", "research")
LINE = re.compile(r"^(?P<branch>[│├└─ ]*)(?P<name>\w+Error) +(?P<module>[\w.]+)")


def defined() -> dict[str, tuple[str, str]]:
    """Return (parent, module) of every class of the sources with a base, by its name."""
    return {
        node.name: (base.id, module)
        for module, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases[:1]
        if isinstance(base, ast.Name)
    }


def sources() -> Iterator[tuple[str, ast.Module]]:
    for root in ROOTS:
        start = ROOT / root
        for path in sorted(start.rglob("*.py")):
            below = start if root.startswith("layers") else ROOT
            yield dotted(path.relative_to(below)), ast.parse(path.read_text())


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def drawn() -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each error of the drawing: its name, then its parent and module."""
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = LINE.match(line)
        if found:
            depth = len(found["branch"]) // 4
            above = [*above[:depth], found["name"]]
            parent = above[depth - 1] if depth else "Exception"
            module = "signalengine.errors" if found["module"] == "here" else found["module"]
            yield found["name"], (parent, module)


def test_the_drawing_is_the_tree_of_the_sources() -> None:
    known = defined()
    ours = {SignalEngineError.__name__}
    while more := {name for name, (parent, _) in known.items() if parent in ours} - ours:
        ours |= more
    assert dict(drawn()) == {name: known[name] for name in ours}


def test_every_error_is_drawn_once() -> None:
    names = [name for name, _ in drawn()]
    assert len(names) == len(set(names)) > 30


def test_an_error_is_either_permanent_or_transient() -> None:
    branches = [name for name, (parent, _) in drawn() if parent == "SignalEngineError"]
    assert branches == ["PermanentError", "TransientError"]
