"""The strategies of a command: those that ship, those of a folder, and files by their path."""

import os
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from signalengine.errors import PolicyError, StrategyError
from signalengine.policy import CLASSIC
from signalengine.strategy.finder import Finder, load_own
from signalengine.strategy.loading import SHIPPED, Loaded, load_shipped
from signalengine.strategy.sets import StrategySet, load_set, set_of

from infra.errors import USAGE, CommandError
from infra.local.settings.env_file import found, read
from infra.local.settings.table import VARIABLES

SETTING: Final = "STRATEGIES"


def folder() -> Path:
    """Return the folder of the user's strategies, by the environment, `.env` or the default."""
    named = os.environ.get(SETTING)
    if named is None:
        file = found()
        named = None if file is None else read(file).values.get(SETTING)
    return Path(named or VARIABLES[SETTING].default).expanduser()


def finder() -> Finder:
    """Return what finds strategies by name."""
    return Finder(folder())


def file_of(text: str) -> Traversable:
    """Return the file of a strategy by its name or path; raises CommandError."""
    if text.endswith(".py") or os.sep in text:
        path = Path(text).expanduser()
        if not path.is_file():
            raise CommandError(f"{text}: there is no such file", code=USAGE)
        return path
    try:
        return finder().file(text)
    except StrategyError as error:
        where = f"your own are looked for in {folder()} ({SETTING}); a path works too"
        raise CommandError(str(error), where, USAGE) from error


def strategy_of(text: str) -> Loaded:
    """Load a strategy by its name or path; raises CommandError."""
    file = file_of(text)
    try:
        return load_shipped(Path(file.name).stem) if _ships(file) else load_own(file)
    except StrategyError as error:
        raise CommandError(str(error), f"signalengine strategy check {text}") from error


def _ships(file: Traversable) -> bool:
    """Whether a path is that of a strategy that ships with the engine."""
    place = Path(str(file)).resolve()
    return place.parent == Path(str(files(SHIPPED))).resolve()


def set_of_file(file: Path) -> StrategySet | None:
    """Return the parameter set of a file; None for a policy of `classic`. Raises CommandError."""
    try:
        found = load_set(file.expanduser().read_text(encoding="utf-8-sig"), finder())
    except (OSError, UnicodeDecodeError, PolicyError, StrategyError) as error:
        raise CommandError(f"--policy {file}: {error}") from error
    return found if isinstance(found, StrategySet) else None


def chosen_set(
    strategy: str | None, sets: Sequence[str] = (), file: Path | None = None
) -> StrategySet | None:
    """Return the parameter set that a command's options choose; None for `classic`.

    Raises CommandError for options that do not go together.
    """
    if strategy not in (None, CLASSIC):
        if file is not None:
            raise CommandError("give --strategy or --policy, not both", "", USAGE)
        loaded = strategy_of(str(strategy))
        try:
            return set_of(loaded, {"parameters": parameters_of(sets)})
        except StrategyError as error:
            raise CommandError(str(error), "", USAGE) from error
    if sets:
        raise CommandError(
            "--set chooses a strategy's parameters: name it with --strategy", "", USAGE
        )
    return None if file is None else set_of_file(file)


def parameters_of(sets: Sequence[str]) -> dict[str, float]:
    """Return the parameters that `--set name=value` chooses; raises CommandError."""
    chosen: dict[str, float] = {}
    for text in sets:
        name, equals, value = text.partition("=")
        try:
            chosen[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise CommandError(
                f"--set {text}: write a parameter and a number, as in days=10", "", USAGE
            )
    return chosen
