"""The core's numeric functions, compiled: the same source files, every function under numba.

The modules are loaded a second time as `signalengine_compiled`, in the order of their imports, and
each of their functions is wrapped before the next module imports it. There is no second
implementation to maintain; bit identity is tested on real days. The fold's conditions are evaluated
whole (`conditions`), which their source does not show.

Loops over them (`@cached`) store their machine code in `.local/numba`, or in this user's caches
where that cannot be written: compiling the engine takes 20 s, loading it a moment.
"""

import ast
import hashlib
import importlib.util
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

import numba
import signalengine
from signalengine.strategy.loading import Loaded, load_text

from machine.files import locked
from machine.folders import cache_folder
from research.conditions import whole

PACKAGE: Final = "signalengine_compiled"
PLAIN: Final = ("intervals", "slots", "params", "verdicts")
"""Definitions only."""
LIBRARY: Final = (
    "library.windows", "library.averages", "library.momentum", "library.macd",
    "library.stochastic", "library.volatility", "library.trend", "library.supertrend",
    "library.channels", "library.volume", "library.regression", "library.crossings",
)  # fmt: skip
"""The indicators that strategies fold, in the order of their imports."""
NUMERIC: Final = (
    "strategy.numbers", "indicators", "volume_profile", "events", "blocks", "flows", "snapshot",
    "exits.ticks", "exits.levels", "rules", "exits.rules",
    *LIBRARY,
)  # fmt: skip
"""In the order of their imports."""
_WHOLE: Final = ("indicators", "events")
"""Those whose conditions are evaluated whole (`conditions`): the fold of a bar."""
_STRATEGIES: Final = ("strategies.classic", "strategy.form", "strategy.features")
"""What compiled loops over a shipped strategy read beside these."""
_KERNEL: Final = Path(__file__).parent / "backtest" / "kernel.py"
_CONDITIONS: Final = Path(__file__).parent / "conditions.py"
FOLDER: Final = Path(signalengine.__file__).parent
CACHE: Final = Path(__file__).parents[1] / ".local" / "numba"
"""Machine code by the digest of its sources."""
_DEFINES: Final = "_slots"
"""End of the names of functions that give out places: they run once, at the import."""
_MOST_SOURCES: Final = 4
"""Sources whose machine code is retained."""
_MOST_STRATEGIES: Final = 32
"""Strategies whose machine code is retained, by their text."""

_NJIT: Final[Any] = numba.njit  # its types leave out its less common options
_CONFIG: Final[Any] = numba.config
_UNCOUNTED: Final = {"_nrt": False}
"""Private to numba, and worth half of the time: no reference counts for arrays that are passed on.
Correct only for functions that neither allocate nor store an array."""


@cache
def core() -> dict[str, ModuleType]:
    """Return the compiled modules by name; functions compile on their first call."""
    package = ModuleType(PACKAGE)
    package.__path__ = [str(FOLDER)]
    sys.modules[PACKAGE] = package
    modules = {name: _load(name) for name in PLAIN}
    modules |= {name: _compile(_load(name)) for name in NUMERIC}
    return modules


def compiled_strategy(name: str) -> Loaded:
    """Return a shipped strategy with compiled functions, from the same file."""
    return compiled_text(_source(f"strategies.{name}").read_text(encoding="utf-8"), f"{name}.py")


def compiled_text(text: str, origin: str) -> Loaded:
    """Return a strategy with compiled functions; raises as `loading.load_text`.

    They are in a module of their own, which numba imports when it loads stored machine code.
    """
    name = f"{PACKAGE}.of_{_digest_of(text)}"
    sys.modules.setdefault(name, ModuleType(name))

    def wrap(function: Callable[..., Any]) -> Any:
        function.__module__ = name
        return inlined(function)

    return load_text(text, origin, _compiled_module, wrap)


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _compiled_module(name: str) -> ModuleType:
    """Return the compiled module of a name, or the plain one where it has definitions only."""
    return core().get(name.removeprefix("signalengine.")) or importlib.import_module(name)


