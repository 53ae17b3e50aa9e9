"""What a service runs, and in which state it is: the same for systemd and launchd."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from infra.errors import CommandError
from infra.names import LOCAL_PORT

STOP_S: Final = 30
"""Seconds until a service that does not end is killed; on a quiet machine it takes two."""
SYSTEM_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
Level: TypeAlias = Literal["running", "starting", "stopping", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Plan:
    """The command that the service runs; paths are absolute."""

    program: Path
    """`signalengine` in its virtual environment."""
    data_dir: Path
    """Also the working directory: a `.env` in it is read."""
    source: str = "live"
    symbols: str = ""
    port: int = LOCAL_PORT
    policy: Path | None = None
    path: str = SYSTEM_PATH
    """The variable PATH."""

    @property
    def command(self) -> list[str]:
        """The program with its arguments."""
        words = [str(self.program), "up", "--source", self.source]
        words += ["--symbols", self.symbols] if self.symbols else []
        words += ["--policy", str(self.policy)] if self.policy else []
        return [*words, "--port", str(self.port), "--data-dir", str(self.data_dir)]


@dataclass(frozen=True, slots=True)
class State:
    """The state of an installed service, as its manager reports it."""

    level: Level
    pid: int = 0
    """Its main process, 0 when it does not run."""
    enabled: bool = False
    """Whether it starts with the session, or with the machine when the user lingers."""
    restarts: int | None = None
    result: str = ""
    """Why it ended, in the manager's word."""


class Services(Protocol):
    """A service manager of one user, and the one service of ours in it."""

    @property
    def file(self) -> Path: ...

    def render(self, plan: Plan) -> str: ...

    def read(self, text: str) -> Plan: ...

    def load(self, *, changed: bool) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def restart(self) -> None: ...

    def unload(self) -> None: ...

    def state(self) -> State: ...

    def follow(self, lines: int, *, follow: bool) -> int: ...

    def lingering(self, warn: Callable[[str], None]) -> str: ...


def plan_of(command: Sequence[str], path: str) -> Plan:
    """Return the plan of a command that a plan made; raises CommandError for another one."""
    program, verb, *options = [*command, "", ""]
    found = dict(zip(options[::2], options[1::2], strict=False))
    port, data_dir = found.get("--port", ""), found.get("--data-dir", "")
    if verb != "up" or not port.isdecimal() or not data_dir or "--source" not in found:
        raise CommandError(
            "the service's file is not as `service install` writes it",
            "Install it again: signalengine service install",
        )
    policy = found.get("--policy")
    return Plan(
        Path(program),
        Path(data_dir),
        found["--source"],
        found.get("--symbols", ""),
        int(port),
        Path(policy) if policy else None,
        path,
    )


def checked(plan: Plan) -> Plan:
    """Return the plan if a service manager can hold it; raises CommandError."""
    words = [*plan.command, plan.path]
    if any(not word.isprintable() for word in words):
        raise CommandError("a service's options and paths cannot hold control characters")
    if set(str(plan.program)) & set("\"'\\"):
        raise CommandError(
            f"systemd starts no program whose path has a quote or a backslash: {plan.program}",
            "Move the checkout to another folder.",
        )
    if str(plan.data_dir) != str(plan.data_dir).strip() or str(plan.data_dir).endswith("\\"):
        raise CommandError(f"the name of {plan.data_dir} cannot be written in a service's file")
    return plan
