"""What a strategy file can reach when it runs: the names behind its imports, and its constants.

The allow-list of `syntax` admits names; here are the values behind them. A file gets numbers,
functions and the declarations of `form`, and no module, no object of the engine that others share.
"""

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from types import BuiltinFunctionType, ModuleType, SimpleNamespace
from typing import Any, Final

from ..errors import StrategyError
from ..indicators import Buffer
from .finding import Finding
from .form import BAR_SIZE
from .syntax import DECLARING, MATH, is_allowed, passed

_FORM: Final = "signalengine.strategy.form"
_TYPES: Final = ("Buffer", "Numbers")
"""Names for annotations, which are never evaluated."""


def visible(name: str, importer: Callable[[str], ModuleType]) -> SimpleNamespace:
    """Return what a file may import from a module; raises StrategyError for other modules."""
    if not is_allowed(name):
        raise StrategyError(f"a strategy may not import {name}")
    if name == "math":
        return SimpleNamespace(**{one: getattr(math, one) for one in MATH})
    module = importer(name)
    classes = (*DECLARING, *_TYPES) if name == _FORM else ()
    shown = {
        key: value
        for key, value in vars(module).items()
        if key in classes or (key[0] != "_" and _is_plain(value, module))
    }
    return SimpleNamespace(**shown)


def _is_plain(value: object, module: ModuleType) -> bool:
    """Whether it is a number, or a function of that module, compiled or not."""
    if isinstance(value, int | float):
        return True
    own = getattr(value, "__module__", None) == module.__name__
    return own and callable(value) and not isinstance(value, type | BuiltinFunctionType)


def unread(tree: ast.Module, features: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the first place where shared features are read that the strategy does not declare."""
    for function in tree.body:
        if features or not isinstance(function, ast.FunctionDef):
            continue
        for part in ast.walk(function):
            if isinstance(part, ast.Subscript) and ast.unparse(part.value) == "f":
                yield Finding(
                    part.lineno,
                    f"{ast.unparse(part)} is a shared feature, and none are declared",
                    'write features=("1h",) with the intervals that are read',
                )
                return


def places_and_constants(tree: ast.Module, space: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield where functions use a constant that is no number, or a place that no bar has."""
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        local = {argument.arg for argument in function.args.args} | {
            part.id
            for part in ast.walk(function)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        for part in _evaluated(function):
            if isinstance(part, ast.Subscript):
                yield from _place(part, space, local)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
                arguments = {argument.arg for argument in function.args.args}
                called = space.get(part.func.id)
                if getattr(called, "__globals__", None) is not space:  # `syntax` knows those
                    yield from _written(part, called, arguments)
            if isinstance(part, ast.Name) and part.id in space and part.id not in local:
                yield from _constant(part, space[part.id])


def _evaluated(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the parts of a function but its annotations."""
    ahead: list[ast.AST] = [*function.body]
    while ahead:
        part = ahead.pop()
        yield part
        annotation = getattr(part, "annotation", None)
        ahead += [child for child in ast.iter_child_nodes(part) if child is not annotation]


def _place(node: ast.Subscript, space: Mapping[str, Any], local: set[str]) -> Iterator[Finding]:
    place = node.slice
    if not isinstance(node.value, ast.Name) or node.value.id != "bar":
        return
    if isinstance(place, ast.Name) and place.id not in local:
        at = space.get(place.id)
        if not isinstance(at, int) or not 0 <= at < BAR_SIZE:
            yield Finding(
                node.lineno,
                f"bar[{place.id}] looks beyond this bar: {place.id} = {at!r}",
                "a fold sees one closed bar: read OPEN … QUOTE_VOLUME, store what is past in s",
            )


def _written(call: ast.Call, called: object, own: set[str]) -> Iterator[Finding]:
    """Yield what is passed to a function of the engine that may write to it."""
    function = getattr(called, "py_func", called)  # the source of a compiled one
    annotations = getattr(function, "__annotations__", {})
    code = getattr(function, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code is not None else ()
    for argument, name in zip(call.args, names, strict=False):
        if annotations.get(name) == Buffer:
            yield from passed(call, argument, own)


def _constant(node: ast.Name, value: object) -> Iterator[Finding]:
    if not isinstance(value, int | float) and (isinstance(value, type) or not callable(value)):
        yield Finding(
            node.lineno,
            f"{node.id} is a {type(value).__name__}, which could carry hidden state",
            "use numbers in functions: declare state with S.one, parameters with P.number",
        )
