"""Which constants a strategy file may declare: an allow-list over the expressions at its top level.

A constant is a number, a text, a tuple or dictionary of them, a computation with numbers, a call of
what is imported, or what `Parameters`, `Values` and `State` return. Nothing else is evaluated when
a file is loaded.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .finding import Finding

METHODS: Final = ("began", "many", "number", "of", "one", "price", "rank", "whole")
"""Of `Parameters`, `Values` and `State`."""
_PARTS: Final = (
    ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant, ast.Dict, ast.IfExp, ast.Name,
    ast.Subscript, ast.Tuple, ast.UnaryOp,
)  # fmt: skip
_STATE: Final = (ast.List, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp)


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a constant may use."""

    callable: frozenset[str]
    """What is imported, and Python's own functions."""
    constants: frozenset[str]


def constant(node: ast.Assign | ast.AnnAssign, known: Known) -> Iterator[Finding]:
    """Yield what is wrong with an assignment at the top level."""
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        if not all(isinstance(part, ast.Name) for part in parts):
            yield Finding(node.lineno, "an assignment to no plain name", "write NAME = …")
    if node.value is not None:
        yield from _expression(node.value, known)


def names_of(node: ast.stmt) -> Iterator[str]:
    """Yield the names that an assignment gives."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
    for target in targets:
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        yield from (part.id for part in parts if isinstance(part, ast.Name))


def _expression(node: ast.expr, known: Known) -> Iterator[Finding]:
    if isinstance(node, _STATE):
        yield Finding(
            node.lineno,
            "a list at the top level could carry hidden state",
            "declare state with S.one or S.many, constants with a tuple",
        )
    elif not isinstance(node, _PARTS):
        yield Finding(
            node.lineno,
            f"{_what(node)} in a constant",
            "write numbers, texts, tuples, and calls of what is imported",
        )
    elif isinstance(node, ast.Call):
        yield from _call(node, known)
    elif isinstance(node, ast.Name):
        if node.id not in known.callable | known.constants:
            yield Finding(node.lineno, f"{node.id} is not known here", "import or declare it")
    else:
        yield from _parts(node, known)


def _parts(node: ast.expr, known: Known) -> Iterator[Finding]:
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            yield from _expression(part, known)


def _call(call: ast.Call, known: Known) -> Iterator[Finding]:
    """A constant may be what the engine's own declarations return."""
    made = call.func
    if isinstance(made, ast.Attribute):
        owner = made.value
        declared = isinstance(owner, ast.Name) and owner.id in known.constants
        allowed = declared and made.attr in METHODS
    elif isinstance(made, ast.Name):
        allowed = made.id in known.callable
    else:
        yield from _expression(made, known)
        allowed = False
    if not allowed:
        yield Finding(
            call.lineno,
            f"a call of {ast.unparse(made)} in a constant",
            "call only what is imported from the engine",
        )
    for argument in call.args:
        yield from _expression(argument, known)
    for keyword in call.keywords:
        if keyword.arg is None:
            yield Finding(call.lineno, "a call with **", "name the arguments")
        yield from _expression(keyword.value, known)


def _what(node: ast.AST) -> str:
    return _NAMES.get(type(node).__name__, type(node).__name__.lower())


_NAMES: Final = {
    "Attribute": "an attribute",
    "GeneratorExp": "a generator",
    "JoinedStr": "a text with values",
    "Lambda": "a lambda",
    "NamedExpr": "an assignment",
    "Starred": "a star",
}
