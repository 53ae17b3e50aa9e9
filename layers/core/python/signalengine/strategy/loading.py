"""Loads a strategy from the text of its file, with nothing but what the allow-list admits.

The same text is loaded twice in research: once plain, once with the engine's compiled modules
behind its imports (`importer`).
"""

import __future__

import ast
import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.resources import files
from types import ModuleType
from typing import Any, Final, TypeAlias

from ..errors import StrategyError
from ..intervals import INTERVALS
from .code import Code, Function
from .finding import Finding
from .form import Strategy
from .namespace import places_and_constants, unread, visible
from .normal_form import syntax_digest
from .syntax import BUILT_IN, FOLDS, findings

_UNREAD: Final = __future__.annotations.compiler_flag
"""Annotations are not evaluated."""
Importer: TypeAlias = Callable[[str], ModuleType]
Wrap: TypeAlias = Callable[[Function], Function]
SHIPPED: Final = "signalengine.strategies"


def _as_it_is(function: Function) -> Function:
    return function


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A strategy that passed the allow-list, ready to run."""

    strategy: Strategy
    code: Code
    digest: str
    """Of its normal form: SHA-256, hex."""
    origin: str
    """The file, for messages."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """First line of each function."""
    text: str = field(default="", repr=False)
    """Of the file: research compiles it."""

    @property
    def name(self) -> str:
        return self.strategy.name

    @property
    def intervals(self) -> tuple[str, ...]:
        """Intervals whose bars it folds, shortest first."""
        return tuple(name for name in INTERVALS if name in self.code.folds)


class RefusedStrategyError(StrategyError):
    """A file with what no strategy may contain; `found` has every finding."""

    def __init__(self, origin: str, found: Sequence[Finding]) -> None:
        self.origin, self.found = origin, tuple(found)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(f"{origin}, {found[0]}{more}")


def load_shipped(name: str) -> Loaded:
    """Load a strategy that ships with the engine; raises StrategyError when there is none."""
    file = files(SHIPPED).joinpath(f"{name}.py")
    if not name.isidentifier() or not file.is_file():
        raise StrategyError(f"there is no strategy {name!r}; shipped: {', '.join(shipped())}")
    return load_text(file.read_text(encoding="utf-8"), f"{name}.py")


def shipped() -> tuple[str, ...]:
    """Return the names of the strategies that ship with the engine."""
    found = (one.name for one in files(SHIPPED).iterdir())
    return tuple(sorted(name[:-3] for name in found if name.endswith(".py") and name[0] != "_"))


def load_text(
    text: str, origin: str, importer: Importer = import_module, wrap: Wrap = _as_it_is
) -> Loaded:
    """Load a strategy from its file's text; raises StrategyError naming line and fix.

    `importer` returns a module by its full name; `wrap` replaces each of the file's functions.
    """
    try:
        tree = ast.parse(text, origin)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise StrategyError(f"{origin} is no Python: {error}") from error
    found = findings(tree)
    if found:
        raise RefusedStrategyError(origin, found)
    digest = syntax_digest(tree)
    space = _run(tree, origin, importer)
    strategy = space.get("STRATEGY")
    if not isinstance(strategy, Strategy):
        raise StrategyError(f"{origin} declares no strategy: write STRATEGY = Strategy(…)")
    found = [*places_and_constants(tree, space), *unread(tree, strategy.features)]
    if found:
        raise RefusedStrategyError(origin, sorted(set(found), key=lambda one: one.line))
    lines = {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name in lines:  # before any is called: they call each other by these names
        space[name] = wrap(space[name])
    functions = {name: space[name] for name in lines}
    loaded = Loaded(strategy, _code(functions, origin), digest, origin, lines, text)
    _check(loaded)
    return loaded


def _run(tree: ast.Module, origin: str, importer: Importer) -> dict[str, Any]:
    """Return a file's names, after its top level ran with nothing but its imports."""

    def imported(name: str, *_: object) -> Any:
        return visible(name, importer)

    built_in = {name: getattr(builtins, name) for name in BUILT_IN}
    space: dict[str, Any] = {
        "__name__": origin.removesuffix(".py"),
        "__builtins__": {**built_in, "__import__": imported},
    }
    try:
        code = compile(tree, origin, "exec", _UNREAD, dont_inherit=True)
        exec(code, space)  # noqa: S102 - it passed the allow-list
    except StrategyError as error:
        raise StrategyError(f"{origin}: {error}") from error
    except Exception as error:
        line = _line_of(error, origin)
        raise StrategyError(f"{origin}{line}: {type(error).__name__}: {error}") from error
    return space


def _line_of(error: BaseException, origin: str) -> str:
    """Return ", line N" of the strategy's file where an error came from."""
    found, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == origin:
            found = f", line {trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _code(functions: Mapping[str, Function], origin: str) -> Code:
    for name, arguments in (("entry", "v, f, side, p"), ("exits", "v, f, side, p, out")):
        if name not in functions:
            raise StrategyError(f"{origin} lacks the function {name}({arguments})")
    return Code(
        folds={FOLDS[name]: made for name, made in functions.items() if name in FOLDS},
        entry=functions["entry"],
        exits=functions["exits"],
        components=functions.get("components"),
        score=functions.get("score"),
        leave=functions.get("leave"),
    )


def _check(loaded: Loaded) -> None:
    """Raise StrategyError where declaration and functions do not fit together."""
    one, code, where = loaded.strategy, loaded.code, loaded.origin
    if code.components is not None and code.score is not None:
        raise StrategyError(f"{where} has components and score: keep one")
    if (code.components is None) != (not one.components):
        raise StrategyError(f"{where}: components are a function and a declaration, or neither")
    for interval in {*loaded.intervals, *one.features}:
        if not one.on_events and one.warm_up.get(interval, 0) < 1:
            raise StrategyError(
                f"{where}: warm_up lacks {interval!r}: how many bars before it means anything?"
            )
