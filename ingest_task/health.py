"""`python -m ingest_task.health`: exit code 0 while the task is healthy."""

import os
import sys
import time
from pathlib import Path
from typing import Final

ALIVE_FILE: Final = "alive"
"""In the spool folder; touched every second while the task is healthy."""
MAX_AGE_S: Final = 30.0


def healthy(folder: Path, now: float) -> bool:
    """Return whether the task touched its file within the last half minute of wall time."""
    try:
        return now - (folder / ALIVE_FILE).stat().st_mtime < MAX_AGE_S
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(Path(os.environ["SPOOL_DIR"]), time.time()) else 1)
