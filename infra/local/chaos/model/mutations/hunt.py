"""Plays schedules with a mutation until one notices it."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from infra.assets import ROOT

from .table import Mutation, mutations, source_with


@dataclass(frozen=True, slots=True)
class Caught:
    """The schedule that noticed a mutation, None when none did."""

    mutation: str
    by: str | None
    violation: str = ""
    schedules: int = 0
    """How many were played until then."""


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
    """Play schedules until one notices a mutation; in a process that has imported nothing.

    First the one that has noticed it before, then those made by hand, then the seeds that have
    noticed others, then `seeds` seeds from `first` on.
    """
    sys.meta_path.insert(0, _Finder(ROOT / mutation.file, source_with(mutation)))
    from ..run import noticed  # imports what is mutated

    others = sorted({seed for one in mutations() if (seed := _seed(one)) is not None})
    return Caught(
        mutation.name, *noticed([*others, *range(first, first + seeds)], mutation.noticed)
    )


def _seed(mutation: Mutation) -> int | None:
    number = mutation.noticed.removeprefix("seed ")
    return int(number) if number.isdecimal() else None


def hunt_all(
    hunted: Sequence[Mutation],
    seeds: int,
    jobs: int,
    done: Callable[[Caught], None],
    first: int = 0,
) -> list[Caught]:
    """Hunt for every mutation; `done` is called with each result as it comes."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["botocore.session", "pynamodb.models", "urllib3", "greenlet"])
    found = []
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        for ended in as_completed([pool.submit(hunt, one, first, seeds) for one in hunted]):
            found.append(ended.result())
            done(found[-1])
    order = [one.name for one in hunted]
    return sorted(found, key=lambda one: order.index(one.mutation))
