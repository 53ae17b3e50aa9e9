"""Files put into folders, and the kinds of repairs found."""

from pathlib import Path

MONTH = "BTCUSDT-1m-2026-02"


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
