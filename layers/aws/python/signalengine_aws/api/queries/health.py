"""The service's health, computed from the stored heartbeat (pure)."""

from collections.abc import Mapping
from typing import Any, Final

SILENT_MS: Final = 60_000
VITAL_STREAMS: Final = ("kline", "mark")
"""Streams that always carry messages; liquidations may be quiet for hours."""


def health(
    beat: Mapping[str, Any] | None,
    progress: int,
    now: int,
    gaps: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return the health at wall time `now` (ms).

    `beat` is the stored heartbeat, `progress` the newest folded close (ms; 0: none), `gaps` the
    counts of the ledger of the last 24 h.
    """
    if beat is None:
        components = {"database": "ok", "feed": "never seen"}
        return {"status": "degraded", "uptime_seconds": 0, "components": components}
    age = now - int(beat["received_at"])
    silent = [
        name
        for name, age_ms in beat["stream_ages_ms"].items()
        if name.startswith(VITAL_STREAMS) and (age_ms is None or age_ms > SILENT_MS)
    ]
    alive = age <= SILENT_MS
    components = {
        "database": "ok",
        "feed": "ok" if alive else "silent",
        "streams": f"silent: {', '.join(sorted(silent))}" if silent else "ok",
    }
    if gaps is not None:
        components["gaps"] = f"open: {gaps['open']}" if gaps["open"] else "ok"
    return {
        "status": "ok" if alive and not silent else "degraded",
        "uptime_seconds": (now - int(beat["up_since"])) // 1000 if alive else 0,
        "components": components,
        "feed_age_seconds": age / 1000,
        "lag_ms": int(beat["time"]) - progress if progress else None,
        "watermark": beat["watermark"],
        "market": beat["market"],
        "symbols": len(beat["symbols"]),
        **({} if gaps is None else {"gaps": dict(gaps)}),
    }
