"""Which Python a strategy file may contain: an allow-list over its syntax tree.

A file has its docstring, imports from the engine, constants, its declaration and functions of plain
numbers. A function computes with its arguments and the file's constants, and writes to nothing but
its own buffer `s` (in a fold) or `out`. So there is no clock, no environment, no I/O, no randomness
and no state that is not declared. It guards against mistakes, not against attackers.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..intervals import INTERVALS
from .declarations import Known, constant, names_of
from .finding import Finding
from .form import BAR_SIZE

MODULES: Final = (
    "math", "signalengine.exits", "signalengine.library", "signalengine.strategy.numbers",
    "signalengine.params", "signalengine.strategy.features", "signalengine.strategy.form",
)  # fmt: skip
"""Modules from which a strategy may import, with those below them."""
MATH: Final = ("nan", "sqrt")
BUILT_IN: Final = ("abs", "float", "int", "range")
DECLARING: Final = ("Parameters", "State", "Strategy", "Universe", "Values")
FOLDS: Final = {f"fold_{interval}": interval for interval in INTERVALS}
ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(FOLDS, ("s", "bar", "p")),
    "entry": ("v", "f", "side", "p"),
    "leave": ("v", "f", "side", "p"),
    "score": ("v", "f", "side", "p"),
    "components": ("v", "f", "side", "p", "out"),
    "exits": ("v", "f", "side", "p", "out"),
}
"""The functions that the engine calls, with their arguments."""
_WRITTEN: Final = ("s", "out")
"""Arguments that a function may write to."""
_ARRAYS: Final = ("s", "v", "f", "p", "bar", "out")
"""Arguments with many numbers."""

_STATEMENTS: Final = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.If, ast.Pass)
_EXPRESSIONS: Final = (
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Name, ast.Constant,
    ast.Subscript, ast.Call, ast.Tuple,
)  # fmt: skip
_OPERATORS: Final = (
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.UAdd, ast.USub, ast.Not,
    ast.And, ast.Or, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
)  # fmt: skip
_Function: TypeAlias = ast.FunctionDef


def findings(tree: ast.Module) -> list[Finding]:
    """Return everything in a file that a strategy may not contain, in the order of lines."""
    checker = _Checker(tree)
    return sorted(set(checker.all()), key=lambda one: (one.line, one.text))


class _Checker:
    """One pass over a file."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.functions = {node.name for node in tree.body if isinstance(node, _Function)}
        self.imported = {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self.parameters = {
            node.name: [one.arg for one in node.args.args]
            for node in tree.body
            if isinstance(node, _Function)
        }
        self.constants = {name for node in tree.body for name in names_of(node)}
        self.known = Known(frozenset(self.imported | set(BUILT_IN)), frozenset(self.constants))

    def all(self) -> Iterator[Finding]:
        for number, node in enumerate(self.tree.body):
            if isinstance(node, ast.Expr) and number == 0 and _is_text(node.value):
                continue
            if isinstance(node, ast.ImportFrom):
                yield from _import(node)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                yield from constant(node, self.known)
            elif isinstance(node, _Function):
                yield from self._function(node)
            else:
                yield Finding(
                    node.lineno,
                    f"{_what(node)} at the top level",
                    "a strategy file has imports, constants and functions only",
                )
        yield from self._recursions()

    def _recursions(self) -> Iterator[Finding]:
        """Yield the functions that call themselves, also through others: they may never end."""
        calls = {
            node.name: {
                part.func.id
                for part in ast.walk(node)
                if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
            }
            for node in self.tree.body
            if isinstance(node, _Function)
        }
        for node in self.tree.body:
            if isinstance(node, _Function) and node.name in _reached(node.name, calls):
                fix = "write for … in range(…)"
                yield Finding(node.lineno, f"{node.name} calls itself and may never end", fix)

    # --- functions --------------------------------------------------------------------------------

    def _function(self, node: _Function) -> Iterator[Finding]:
        arguments = [one.arg for one in node.args.args]
        expected = ARGUMENTS.get(node.name)
        if expected is not None and tuple(arguments) != expected:
            yield Finding(
                node.lineno,
                f"{node.name}({', '.join(arguments)})",
                f"the engine calls {node.name}({', '.join(expected)})",
            )
        plain = node.args
        if node.decorator_list or plain.defaults or plain.kwonlyargs or plain.vararg or plain.kwarg:
            yield Finding(
                node.lineno,
                f"{node.name} has a decorator, a default or a star",
                "write plain arguments",
            )
        local = {
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        scope = _Scope(node.name, frozenset(arguments), frozenset(local), _unbounded(node))
        for number, statement in enumerate(node.body):
            if number == 0 and isinstance(statement, ast.Expr) and _is_text(statement.value):
                continue
            yield from self._statement(statement, scope)

    def _statement(self, node: ast.stmt, scope: "_Scope") -> Iterator[Finding]:
        if isinstance(node, ast.For):
            yield from self._loop(node, scope)
        elif isinstance(node, ast.Expr):
            if not isinstance(node.value, ast.Call):
                yield Finding(node.lineno, "an expression without effect", "remove it")
            yield from self._expression(node.value, scope)
        elif isinstance(node, ast.While):
            yield Finding(node.lineno, "a while loop may never end", "write for … in range(…)")
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield Finding(
                node.lineno,
                f"{_what(node)} is hidden state",
                "declare it with S.one and write to s",
            )
        elif isinstance(node, ast.Break | ast.Continue):
            return
        elif not isinstance(node, _STATEMENTS):
            yield Finding(
                node.lineno,
                f"{_what(node)} in {scope.name}",
                "write assignments, if, for … in range(…) and return only",
            )
        else:
            yield from self._plain(node, scope)

    def _plain(self, node: ast.stmt, scope: "_Scope") -> Iterator[Finding]:
        yield from _operators(node)
        for target in _targets(node):
            yield from self._target(target, scope)
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.stmt):
                yield from self._statement(part, scope)
            elif isinstance(part, ast.expr) and part not in _unread(node):
                yield from self._expression(part, scope)

    def _loop(self, node: ast.For, scope: "_Scope") -> Iterator[Finding]:
        over = node.iter
        ranged = isinstance(over, ast.Call) and isinstance(over.func, ast.Name)
        if not ranged or over.func.id != "range" or not isinstance(node.target, ast.Name):  # type: ignore[attr-defined]
            yield Finding(node.lineno, "a loop over something", "write for k in range(…)")
        if any(_reads(part, scope.unbounded) for part in ast.iter_child_nodes(over)):
            fix = "loop to a constant or a parameter, and break"
            yield Finding(node.lineno, "a loop as long as data says", fix)
        yield from self._target(node.target, scope)
        yield from self._expression(over, scope)
        for statement in (*node.body, *node.orelse):
            yield from self._statement(statement, scope)

    def _target(self, node: ast.expr, scope: "_Scope") -> Iterator[Finding]:
        if isinstance(node, ast.Tuple):
            for part in node.elts:
                yield from self._target(part, scope)
        elif isinstance(node, ast.Subscript):
            name = node.value.id if isinstance(node.value, ast.Name) else "it"
            if name not in _WRITTEN or name not in scope.arguments:
                yield Finding(
                    node.lineno,
                    f"{scope.name} writes to {name}, which is hidden state",
                    "write to s in a fold, or to out; declare state with S.one",
                )
            else:
                yield from self._expression(node, scope)
        elif not isinstance(node, ast.Name):
            yield Finding(node.lineno, f"an assignment to {_what(node)}", "write NAME = …")
        elif node.id in _ARRAYS and node.id in scope.arguments:
            fix = f"choose another name: {node.id} must stay what the engine passes"
            yield Finding(node.lineno, f"an assignment to {node.id}", fix)

    def _expression(self, node: ast.expr, scope: "_Scope") -> Iterator[Finding]:
        if not isinstance(node, _EXPRESSIONS):
            yield Finding(
                node.lineno,
                f"{_what(node)} in {scope.name}",
                "compute with numbers only: + - * /, sqrt, comparisons",
            )
            return
        if isinstance(node, ast.Constant) and not isinstance(node.value, int | float | bool):
            yield Finding(node.lineno, f"{node.value!r} is no number", "use numbers only")
        yield from _operators(node)
        if isinstance(node, ast.Call):
            yield from self._call(node, scope)
        elif isinstance(node, ast.Name):
            yield from self._name(node, scope)
        elif isinstance(node, ast.Subscript):
            yield from self._place(node, scope)
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr) and not (
                isinstance(node, ast.Call) and part is node.func
            ):
                yield from self._expression(part, scope)

    def _call(self, node: ast.Call, scope: "_Scope") -> Iterator[Finding]:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name in ("min", "max"):
            fix = "write a comparison: what they return for NaN depends on the order"
            yield Finding(node.lineno, f"a call of {name}", fix)
        elif name not in self.functions | self.imported | set(BUILT_IN) or name in DECLARING:
            fix = "call only the file's functions and what is imported from the engine"
            yield Finding(node.lineno, f"a call of {name} in {scope.name}", fix)
        elif node.keywords:
            yield Finding(node.lineno, f"{name} with a named argument", "write plain arguments")
        for argument, parameter in zip(node.args, self.parameters.get(name, ()), strict=False):
            if parameter in _WRITTEN:
                yield from passed(node, argument, scope.arguments)

    def _name(self, node: ast.Name, scope: "_Scope") -> Iterator[Finding]:
        known = scope.arguments | scope.local | self.constants | self.imported | self.functions
        if node.id not in known:
            fix = "declare it as a constant or an argument"
            yield Finding(node.lineno, f"{node.id} is not known in {scope.name}", fix)

    def _in_bar(self, place: ast.expr) -> bool:
        """Whether a place in a bar is one of its constants."""
        if isinstance(place, ast.Name):
            return place.id in self.imported | self.constants
        whole = isinstance(place, ast.Constant) and isinstance(place.value, int)
        return whole and 0 <= place.value < BAR_SIZE  # type: ignore[attr-defined]

    def _place(self, node: ast.Subscript, scope: "_Scope") -> Iterator[Finding]:
        if not isinstance(node.value, ast.Name) or node.value.id not in scope.arguments:
            fix = "index the arguments only: s, v, f, p, bar, out"
            yield Finding(node.lineno, f"an index into {ast.unparse(node.value)}", fix)
        if isinstance(node.slice, ast.Slice | ast.Tuple):
            yield Finding(node.lineno, "a slice", "read numbers one by one")
        over = isinstance(node.value, ast.Name) and node.value.id == "bar"
        if over and not self._in_bar(node.slice):
            yield Finding(
                node.lineno,
                f"bar[{ast.unparse(node.slice)}] looks beyond this bar",
                "a fold sees one closed bar: read OPEN … QUOTE_VOLUME, store what is past in s",
            )
        if isinstance(node.slice, ast.UnaryOp):
            fix = "count places from the start"
            yield Finding(node.lineno, f"a negative place in {ast.unparse(node)}", fix)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The names inside a function."""

    name: str
    arguments: frozenset[str]
    local: frozenset[str]
    unbounded: frozenset[str] = frozenset()
    """Names whose value data decides."""


_BOUNDED: Final = frozenset({"p", "side"})
_WHOLE: Final = frozenset({"abs", "float", "int"})


def _unbounded(node: _Function) -> frozenset[str]:
    """Return the names in a function whose value data decides: not constants and parameters."""
    found = {one.arg for one in node.args.args} - _BOUNDED
    before = -1
    while len(found) > before:
        before = len(found)
        for part in ast.walk(node):
            if isinstance(part, ast.Assign | ast.AugAssign | ast.AnnAssign) and part.value:
                stored = [one for target in _targets(part) for one in ast.walk(target)]
                names = {one.id for one in stored if isinstance(one, ast.Name)} - {"s", "out"}
                found |= names if _reads(part.value, found) else set()
    return frozenset(found)


def _reads(node: ast.AST, names: Collection[str]) -> bool:
    """Return whether an expression reads one of these names, or what a function returns."""
    return any(
        (isinstance(part, ast.Name) and part.id in names)
        or (
            isinstance(part, ast.Call)
            and not (isinstance(part.func, ast.Name) and part.func.id in _WHOLE)
        )
        for part in ast.walk(node)
    )


def passed(call: ast.Call, argument: ast.expr, own: Collection[str]) -> Iterator[Finding]:
    """Yield what is passed to be written to and must not be; `own`: the caller's arguments."""
    if not isinstance(argument, ast.Name) or argument.id not in _WRITTEN or argument.id not in own:
        yield Finding(
            call.lineno,
            f"{ast.unparse(call.func)} may write to {ast.unparse(argument)}",
            "pass s or out on: everything else is read only",
        )


