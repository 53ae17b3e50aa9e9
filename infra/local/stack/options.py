"""The options of a local run. Cheap to import: the command line reads it to show help."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # slow to import
    from signalengine.strategy.lifecycle import Registered

ROOT = Path(__file__).resolve().parents[3]
STATE_DIR = ROOT / ".local"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of a local run. `source` is `sim`, `live`, or the path of a recording."""

    source: str = "sim"
    symbols: str = ""
    """A list, or a choice that the ingest task makes from the source: `top:3`, `all`."""
    start: str | None = None
    end: str | None = None
    speed: str = "1"
    seed: int = 7
    unpaced: bool = False
    """Send to the local Telegram without rate limits; for replays."""
    state_dir: Path = STATE_DIR
    """The folder of logs and the spool; each running system needs its own."""
    policy: Path | None = None
    """A policy file for all functions; None: the default one."""
    strategies: Path | None = field(default=None, kw_only=True)
    """A folder of strategies beside those of the core."""
    registered: "tuple[Registered, ...]" = field(default=(), kw_only=True)
    """Parameter sets that are registered before the market begins."""
    local_telegram: bool = False
    """Use the local Telegram, also when the environment names a bot of the real one."""
    channels: bool = field(default=False, kw_only=True)
    """Start the stand-ins of channels, where Telegram is the local one too."""
    daily_export: Path | None = None
    """The folder of a file of each day's signals."""
    archive: bool = False
    """Store every record of the stream in `home`/archive, as Firehose does on AWS."""
    host: str = "127.0.0.1"
    """The address that the front server listens on."""
    port: int = 0
    """The port of the front server; 0: a free one."""
    token: str = field(default="", repr=False)
    """The API's token, "" for none."""
    data_dir: Path | None = None
    """Where this market's data is kept; None: in memory, for this run only."""

    @property
    def home(self) -> Path:
        """The folder of the spool and of the archive: what is kept with the data."""
        return self.data_dir or self.state_dir

    endpoint: str | None = None
    """An emulator of AWS that runs already; None: the embedded one."""

    @property
    def ranked(self) -> bool:
        """Whether the ingest task chooses the symbols, by volume."""
        return self.symbols.lower() == "all" or self.symbols.lower().startswith("top:")

    @property
    def market(self) -> str:
        return {"sim": "simulated", "live": "live"}.get(self.source, "recording")