def strategy_module(template: ModuleType, text: str, functions: Mapping[str, Any]) -> Any:
    """Return a copy of a module whose `LOOPS` are compiled over a strategy's `functions`, by name.

    Their machine code is stored by the `text` of the strategy.
    """
    digest = _digest_of(text)
    name = f"{template.__name__}_{digest}"
    module = _copied(name, Path(str(template.__file__)))
    folder = _made(_folder() / "strategies", digest, _MOST_STRATEGIES)
    vars(module).update(functions)
    for each in module.LOOPS:
        setattr(module, each, cached(getattr(module, each), folder))
    return module


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays as a part of each of its callers."""
    return _NJIT(function, forceinline=True, **_UNCOUNTED)


def uncounted(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays, once for all its callers."""
    return _NJIT(function, **_UNCOUNTED)


def cached(function: Callable[..., Any], folder: Path | None = None) -> Any:
    """Compile a function of a module's top level and store its machine code for later processes.

    It may call functions of the core and of the backtest's kernel (the digest of their sources
    names the folder) and of its own file (numba compares the file's time). A change in any other
    file goes unnoticed. `folder` is that of code which also depends on other text. Threads run it
    side by side. One process at a time compiles it; others that wait load what that one stored.
    Damaged files of it are made again, and what a full disk does not take is compiled by each
    process.
    """
    folder, before = folder or _folder(), _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(folder)
    try:
        made = _NJIT(function, cache=True, nogil=True)
    finally:
        _CONFIG.CACHE_DIR = before
    _tolerate_damage(made._cache)  # noqa: SLF001 - numba's only access to it
    compile_ = made.compile

    def compile_once(signature: Any) -> Any:
        with locked(folder / f"{function.__module__}.{function.__qualname__}.lock"):
            return compile_(signature)

    made.compile = compile_once
    return made


def _tolerate_damage(store: Any) -> None:
    """Have numba's store of a function load only what is whole, and do without a full disk."""
    load, save = store.load_overload, store.save_overload

    def load_whole(*key: Any) -> Any:
        try:
            return load(*key)
        except Exception:  # what unpickling a damaged file raises is not limited
            store.flush()
            return None

    def save_if_possible(*compiled: Any) -> None:
        with suppress(OSError):
            save(*compiled)

    store.load_overload, store.save_overload = load_whole, save_if_possible


@cache
def _folder() -> Path:
    """Return the folder of the machine code of the current sources; the oldest are removed."""
    names = (*PLAIN, *NUMERIC, *_STRATEGIES)
    sources = [Path(__file__), _CONDITIONS, _KERNEL, *map(_source, names)]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    return _made(cache_folder(CACHE), digest[:16])


def _made(cache: Path, name: str, most: int = _MOST_SOURCES) -> Path:
    here = cache / name
    if not here.exists():
        here.mkdir(parents=True, exist_ok=True)
        with locked(cache / "lock"):
            folders = [path for path in cache.iterdir() if path.is_dir()]
            newest_first = sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)
            for old in newest_first[most:]:
                shutil.rmtree(old, ignore_errors=True)
    return here


def _source(name: str) -> Path:
    return FOLDER / f"{name.replace('.', '/')}.py"


def _load(name: str) -> ModuleType:
    tree = ast.parse(_source(name).read_bytes())
    return _run(f"{PACKAGE}.{name}", _source(name), whole(tree) if name in _WHOLE else tree)


def _copied(full: str, source: Path) -> ModuleType:
    """Run a source file as a module of another name."""
    return _run(full, source, ast.parse(source.read_bytes()))


def _run(full: str, source: Path, tree: ast.Module) -> ModuleType:
    spec = importlib.util.spec_from_file_location(full, source)
    assert spec is not None  # noqa: S101 - the file is part of this project
    assert spec.loader is not None  # noqa: S101 - as above
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    exec(compile(tree, str(source), "exec"), vars(module))  # noqa: S102 - as above
    return module


def _compile(module: ModuleType) -> ModuleType:
    for name, value in list(vars(module).items()):
        own = isinstance(value, FunctionType) and value.__module__ == module.__name__
        if own and not name.endswith(_DEFINES):
            setattr(module, name, inlined(value))
    return module
