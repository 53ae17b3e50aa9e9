"""The unit file of systemd's user manager: written from a plan, and read back."""

import re
from collections.abc import Iterator
from typing import Final

from infra.local.service.plan import STOP_S, Plan, plan_of

NAME: Final = "signalengine.service"
BACKOFF_VERSION: Final = 254
"""The first systemd whose delay between restarts can grow."""
_BACKOFF: Final = "RestartSec=5\nRestartSteps=5\nRestartMaxDelaySec=120"
_CONSTANT: Final = "RestartSec=30"
_UNIT: Final = """\
# Written by `signalengine service install`, which replaces it.
[Unit]
Description=SignalEngine: trading signals for Binance USD-M futures
StartLimitIntervalSec=600
StartLimitBurst=20

[Service]
Type=notify
ExecStart=:{command}
WorkingDirectory={folder}
Environment={path}
Environment=PYTHONUNBUFFERED=1
SyslogIdentifier=signalengine

# Invalid arguments (2) stay invalid; 130 is a stop while it starts.
Restart=on-failure
{restart}
RestartPreventExitStatus=2
SuccessExitStatus=130
TimeoutStartSec=infinity
WatchdogSec=180
# The main process stops its parts itself, in order.
KillMode=mixed
KillSignal=SIGTERM
TimeoutStopSec={stop_s}

UMask=0077
LimitCORE=0
NoNewPrivileges=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=default.target
"""
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


def render(plan: Plan, version: int) -> str:
    """Return the unit for a systemd of a version.

    No option here needs a namespace: user managers may not be allowed to make one, and the unit
    would not start.
    """
    return _UNIT.format(
        command=" ".join(_quoted(word) for word in plan.command),
        folder=str(plan.data_dir).replace("%", "%%"),
        path=_quoted(f"PATH={plan.path}"),
        restart=_BACKOFF if version >= BACKOFF_VERSION else _CONSTANT,
        stop_s=STOP_S,
    )


def read(text: str) -> Plan:
    """Return the plan that a unit was written from; raises CommandError."""
    command = list(_words(text, "ExecStart=:"))
    path = next(_words(text, "Environment="), "").removeprefix("PATH=")
    return plan_of(command, path)


def _quoted(word: str) -> str:
    """Quote a word; `%` begins a specifier. The `:` before a command keeps `$` as it is."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _words(text: str, key: str) -> Iterator[str]:
    line = next((row for row in text.splitlines() if row.startswith(key)), "")
    for match in _WORD.finditer(line):
        yield re.sub(r"\\(.)", r"\1", match[1]).replace("%%", "%")
