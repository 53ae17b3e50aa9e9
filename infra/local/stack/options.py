"""What to play and how, and where its files go. Light: the command line reads it to show help."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
STATE_DIR = ROOT / ".local"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to play and how. `source` is `sim`, `live`, or the path of a recording."""

    source: str = "sim"
    symbols: str = ""
    """A list, or what the ingest task chooses of what the source has: `top:3`, `all`."""
    start: str | None = None
    end: str | None = None
    speed: str = "1"
    seed: int = 7
    auth: bool = False
    unpaced: bool = False
    """Telegram's pace is for people; a replay goes without it."""
    state_dir: Path = STATE_DIR
    """Where logs and the spool go; two systems side by side need two."""
    policy: Path | None = None
    """A policy file that all functions decide by; None: the one that ships with the code."""
    archive: bool = False
    """Keep every record of the stream in `state_dir`/archive, as Firehose does on AWS."""

    @property
    def ranked(self) -> bool:
        """Whether the ingest task chooses the symbols, by volume."""
        return self.symbols.lower() == "all" or self.symbols.lower().startswith("top:")

    @property
    def market(self) -> str:
        return {"sim": "simulated", "live": "live"}.get(self.source, "recording")
