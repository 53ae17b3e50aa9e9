"""The import graph of the Python source: modules, and which of ours each one imports."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from .source import AWS, CORE, FUNCTIONS, INFRA, INGEST, MACHINE, RESEARCH, ROOT, modules, tree

_LAYERS = (CORE.parent, AWS.parent)


def name_of(path: Path) -> str:
    """Return the dotted name by which a module is imported."""
    base = next((folder for folder in _LAYERS if folder in path.parents), ROOT)
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources() -> Mapping[str, Path]:
    """Return every module of ours by its dotted name."""
    return {
        name_of(path): path
        for path in modules(CORE, AWS, FUNCTIONS, INGEST, INFRA, RESEARCH, MACHINE)
    }


@cache
def graph() -> Mapping[str, frozenset[str]]:
    """Return what each module imports of ours, wherever in the file the import stands.

    Imports for the type checker alone (`if TYPE_CHECKING`) load nothing and are left out.
    """
    return {name: frozenset(_imported(name, path)) - {name} for name, path in sources().items()}


def _imported(name: str, path: Path) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _loaded(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in sources())
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = parts[: len(parts) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                if inner in sources():
                    yield inner
                elif source in sources():
                    yield source


def _loaded(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _loaded(child)


def cycles(edges: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other in a circle (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(edges.get(name, ())):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            at = stack.index(name)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(edges):
        if name not in index:
            visit(name)
    return found
