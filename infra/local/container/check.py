"""`python -m infra.local.container.check`: the health check of the image; ends with 0 when well."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from infra.local.container.places import STATE
from infra.local.service.health import Health, health
from infra.local.stack.running import find


def checked(state_dir: Path) -> Health:
    """Return the health of the system of a state folder."""
    running = find(state_dir)
    port = None if running is None else urlsplit(running.addresses.dashboard).port
    return Health("no answer", "it has not started yet") if port is None else health(port)


if __name__ == "__main__":
    found = checked(STATE)
    sys.stdout.write(" ".join([found.status, found.reason, *found.components]) + "\n")
    sys.exit(0 if found.is_ok else 1)
