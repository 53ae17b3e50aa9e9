"""The user for whom a service is installed, and the programs that manage it."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.errors import CommandError

TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program printed, and its exit code."""

    code: int
    out: str
    error: str


@dataclass(frozen=True, slots=True)
class Session:
    """One user of this machine: ids, home, environment and platform, as Python names them."""

    uid: int
    name: str
    home: Path
    platform: str
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def current(cls) -> "Session":
        """Return the user of this process."""
        uid = os.geteuid()
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            name = str(uid)
        return cls(uid, name, Path.home(), sys.platform, dict(os.environ))

    def refuse_root(self) -> None:
        """Raise CommandError for root: the service needs no rights, and would run with all."""
        if self.uid == 0:
            raise CommandError(
                "this is root: the service has no use for its rights, so it belongs to a user",
                "Log in as that user (a new one: `adduser signals`), and run it there.",
            )

    def folder(self, variable: str, default: str) -> Path:
        """Return a folder of the XDG convention; a relative path in the variable is ignored."""
        given = Path(self.environment.get(variable, ""))
        return given if given.is_absolute() else self.home / default

    def run(self, command: Sequence[str]) -> Answer:
        """Run a program and wait for its end; raises CommandError where it is missing."""
        try:
            done = subprocess.run(  # noqa: S603 - service managers, by name on PATH
                [self.program(command[0]), *command[1:]],
                env=self._manager_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            raise CommandError(f"{command[0]} did not end in {TIMEOUT_S:.0f} s") from None
        return Answer(done.returncode, done.stdout.strip(), done.stderr.strip())

    def show(self, command: Sequence[str]) -> int:
        """Run a program on this terminal; returns its exit code."""
        program = [self.program(command[0]), *command[1:]]
        return subprocess.run(program, env=self._manager_environment(), check=False).returncode  # noqa: S603 - as above

    def program(self, name: str) -> str:
        """Return the path of a program; raises CommandError where it is missing."""
        found = shutil.which(name, path=self.environment.get("PATH", ""))
        if found is None:
            raise CommandError(f"there is no {name} on this machine", _INSTEAD)
        return found

    def _manager_environment(self) -> dict[str, str]:
        """Add what `su` and `sudo` leave out: without it systemctl finds no user manager."""
        runtime = f"/run/user/{self.uid}"
        given = {"XDG_RUNTIME_DIR": runtime} if Path(runtime).is_dir() else {}
        return {**given, **self.environment, "LC_ALL": "C.UTF-8"}


_INSTEAD = (
    "Without systemd use `docker compose up -d`, or run `signalengine up` under your own "
    "supervisor; on WSL 2 switch systemd on: docs/service.md"
)
