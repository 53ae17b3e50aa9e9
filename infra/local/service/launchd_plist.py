"""The property list of a launchd agent on macOS: written from a plan, and read back.

launchd restarts at most once in `ThrottleInterval` seconds; it has no growing delay and no limit.
"""

import plistlib
import xml.parsers.expat
from pathlib import Path
from typing import Final

from infra.local.service.plan import STOP_S, Plan, plan_of

LABEL: Final = "signalengine"


def render(plan: Plan, log: Path) -> str:
    """Return the property list; `log` gets what the service prints."""
    content = {
        "Label": LABEL,
        "ProgramArguments": plan.command,
        "WorkingDirectory": str(plan.data_dir),
        "EnvironmentVariables": {"PATH": plan.path, "PYTHONUNBUFFERED": "1"},
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ExitTimeOut": STOP_S,
        "ProcessType": "Background",
        "Umask": 0o077,
        "StandardOutPath": str(log),
        "StandardErrorPath": str(log),
    }
    return plistlib.dumps(content).decode()


def read(text: str) -> Plan:
    """Return the plan that a property list was written from; raises CommandError."""
    try:
        content = plistlib.loads(text.encode())
        command, path = content["ProgramArguments"], content["EnvironmentVariables"]["PATH"]
    except (xml.parsers.expat.ExpatError, plistlib.InvalidFileException, KeyError, TypeError):
        command, path = [], ""
    return plan_of(command, path)
