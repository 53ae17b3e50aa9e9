"""Registrations and short markets of these tests."""

from dataclasses import replace
from pathlib import Path

from signalengine.intervals import DAY_MS

from research.data.bars import BarTable
from research.evidence.protocol import Evidence, examine, register
from research.evidence.registration import Registration, Spans
from research.simulations.verdicts import BEGIN, market, pulse

DAYS = (BEGIN + 2 * DAY_MS, BEGIN + 8 * DAY_MS, BEGIN + 14 * DAY_MS, BEGIN + 20 * DAY_MS)
SPANS = Spans((DAYS[0], DAYS[1]), (DAYS[1], DAYS[2]), (DAYS[2], DAYS[3]))
NOW = DAYS[3]


def short_market(edge_bps: float = 36.0, seed: int = 0) -> list[BarTable]:
    """Twenty days of two symbols."""
    return [table.between(None, DAYS[3]) for table in market(edge_bps, seed)]


def registered(
    folder: Path,
    name: str = "pulse",
    at: int = NOW,
    spans: Spans = SPANS,
    data: str = "data",
) -> Registration:
    """Register the strategy of the simulations; the data is an empty folder, or what is there."""
    source = folder / data
    if not source.exists():
        source.mkdir()
    return register(
        folder / f"{name}.json", source, pulse(), ["AAAUSDT", "BBBUSDT"], spans,
        hypothesis="Large volume is followed by a rise.", edge_bps=10.0, now=at,
    )  # fmt: skip


def examination(
    folder: Path,
    tables: list[BarTable],
    *,
    look: bool,
    name: str = "pulse",
    at: int = NOW,
    data: str = "data",
) -> Evidence:
    """Examine what was registered there."""
    return examine(
        folder / f"{name}.json", folder / data, pulse(), tables, folder / "sweeps",
        look=look, now=at, draws=50,
    )  # fmt: skip


def edited(registration: Registration, **changes: object) -> Registration:
    """Return a registration with other fields, as somebody would edit it."""
    return replace(registration, **changes)
