"""Files that a command writes at its end: checked before the work, which may take hours."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from infra.errors import CommandError
from machine.files import is_stdout

if TYPE_CHECKING:
    from rich.console import Console


def checked_output(option: str, file: Path | None) -> Path | None:
    """Return the file of an option; raises CommandError if it cannot be written."""
    if file is None:
        return None
    file = file.expanduser()
    if file.is_dir():
        raise CommandError(f"{option} {file} is a folder: name a file in it")
    folder = Path(os.path.realpath(file)).parent
    if not file.exists() and not folder.is_dir():
        raise CommandError(f"{option} {file}: there is no folder {folder}")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise CommandError(f"{option} {file}: this user may not write there")
    return file


def console_beside(output: Path | None) -> "Console":
    """Return the console for what else a command prints: stderr if the file is stdout."""
    from rich.console import Console  # slow to import, and not needed for help

    return Console(stderr=output is not None and is_stdout(output))
