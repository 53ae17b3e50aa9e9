"""`signalengine strategy new`: writes a strategy's file and its test."""

from pathlib import Path

from signalengine.errors import StrategyError
from signalengine.strategy.finder import check_name

from infra.cli.strategies.template import texts
from infra.errors import USAGE, CommandError
from machine.files import write


def write_new(name: str, folder: Path) -> tuple[Path, Path]:
    """Write the two files; raises CommandError, also where one exists."""
    try:
        check_name(name)
    except StrategyError as error:
        raise CommandError(str(error), "", USAGE) from error
    paths = folder / f"{name}.py", folder / f"test_{name}.py"
    for path in paths:
        if path.exists():
            raise CommandError(f"{path} exists: choose another name", "", USAGE)
    try:
        for path, text in zip(paths, texts(name), strict=True):
            write(path, text)
    except OSError as error:
        raise CommandError(f"{folder} cannot be written: {error}") from error
    return paths
