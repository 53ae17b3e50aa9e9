"""A backtest's report as data: a JSON file beside the page, which the dashboard opens.

It has the conclusion, and the same track record as `/performance` of the API.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from signalengine.intervals import DAY_MS
from signalengine.stats.calibration import calibration
from signalengine.stats.closed_signal import ClosedSignal
from signalengine.stats.excursions import excursions
from signalengine.stats.performance import Performance, total
from signalengine.stats.periods import periods, utc_date
from signalengine.stats.track_record import closed_ones, equity_by_day, track_record

from machine.files import write
from research.statistics.conclusion import Conclusion, named
from research.statistics.trades import RunLike

FORMAT: Final = "signalengine-backtest"
VERSION: Final = 1
MOST_STEPS: Final = 5_000
"""Steps of the equity; of more signals it has one a day."""


def document_file(page: Path) -> Path:
    """Return where the data of a page belongs: out.report.json beside out.html."""
    return page.with_suffix(".report.json")


def write_document(path: Path, title: str, runs: Sequence[RunLike], found: Conclusion) -> None:
    """Write the data of a report; raises OSError."""
    write(path, json.dumps(document(title, runs, found), indent=1, sort_keys=True) + "\n")


def document(title: str, runs: Sequence[RunLike], found: Conclusion) -> dict[str, Any]:
    """Return the data of a report; the same runs give the same data."""
    closed = closed_ones(signal for run in runs for signal in run.signals)
    until = max((int(run.feed.bars[-1, 0]) for run in runs if len(run.feed.bars)), default=0)
    record = track_record(closed, until // DAY_MS)
    if len(closed) > MOST_STEPS:
        record["equity"] = equity_by_day(_days(closed))
    policy = {"policy_digest": found.policy.digest, "policy_name": named(found.policy)}
    market = found.summary.market
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "conclusion": found.to_dict(),
        "record": {
            "as_of": until,
            "n": len(closed),
            "truncated": False,
            "policies": [],
            **policy,
            "market": market,
            **record,
            "periods": periods(closed),
            "calibration": calibration(closed),
            "excursions": excursions(closed),
        },
    }


def _days(closed: Sequence[ClosedSignal]) -> dict[str, Performance]:
    groups: dict[str, list[Performance]] = {}
    for one in closed:
        row = Performance(closed=1, wins=int(one.net_return > 0), net_sum=one.net_return)
        groups.setdefault(utc_date(one.close_time).isoformat(), []).append(row)
    return {day: total(rows) for day, rows in groups.items()}
