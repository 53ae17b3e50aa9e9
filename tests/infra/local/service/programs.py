"""Stand-ins of systemctl, loginctl and launchctl: programs on PATH that keep their state in a file.

What they were called with is in `calls`, a line a call.
"""

import json
import sys
from pathlib import Path
from typing import Any

from infra.local.service.session import Session

PROGRAM = """#!{python} -I
import json, pathlib, sys
home = pathlib.Path({home!r})
state = json.loads((home / "state.json").read_text())
name, words = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
with (home / "calls").open("a") as file:
    file.write(" ".join([name, *words]) + "\\n")
out, code, error = "", 0, ""


def systemctl(words):
    global out, code, error
    if words == ["--version"]:
        out = "systemd " + state["version"]
        return
    verb = words[1]
    unit = pathlib.Path(state["unit"]).exists()
    if not state["bus"]:
        code, error = 1, "Failed to connect to bus: No medium found"
    elif verb == "show":
        level = state["level"] if unit else "inactive"
        pid = state["pid"] if level == "active" else 0
        enabled = "enabled" if state["enabled"] else "disabled"
        out = "MainPID=%s\\nNRestarts=3\\nActiveState=%s\\nResult=%s\\nUnitFileState=%s" % (
            pid, level, "exit-code" if level == "failed" else "success", enabled)
    elif verb == "daemon-reload":
        state["loaded"] = unit
    elif not state["loaded"] and verb != "reset-failed":
        code, error = 5, "Unit signalengine.service not found."
    elif verb in ("start", "restart"):
        state["level"] = "active"
    elif verb in ("stop", "disable", "enable"):
        state["enabled"] = verb == "enable" or state["enabled"] and verb != "disable"
        state["level"] = "inactive" if verb != "enable" else state["level"]
    elif verb == "reset-failed":
        code = 1


def loginctl(words):
    global out, code, error
    if words[0] == "show-user":
        out = "Linger=" + ("yes" if state["linger"] else "no")
    elif state["may_linger"]:
        state.update(linger=True, bus=True)
    else:
        code, error = 1, "Could not enable linger: Interactive authentication required."


def launchctl(words):
    global out, code, error
    verb = words[0]
    if verb == "bootstrap":
        state["loaded"] = pathlib.Path(words[2]).exists()
        code, error = (0, "") if state["loaded"] else (5, "Bootstrap failed: 5")
    elif not state["loaded"]:
        code, error = 113, "Could not find service"
    elif verb == "print":
        out = "gui/1000/signalengine = {{\\n\\tlast exit code = %s\\n" % state["exit"]
        out += "\\tpid = %s\\n" % state["pid"] if state["level"] == "active" else ""
    else:
        state["loaded"] = verb != "bootout"
        state["level"] = "inactive" if verb == "bootout" else "active"


def journalctl(words):
    global out
    out = "the journal"


globals()[name](words)
(home / "state.json").write_text(json.dumps(state))
print(out)
print(error, file=sys.stderr)
sys.exit(code)
"""


class Programs:
    """The programs, and one user who has them on PATH."""

    def __init__(self, home: Path, *, platform: str = "linux", uid: int = 1000) -> None:
        self._home, binaries = home / "machine", home / "bin"
        for folder in (self._home, binaries):
            folder.mkdir()
        for name in ("systemctl", "loginctl", "launchctl", "journalctl"):
            program = binaries / name
            program.write_text(PROGRAM.format(python=sys.executable, home=str(self._home)))
            program.chmod(0o755)
        self.session = Session(uid, "ana", home, platform, {"PATH": str(binaries)})
        unit = home / ".config" / "systemd" / "user" / "signalengine.service"
        state = {"version": "252 (252.38)", "bus": True, "linger": False, "may_linger": True}
        state |= {"level": "inactive", "pid": 1, "enabled": False, "loaded": False, "exit": "0"}
        self._write(state | {"unit": str(unit)})

    def set(self, **changes: Any) -> None:
        """Change the state of the stand-ins."""
        self._write(self.state | changes)

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads((self._home / "state.json").read_text()))

    @property
    def calls(self) -> list[str]:
        """The calls so far."""
        file = self._home / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def _write(self, state: dict[str, Any]) -> None:
        (self._home / "state.json").write_text(json.dumps(state))
