"""The file of settings, `.env`: found, read, and put into the environment.

Only the settings of the table are put there, and not those that the command line itself reads.
A variable that the environment has already keeps its value, an empty one too: empty switches off
what the file sets. Values are taken as they are: `$NAME` in one is no reference.
"""

import stat
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv.parser import Original, parse_stream

from infra.errors import USAGE, CommandError
from infra.local.storage.folder import default_root

from .table import VARIABLES

NAME: Final = ".env"
FROM_FILE: Final = frozenset(one.name for one in VARIABLES.values() if one.place != "command")
"""The variables that a file may set."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class EnvFile:
    """A file of settings that was read."""

    path: Path
    values: Mapping[str, str]
    """Its variables; an empty value counts as not set."""

    @property
    def open_to_others(self) -> bool:
        """Whether other users of this machine may read it."""
        return bool(self.path.stat().st_mode & _OTHERS)

    def apply(self, environ: MutableMapping[str, str]) -> frozenset[str]:
        """Set what the environment lacks; return the names that came from the file.

        Only settings are set: of a foreign folder's file, no other variable reaches this process
        or those that it starts.
        """
        taken = {
            name: text
            for name, text in self.values.items()
            if name in FROM_FILE and name not in environ
        }
        environ.update(taken)
        return frozenset(taken)


def found() -> Path | None:
    """Return the file that is read without `--env`: the working directory's, else the data's."""
    return next((path for path in places() if path.is_file()), None)


def places() -> tuple[Path, Path]:
    """Return where a file is looked for, the first place first."""
    return Path.cwd() / NAME, default_root() / NAME


def read(path: Path) -> EnvFile:
    """Read a file; raises CommandError naming the line that is no `NAME=value`."""
    try:
        with path.expanduser().open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}", "", USAGE) from error
    values: dict[str, str] = {}
    for one in bindings:
        if one.error or (one.key is not None and one.value is None):
            raise CommandError(
                f"{path}, line {_line(one.original)}: expected NAME=value", "", USAGE
            )
        if one.key is not None and one.value:
            values[one.key] = one.value
    return EnvFile(path, values)


def _line(original: Original) -> int:
    """Return the line of a statement; the empty lines before it are part of its text."""
    text = original.string
    return original.line + text[: len(text) - len(text.lstrip())].count("\n")