def is_allowed(module: str) -> bool:
    """Return whether a strategy may import from a module."""
    return any(module == name or module.startswith(f"{name}.") for name in MODULES)


def _reached(name: str, calls: Mapping[str, set[str]]) -> set[str]:
    """Return the functions that a function calls, directly or through others."""
    found: set[str] = set()
    ahead = set(calls[name])
    while ahead:
        one = ahead.pop()
        if one in calls and one not in found:
            found.add(one)
            ahead |= calls[one]
    return found


def _import(node: ast.ImportFrom) -> Iterator[Finding]:
    module = node.module or ""
    if node.level or not is_allowed(module):
        yield Finding(
            node.lineno,
            f"an import from {'.' * node.level}{module}",
            f"a strategy imports from {', '.join(MODULES)} only",
        )
    for alias in node.names:
        if alias.name == "*" or alias.name.startswith("_"):
            yield Finding(node.lineno, f"an import of {alias.name}", "name what is needed")
        elif module == "math" and alias.name not in MATH:
            fix = "of math, nan and sqrt alone are the same in Python and compiled"
            yield Finding(node.lineno, f"an import of math.{alias.name}", fix)


def _operators(node: ast.expr | ast.stmt) -> Iterator[Finding]:
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.Pow):
            yield Finding(node.lineno, "a power", "multiply: ** rounds differently when compiled")
        elif isinstance(part, ast.operator | ast.unaryop | ast.boolop | ast.cmpop) and not (
            isinstance(part, _OPERATORS)
        ):
            yield Finding(node.lineno, f"the operator {_what(part)}", "use + - * / and comparisons")


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []


def _unread(node: ast.stmt) -> list[ast.expr]:
    """Return the targets, and the annotation: it is removed before a file runs."""
    annotation = [node.annotation] if isinstance(node, ast.AnnAssign) else []
    return [*_targets(node), *annotation]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _what(node: ast.AST) -> str:
    """Return the name of a piece of syntax as people write it."""
    return _NAMES.get(type(node).__name__, type(node).__name__.lower())


_NAMES: Final[Mapping[str, str]] = {
    "Import": "an import of a whole module",
    "With": "a with block",
    "Try": "a try block",
    "ClassDef": "a class",
    "AsyncFunctionDef": "an async function",
    "FunctionDef": "a function inside a function",
    "Attribute": "an attribute",
    "Lambda": "a lambda",
    "ListComp": "a list",
    "List": "a list",
    "Dict": "a dictionary",
    "JoinedStr": "a text",
    "Global": "global",
    "Nonlocal": "nonlocal",
    "Expr": "an expression",
    "Assert": "an assertion",
    "Raise": "a raise",
    "Is": "is",
    "In": "in",
}
