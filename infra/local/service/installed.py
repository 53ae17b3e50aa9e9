"""Installs the service of a user, and reports on it: what the commands do, without their text."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import psutil

from infra.errors import CommandError
from infra.local.service.disk import Disk, disk
from infra.local.service.health import Health, health
from infra.local.service.launchd import LaunchdServices
from infra.local.service.plan import SYSTEM_PATH, Plan, Services, State, checked
from infra.local.service.session import Session
from infra.local.service.systemd import SystemdServices
from infra.local.stack.private import private_folder
from machine.files import write

SETTINGS: Final = ("TELEGRAM_", "AI_", "OLLAMA_", "SIGNAL_")
"""How the names of variables begin that a run reads."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Report:
    """The state of an installed service; `uptime_s` is None when it does not run."""

    file: str
    state: State
    health: Health
    uptime_s: float | None
    disk: Disk
    data_dir: str
    port: int

    @property
    def is_well(self) -> bool:
        """Whether it runs and its health is good."""
        return self.state.level == "running" and self.health.is_ok

    def document(self) -> dict[str, Any]:
        """Return what programs read."""
        return asdict(self)


def services(session: Session, logs: Path) -> Services:
    """Return the service manager of this platform."""
    if session.platform == "darwin":
        return LaunchdServices(session, logs)
    return SystemdServices(session)


def with_node(plan: Plan, session: Session) -> Plan:
    """Let the service find the Node that this shell finds: an update builds the dashboard."""
    node = shutil.which("node", path=session.environment.get("PATH", ""))
    folder = str(Path(node).parent) if node else ""
    if not folder or folder in SYSTEM_PATH.split(":"):
        return plan
    return replace(plan, path=f"{folder}:{SYSTEM_PATH}")


def install(
    plan: Plan, session: Session, manager: Services, *, start: bool, say: Say, warn: Say
) -> None:
    """Write the service's file, enable it and start it; a second time changes nothing.

    An installed one whose file changes is started again.
    """
    session.refuse_root()
    text = manager.render(checked(plan))
    private_folder(plan.data_dir)
    changed = not manager.file.exists() or manager.file.read_text(encoding="utf-8") != text
    done = manager.lingering(warn)  # first: it starts the manager of a user who is not logged in
    if done:
        say(done)
    if changed:
        write(manager.file, text)
    say(f"{'written' if changed else 'unchanged'}: {manager.file}")
    manager.load(changed=changed)
    for name in unseen(session.environment, plan.data_dir):
        warn(f"{name} is set in this shell, which the service does not see: write it to "
             f"{plan.data_dir}/.env")  # fmt: skip
    if not start:
        return
    if changed:
        manager.restart()
    else:
        manager.start()


def unseen(environment: Mapping[str, str], data_dir: Path) -> list[str]:
    """Return the settings of a shell that the `.env` of a data directory does not name."""
    file = data_dir / ".env"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    there = {line.partition("=")[0].removeprefix("export ").strip() for line in lines}
    return sorted(n for n in environment if n.startswith(SETTINGS) and n not in there)


def installed(manager: Services) -> Plan:
    """Return the plan of the installed service; raises CommandError without one."""
    if not manager.file.exists():
        raise CommandError("no service is installed", "Install it: signalengine service install")
    return manager.read(manager.file.read_text(encoding="utf-8"))


def report(manager: Services) -> Report:
    """Return the state, the health, the uptime and the disk of the installed service."""
    plan, state = installed(manager), manager.state()
    found = health(plan.port) if state.level == "running" else Health("no answer", "not running")
    uptime_s = _uptime_s(state.pid)
    space = disk(plan.data_dir)
    return Report(
        str(manager.file), state, found, uptime_s, space, str(plan.data_dir), plan.port
    )  # fmt: skip


def _uptime_s(pid: int) -> float | None:
    try:
        return max(0.0, time.time() - psutil.Process(pid).create_time()) if pid else None
    except psutil.NoSuchProcess:
        return None
