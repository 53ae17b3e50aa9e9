"""What the image, its health check and compose.yaml agree on."""

from pathlib import Path
from typing import Final

DATA: Final = Path("/data")
"""The volume: the only place that is written, beside /tmp."""
STATE: Final = DATA / "run"
"""The folder of logs, of the spool and of the file of addresses."""
INSIDE: Final = 8080
"""The port of the container, which is published on the machine's loopback."""
