"""The core's numeric functions, compiled: the same source files, every function under numba.

The modules are loaded a second time as `signalengine_compiled`, in the order of their imports, and
each of their functions is wrapped before the next module asks for it. There is no second
implementation to keep in step; bit identity is tested on real days.
"""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import signalengine
from numba import njit

PACKAGE = "signalengine_compiled"
PLAIN = ("layout", "intervals", "params")
"""Constants only."""
NUMERIC = ("indicators", "profile", "detection", "flows", "features", "scoring", "rules")
"""In the order of their imports."""


@cache
def core() -> dict[str, ModuleType]:
    """Return the compiled modules by name; functions compile on their first call."""
    folder = Path(signalengine.__file__).parent
    package = ModuleType(PACKAGE)
    package.__path__ = [str(folder)]
    sys.modules[PACKAGE] = package
    modules = {name: _load(name, folder) for name in PLAIN}
    modules |= {name: _compile(_load(name, folder)) for name in NUMERIC}
    return modules


def _load(name: str, folder: Path) -> ModuleType:
    full = f"{PACKAGE}.{name}"
    spec = importlib.util.spec_from_file_location(full, folder / f"{name}.py")
    assert spec is not None  # noqa: S101 - the file is part of this project
    assert spec.loader is not None  # noqa: S101 - as above
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)
    return module


def _compile(module: ModuleType) -> ModuleType:
    for name, value in list(vars(module).items()):
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            setattr(module, name, njit(value))
    return module
