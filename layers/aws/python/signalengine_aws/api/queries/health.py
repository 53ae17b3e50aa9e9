"""The service's health: each stage of a bar's path, from what is stored (pure).

A stage is `ok`, or a text says what is wrong and the service is `degraded`. Streams that have not
had time to send anything are `starting`, for a minute at most, which degrades nothing. A stage of
which nothing is known is left out. Lags count as wall time: of a replay, which is faster, by the
speed that its heartbeats have counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...costs.metering import Meter

SILENT_MS: Final = 60_000
LATE_MS: Final = 180_000
"""Bars close once a minute, so a fold that is two of them behind is no more than unlucky."""
UNPUBLISHED_MS: Final = 240_000
"""The schedule publishes within three minutes what the stream has not."""
UNPROBED_MS: Final = 900_000
"""Two probes in a row have seen no heartbeat."""
VITAL_STREAMS: Final = ("kline", "mark")
"""Streams that always carry messages; liquidations may be quiet for hours."""
OK: Final = "ok"
STARTING: Final = "starting"
Beat = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stages:
    """What is stored of the stages behind the fold."""

    unscored: tuple[str, int] | None = None
    """The newest close that should have been scored and was not: symbol, close time (ms)."""
    unpublished_at: int | None = None
    """Commit (wall ms) of the notification that waits longest in the outbox; None for none."""
    paused: Mapping[str, str] = field(default_factory=dict)
    """By delivery channel: why its service accepts nothing; "" while it does."""
    probed_at: int | None = None
    """When the probe last saw a heartbeat as a WebSocket client (wall ms); None for never."""


def health(
    beat: Beat | None,
    progress: int,
    now: int,
    gaps: Mapping[str, int] | None = None,
    stages: Stages | None = None,
) -> dict[str, Any]:
    """Return the health at wall time `now` (ms).

    `beat` is the stored heartbeat, `progress` the newest folded close (ms; 0: none), `gaps` the
    counts of the ledger of the last 24 h.
    """
    if beat is None:
        components = {"database": OK, "feed": "never seen"}
        return {"status": "degraded", "uptime_seconds": 0, "components": components}
    age = now - int(beat["received_at"])
    alive = age <= SILENT_MS
    states = {
        "feed": OK if alive else "silent",
        "streams": _streams(beat),
        "fold": _fold(beat, progress),
        **({} if stages is None else behind_the_fold(stages, now)),
    }
    components = {"database": OK, **states}
    if gaps is not None:
        components["gaps"] = f"open: {gaps['open']}" if gaps["open"] else OK
    return {
        "status": OK if all(map(is_well, states.values())) else "degraded",
        "uptime_seconds": max(0, now - int(beat["up_since"])) // 1000 if alive else 0,
        "components": components,
        "feed_age_seconds": max(0, age) / 1000,
        "lag_ms": lag_of(beat, progress),
        "watermark": beat["watermark"],
        "market": beat["market"],
        "symbols": len(beat["symbols"]),
        **({} if gaps is None else {"gaps": dict(gaps)}),
    }


def lag_of(beat: Beat, progress: int) -> int | None:
    """Return how far the fold is behind the heartbeat, exchange ms; None before the first fold.

    A heartbeat is stored less often than bars are folded, so the fold may be ahead of it: 0.
    """
    return max(0, int(beat["time"]) - progress) if progress else None


def behind_the_fold(stages: Stages, now: int) -> dict[str, str]:
    """Return the states of the stages behind the fold, in the order of a bar's path."""
    unscored = "" if stages.unscored is None else "not scored: {} at {}".format(*stages.unscored)
    found = {"scoring": unscored or OK, "publication": _waits(stages.unpublished_at, now)}
    found |= {channel: f"paused: {why}" if why else OK for channel, why in stages.paused.items()}
    if stages.probed_at is not None:
        unseen = now - stages.probed_at
        found["websocket"] = OK if unseen <= UNPROBED_MS else f"no heartbeat for {_minutes(unseen)}"
    return found


def late_ms(beat: Beat) -> int:
    """Return from which lag on a stage is late, in exchange ms."""
    meter = Meter.read(beat)
    if beat["market"] == "live" or meter is None:
        return LATE_MS
    wall_ms = max(1, int(beat["received_at"]) - meter.since)
    return int(LATE_MS * max(1.0, meter.market_ms / wall_ms))


def is_well(state: str) -> bool:
    """Return whether a stage's state degrades nothing: `ok`, or `starting` with what is."""
    return state == OK or state.startswith(STARTING)


def _streams(beat: Beat) -> str:
    """Return which vital streams are silent; those that sent nothing yet are starting at first."""
    ages = {k: age for k, age in beat["stream_ages_ms"].items() if k.startswith(VITAL_STREAMS)}
    young = int(beat["received_at"]) - int(beat["up_since"]) <= SILENT_MS
    starting = sorted(name for name, age in ages.items() if age is None and young)
    late = (name for name, age in ages.items() if age is None or age > SILENT_MS)
    silent = sorted(set(late) - set(starting))
    if silent:
        return f"silent: {', '.join(silent)}"
    return f"{STARTING}: {', '.join(starting)}" if starting else OK


def _fold(beat: Beat, progress: int) -> str:
    lag = lag_of(beat, progress)
    if lag is None:  # the warm-up comes first, and stores no progress
        waited = int(beat["received_at"]) - int(beat["up_since"])
        return "no bar computed yet" if waited > LATE_MS else OK
    return OK if lag <= late_ms(beat) else f"{_minutes(lag)} behind"


def _waits(since: int | None, now: int) -> str:
    if since is None or now - since <= UNPUBLISHED_MS:
        return OK
    return f"a notification waits for {_minutes(now - since)}"


def _minutes(ms: int) -> str:
    return f"{ms // 60_000} min"
