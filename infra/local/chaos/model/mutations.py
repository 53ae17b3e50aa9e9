"""Each condition and order of writes is taken away once: the schedules have to notice every one.

A mutation replaces text of a source file while it is imported, in a process of its own; no file is
changed. What survives is either redundant, or a hole in the schedules.
"""

import sys
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from infra.assets import ROOT

TABLE: Final = Path(__file__).with_name("mutations.toml")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of one file: the text `old`, which is in it once, becomes `new`."""

    name: str
    file: str
    old: str
    new: str
    noticed: str = ""
    """The schedule that has noticed it, which is played first: a seed, or one made by hand."""
    redundant: str = ""
    """Why nothing can notice it, where that is so: which other guard holds."""


@dataclass(frozen=True, slots=True)
class Caught:
    """The schedule that noticed a mutation, None when none did."""

    mutation: str
    by: str | None
    violation: str = ""
    schedules: int = 0
    """How many were played until then."""


def source_with(mutation: Mutation) -> str:
    """Return the changed source; raises ValueError unless the old text is there exactly once."""
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.name}: the text is {text.count(mutation.old)} times in it")
    return text.replace(mutation.old, mutation.new)


class _Loader(SourceFileLoader):
    """Loads a module from a text."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self._text = text

    def get_code(self, fullname: str) -> Any:
        return compile(self._text, self.get_filename(fullname), "exec")


class _Finder(MetaPathFinder):
    """Finds the mutated module."""

    def __init__(self, file: Path, text: str) -> None:
        self._file, self._text = file, text

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or Path(spec.origin) != self._file:
            return None
        spec.loader = _Loader(fullname, str(self._file), self._text)
        return spec


def hunt(mutation: Mutation, first: int, seeds: int) -> Caught:
    """Play seeds with a mutation until one notices it; in a process that has imported nothing."""
    sys.meta_path.insert(0, _Finder(ROOT / mutation.file, source_with(mutation)))
    from .run import noticed  # imports what is mutated

    return Caught(mutation.name, *noticed(range(first, first + seeds), mutation.noticed))


def hunt_all(
    mutations: Sequence[Mutation], seeds: int, jobs: int, done: Callable[[Caught], None]
) -> list[Caught]:
    """Hunt for every mutation; `done` is called with each result."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["botocore.session", "pynamodb.models", "urllib3", "greenlet"])
    found = []
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        for ended in as_completed([pool.submit(hunt, one, 0, seeds) for one in mutations]):
            found.append(ended.result())
            done(found[-1])
    order = [one.name for one in mutations]
    return sorted(found, key=lambda one: order.index(one.mutation))


def mutations() -> tuple[Mutation, ...]:
    """Return the table of mutations."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutation"]
    return tuple(Mutation(**row) for row in rows)
