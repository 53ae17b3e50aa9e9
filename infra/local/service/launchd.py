"""The service as an agent of launchd on macOS, by launchctl."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from infra.errors import CommandError
from infra.local.service import launchd_plist
from infra.local.service.launchd_plist import LABEL
from infra.local.service.plan import Level, Plan, State
from infra.local.service.session import Answer, Session

LOG: Final = "service.log"
_FIELD: Final = re.compile(r"^\t([a-z ]+) = (.*)$", re.MULTILINE)


class LaunchdServices:
    """The port `Services` for launchd."""

    def __init__(self, session: Session, logs: Path) -> None:
        """`logs`: the folder of the local run's logs, which are rotated."""
        self._session, self._log = session, logs / LOG
        self._domain = f"gui/{session.uid}"
        self._target = f"{self._domain}/{LABEL}"

    @property
    def file(self) -> Path:
        """The path of the property list."""
        return self._session.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"

    def render(self, plan: Plan) -> str:
        """Return the property list."""
        return launchd_plist.render(plan, self._log)

    def read(self, text: str) -> Plan:
        """Return the plan of a property list."""
        return launchd_plist.read(text)

    def load(self, *, changed: bool) -> None:
        """Make launchd forget an older file, which ends it; what follows reads the new one."""
        if changed and self._is_loaded():
            self._control("bootout", self._target)

    def start(self) -> None:
        """Start it unless it runs."""
        if not self._is_loaded():
            self._control("bootstrap", self._domain, str(self.file))
        self._control("kickstart", self._target)

    def stop(self) -> None:
        """Stop it and wait for its end; it starts again at the next log-in."""
        if self._is_loaded():
            self._control("bootout", self._target)

    def restart(self) -> None:
        """Stop it if it runs, and start it."""
        self.stop()
        self.start()

    def unload(self) -> None:
        """Stop it, and remove the file."""
        self.stop()
        self.file.unlink(missing_ok=True)

    def state(self) -> State:
        """Return its state."""
        enabled = self.file.exists()
        answer = self._session.run(["launchctl", "print", self._target])
        if answer.code:
            return State("stopped", enabled=enabled)
        rows: dict[str, str] = dict(_FIELD.findall(answer.out))
        pid, ended = int(rows.get("pid", 0)), rows.get("last exit code", "")
        failed = not pid and ended.isdecimal() and ended != "0"
        level: Level = "running" if pid else "failed" if failed else "stopped"
        return State(level, pid, enabled, result=f"exit code {ended}" if failed else "")

    def follow(self, lines: int, *, follow: bool) -> int:
        """Show the end of its log; returns the exit code."""
        if not self._log.exists():
            raise CommandError(f"there is no log yet: {self._log}")
        command = ["tail", "-n", str(lines), *(["-F"] if follow else []), str(self._log)]
        return self._session.show(command)

    def lingering(self, warn: Callable[[str], None]) -> str:
        """Say that an agent needs a log-in; launchd has no other for users without rights."""
        warn("launchd runs it while you are logged in; set macOS to log in by itself")
        return ""

    def _is_loaded(self) -> bool:
        return self._session.run(["launchctl", "print", self._target]).code == 0

    def _control(self, *words: str) -> Answer:
        answer = self._session.run(["launchctl", *words])
        if answer.code:
            raise CommandError(f"`launchctl {' '.join(words)}`: {answer.error or answer.out}")
        return answer
