"""The core's numeric functions, compiled: the same source files, every function under numba.

The modules are loaded a second time as `signalengine_compiled`, in the order of their imports, and
each of their functions is wrapped before the next module asks for it. There is no second
implementation to keep in step; bit identity is tested on real days.

Loops over them (`@kept`) leave their machine code in `.local/numba`: compiling the engine takes
20 s, reading it back a moment.
"""

import hashlib
import importlib.util
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

import numba
import signalengine

PACKAGE: Final = "signalengine_compiled"
PLAIN: Final = ("layout", "intervals", "params")
"""Constants only."""
NUMERIC: Final = (
    "indicators", "volume_profile", "events", "flows", "snapshot", "scoring", "rules",
)  # fmt: skip
"""In the order of their imports."""
FOLDER: Final = Path(signalengine.__file__).parent
KEPT: Final = Path(__file__).parents[1] / ".local" / "numba"
"""Machine code by the digest of its sources."""
_SOURCES_KEPT: Final = 4

_NJIT: Final[Any] = numba.njit  # its types leave out its less common options
_CONFIG: Final[Any] = numba.config
_UNCOUNTED: Final = {"_nrt": False}
"""Private to numba, and worth half of the time: arrays that are handed on are not counted. Right
for functions that make no array and keep none."""


@cache
def core() -> dict[str, ModuleType]:
    """Return the compiled modules by name; functions compile on their first call."""
    package = ModuleType(PACKAGE)
    package.__path__ = [str(FOLDER)]
    sys.modules[PACKAGE] = package
    modules = {name: _load(name) for name in PLAIN}
    modules |= {name: _compile(_load(name)) for name in NUMERIC}
    return modules


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays as a part of each of its callers."""
    return _NJIT(function, forceinline=True, **_UNCOUNTED)


def uncounted(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays, once for all its callers."""
    return _NJIT(function, **_UNCOUNTED)


def kept(function: Callable[..., Any]) -> Any:
    """Compile a function of a module's top level and keep its machine code for later processes.

    What it calls may be of the core (the code is kept by the digest of the core's sources) or of
    its own file (numba compares the file's time): not of another file, whose changes go unnoticed.
    """
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(_kept_here())
    try:
        return _NJIT(function, cache=True)
    finally:
        _CONFIG.CACHE_DIR = before


@cache
def _kept_here() -> Path:
    """The folder of the machine code of these very sources; those of older ones make way."""
    sources = [Path(__file__), *(FOLDER / f"{name}.py" for name in (*PLAIN, *NUMERIC))]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    here = KEPT / digest[:16]
    if not here.exists():
        here.mkdir(parents=True, exist_ok=True)
        newest_first = sorted(KEPT.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest_first[_SOURCES_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
    return here


def _load(name: str) -> ModuleType:
    full = f"{PACKAGE}.{name}"
    spec = importlib.util.spec_from_file_location(full, FOLDER / f"{name}.py")
    assert spec is not None  # noqa: S101 - the file is part of this project
    assert spec.loader is not None  # noqa: S101 - as above
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)
    return module


def _compile(module: ModuleType) -> ModuleType:
    for name, value in list(vars(module).items()):
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            setattr(module, name, inlined(value))
    return module
