"""The service in systemd's manager of one user, by systemctl, loginctl and journalctl."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from infra.errors import CommandError
from infra.local.service import systemd_unit
from infra.local.service.plan import Level, Plan, State
from infra.local.service.session import Answer, Session
from infra.local.service.systemd_unit import NAME

_LEVELS: Final[dict[str, Level]] = {
    "active": "running",
    "reloading": "running",
    "activating": "starting",
    "deactivating": "stopping",
    "failed": "failed",
}
_SHOWN: Final = ("ActiveState", "SubState", "MainPID", "NRestarts", "Result", "UnitFileState")
_NO_BUS: Final = ("Failed to connect to bus", "Failed to connect to user scope bus")


class SystemdServices:
    """The port `Services` for systemd."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def file(self) -> Path:
        """The path of the unit file."""
        return self._session.folder("XDG_CONFIG_HOME", ".config") / "systemd" / "user" / NAME

    def render(self, plan: Plan) -> str:
        """Return the unit for the systemd that is installed here."""
        return systemd_unit.render(plan, self._version())

    def read(self, text: str) -> Plan:
        """Return the plan of a unit."""
        return systemd_unit.read(text)

    def load(self, *, changed: bool) -> None:  # noqa: ARG002 - cheap, and sound for the same file
        """Make systemd read the file, and start it with the user's manager from now on."""
        self._control("daemon-reload")
        self._control("enable", NAME)

    def start(self) -> None:
        """Start it unless it runs; it may need minutes until it is ready."""
        self._control("reset-failed", NAME, may_fail=True)
        self._control("start", "--no-block", NAME)

    def stop(self) -> None:
        """Stop it and wait for its end."""
        self._control("stop", NAME)

    def restart(self) -> None:
        """Stop it if it runs, and start it."""
        self._control("reset-failed", NAME, may_fail=True)
        self._control("restart", "--no-block", NAME)

    def unload(self) -> None:
        """Stop it, and forget the file, which is removed."""
        self._control("disable", "--now", NAME)
        self.file.unlink(missing_ok=True)
        self._control("daemon-reload")
        self._control("reset-failed", NAME, may_fail=True)

    def state(self) -> State:
        """Return its state."""
        names = ",".join(_SHOWN)
        answer = self._control("show", NAME, f"--property={names}")
        rows = dict(line.partition("=")[::2] for line in answer.out.splitlines())
        level = _LEVELS.get(rows.get("ActiveState", ""), "stopped")
        return State(
            level,
            pid=int(rows.get("MainPID") or 0),
            enabled=rows.get("UnitFileState") == "enabled",
            restarts=int(rows.get("NRestarts") or 0),
            result=rows.get("Result", ""),
        )

    def follow(self, lines: int, *, follow: bool) -> int:
        """Show the end of its log, which journald rotates; returns the exit code."""
        command = ["journalctl", "--user", "--unit", NAME, "--lines", str(lines), "--no-pager"]
        return self._session.show([*command, *(["--follow"] if follow else [])])

    def lingering(self, warn: Callable[[str], None]) -> str:
        """See to it that the user's services run without a log-in; returns what was done."""
        name = self._session.name
        there = self._session.run(["loginctl", "show-user", name, "--property=Linger"])
        if there.out == "Linger=yes":
            return "lingering is on: it runs without a log-in"
        done = self._session.run(["loginctl", "enable-linger", name])
        if done.code == 0:
            return "lingering switched on: it runs without a log-in"
        warn(
            f"lingering is off ({_reason(done)}): it ends when you log out, and does not start "
            f"with the machine. Ask for: sudo loginctl enable-linger {name}"
        )
        return ""

    def _control(self, *words: str, may_fail: bool = False) -> Answer:
        answer = self._session.run(["systemctl", "--user", *words])
        if answer.code and not may_fail:
            if answer.error.startswith(_NO_BUS):
                raise CommandError(
                    "systemd's manager of this user does not run",
                    f"Log in as {self._session.name} itself (ssh, not su or sudo), or ask for: "
                    f"sudo loginctl enable-linger {self._session.name}",
                )
            raise CommandError(f"`systemctl --user {' '.join(words)}`: {_reason(answer)}")
        return answer

    def _version(self) -> int:
        found = re.match(r"systemd (\d+)", self._session.run(["systemctl", "--version"]).out)
        return int(found[1]) if found else 0


def _reason(answer: Answer) -> str:
    lines = (answer.error or answer.out).splitlines()
    return lines[0] if lines else f"exit code {answer.code}"
