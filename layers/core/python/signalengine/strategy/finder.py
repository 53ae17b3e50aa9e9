"""Finds strategies by name: those that ship with the engine, and those of a user's folder."""

import keyword
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from ..errors import StrategyError
from .loading import SHIPPED, Loaded, load_shipped, load_text, shipped

_SUFFIX: Final = ".py"
_RESERVED: Final = ("classic",)
"""Names of strategies that are not files."""


@dataclass(frozen=True, slots=True)
class Found:
    """A strategy's file: what it loads as, or why it does not load."""

    name: str
    own: bool
    """Of the user's folder; else it ships with the engine."""
    loaded: Loaded | None
    problem: str = ""


class Finder:
    """Finds strategies by name; `folder` has the user's own, a file each."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self.folder = folder

    def __call__(self, name: str) -> Loaded:
        """Return a strategy; raises StrategyError when there is none, or its file is refused."""
        return load_shipped(name) if name in shipped() else load_own(self.file(name))

    def file(self, name: str) -> Traversable:
        """Return the file of a strategy; raises StrategyError when there is none."""
        if name in shipped():
            return files(SHIPPED).joinpath(f"{name}{_SUFFIX}")
        file = self.files().get(name)
        if file is None:
            known = ", ".join((*shipped(), *self.files()))
            raise StrategyError(f"there is no strategy {name!r}; there are: {known or 'none'}")
        return file

    def files(self) -> dict[str, Traversable]:
        """Return the user's files by name; tests and names with `_` in front are left out."""
        if self.folder is None or not self.folder.is_dir():
            return {}
        found = sorted(self.folder.iterdir(), key=lambda one: one.name)
        return {one.name.removesuffix(_SUFFIX): one for one in found if _is_strategy(one)}

    def all(self) -> Iterator[Found]:
        """Yield every strategy, shipped ones first."""
        for name in shipped():
            yield Found(name, False, load_shipped(name))
        for name, file in self.files().items():
            try:
                yield Found(name, True, load_own(file))
            except StrategyError as error:
                yield Found(name, True, None, str(error))


def load_own(file: Traversable) -> Loaded:
    """Load a user's file; raises StrategyError, also when a shipped strategy has its name."""
    name = file.name.removesuffix(_SUFFIX)
    check_name(name)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StrategyError(f"{file.name} cannot be read: {error}") from error
    loaded = load_text(text, file.name)
    if loaded.name != name:
        raise StrategyError(
            f"{file.name} declares the strategy {loaded.name!r}: give both the same name"
        )
    return loaded


def check_name(name: str) -> None:
    """Raise StrategyError for a name that a user's strategy cannot have."""
    if name in (*shipped(), *_RESERVED):
        raise StrategyError(
            f"{name!r} is the name of a strategy that ships with the engine: choose another"
        )
    plain = name.isidentifier() and name.isascii() and name == name.lower()
    if not plain or keyword.iskeyword(name) or len(name) > 40 or name[0] == "_":
        raise StrategyError(
            f"{name!r}: a name has lower-case letters, digits and _, begins with a letter, "
            "and has 40 at most"
        )


def _is_strategy(file: Traversable) -> bool:
    name = file.name
    hidden = name.startswith(("_", ".", "test_")) or name == "conftest.py"
    return name.endswith(_SUFFIX) and not hidden and file.is_file()
