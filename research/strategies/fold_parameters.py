"""Which parameters a strategy's folds read: its values depend on no others.

Found in the syntax of its file. A use of `p` that is not plainly one of its places counts as a
reading of all of them.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from signalengine.strategy.loading import Loaded, load_text
from signalengine.strategy.syntax import FOLDS

_PARAMETERS: Final = "p"
"""What the engine's functions call them."""


class _Passed(NamedTuple):
    """Parameters under the name that a function of the file gives them."""

    function: str
    argument: str


def fold_parameters(loaded: Loaded) -> tuple[int, ...]:
    """Return the places in `p`, ascending, that the folds read, directly or through a function."""
    tree = ast.parse(loaded.text)
    functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    constants = loaded.code.entry.__globals__
    count = len(loaded.strategy.parameters.declared)
    found: set[int] = set()
    seen: set[_Passed] = set()
    ahead = [_Passed(name, _PARAMETERS) for name in functions if name in FOLDS]
    while ahead:
        one = ahead.pop()
        if one in seen:
            continue
        seen.add(one)
        for use in _uses(functions[one.function], one.argument, functions, constants):
            if isinstance(use, _Passed):
                ahead.append(use)
            elif use is not None and 0 <= use < count:
                found.add(use)
            else:
                return tuple(range(count))
    return tuple(sorted(found))


@lru_cache(maxsize=16)
def _places(text: str, origin: str) -> tuple[int, ...]:
    return fold_parameters(load_text(text, origin))


def folded_only(loaded: Loaded, p: Sequence[float]) -> tuple[float, ...]:
    """Return `p` with the defaults of all parameters that the folds do not read."""
    read, declared = _places(loaded.text, loaded.origin), loaded.strategy.parameters.declared
    return tuple(x if k in read else declared[k].default for k, x in enumerate(p))


def _uses(
    function: ast.FunctionDef,
    name: str,
    functions: Mapping[str, ast.FunctionDef],
    constants: Mapping[str, Any],
) -> Iterator[int | _Passed | None]:
    """Yield the places of `name` that a function reads, and where it passes it; None: any."""
    local = {part.id for part in ast.walk(function) if _stored(part)}  # type: ignore[attr-defined]
    local |= {argument.arg for argument in function.args.args}
    understood: set[ast.AST] = set()
    for part in ast.walk(function):
        if isinstance(part, ast.Subscript) and _is(part.value, name):
            understood.add(part.value)
            yield _constant(part.slice, constants, local)
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            called = functions.get(part.func.id)
            for argument, own in zip(part.args, called.args.args if called else (), strict=False):
                if _is(argument, name):
                    understood.add(argument)
                    yield _Passed(part.func.id, own.arg)
    if any(_is(part, name) and part not in understood for part in ast.walk(function)):
        yield None


def _constant(place: ast.expr, constants: Mapping[str, Any], local: set[str]) -> int | None:
    """Return a place that is a whole number, or the name of one; else None."""
    value: object = None
    if isinstance(place, ast.Constant):
        value = place.value
    elif isinstance(place, ast.Name) and place.id not in local:
        value = constants.get(place.id)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _stored(part: ast.AST) -> bool:
    return isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)


def _is(part: ast.AST, name: str) -> bool:
    return isinstance(part, ast.Name) and part.id == name
