"""A file of each UTC day's signals, which follows what closes later."""

import json
import threading
from pathlib import Path

import pytest
from signalengine.intervals import DAY_MS
from signalengine.signals import public

from infra.cli.export.daily import SETTLED_MS, DailyFiles, refreshed
from infra.errors import CommandError
from tests.infra.cli.documents import T0, ended, sample
from tests.infra.cli.export.memory_api import MemoryApi

DAY = "signals_2025-05-19.jsonl"
LATE = ended(sample(minute=1_439, signal_id="b" * 24))
OPEN = sample(minute=1_439, signal_id="b" * 24)
EARLY = ended(sample(minute=1))


def at(api: MemoryApi, days: float, *signals: object) -> None:
    """Let so many days pass since the first midnight, and be stored what there is then."""
    api.watermark = T0 + int(days * DAY_MS) + SETTLED_MS
    api.lists = {"signals": [public(one) for one in signals]}  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def ids(file: Path) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return [(row["id"][:1], row["status"]) for row in rows]


def test_a_day_is_written_once_its_closes_are_folded(tmp_path: Path) -> None:
    api = MemoryApi()
    files = DailyFiles(tmp_path, api)
    at(api, 0.9, EARLY)
    assert files.refresh() == []
    at(api, 1.0, EARLY, LATE)
    api.lag_ms = 1
    assert files.refresh() == []
    api.lag_ms = 0
    assert files.refresh() == [tmp_path / DAY]
    assert ids(tmp_path / DAY) == [("1", "tp_hit"), ("b", "tp_hit")]
    assert names(tmp_path) == [DAY]


def test_a_signal_that_closes_later_corrects_its_day(tmp_path: Path) -> None:
    api = MemoryApi()
    files = DailyFiles(tmp_path, api)
    at(api, 1.0, EARLY, OPEN)
    assert files.refresh() == [tmp_path / DAY]
    assert files.refresh() == []  # read, and the same
    at(api, 1.1, EARLY, LATE)
    assert files.refresh() == [tmp_path / DAY]
    assert ids(tmp_path / DAY) == [("1", "tp_hit"), ("b", "tp_hit")]
    before = api.requests
    assert files.refresh() == []
    assert api.requests == before + 1  # the health alone


def test_what_is_stored_late_is_found_a_day_later(tmp_path: Path) -> None:
    """Minutes that the feed missed are filled in hours later."""
    api = MemoryApi()
    files = DailyFiles(tmp_path, api)
    at(api, 1.0, EARLY)
    files.refresh()
    at(api, 2.0, EARLY, LATE)
    assert files.refresh() == [tmp_path / DAY, tmp_path / "signals_2025-05-20.jsonl"]
    assert len(ids(tmp_path / DAY)) == 2
    before = api.requests
    at(api, 3.0, EARLY, LATE)
    files.refresh()
    assert api.requests == before + 3  # the health and two days, not the first one


def test_after_a_pause_the_days_between_are_written(tmp_path: Path) -> None:
    """Also the day that was left with an open signal, whichever files came after it."""
    api = MemoryApi()
    at(api, 1.0, EARLY, OPEN)
    DailyFiles(tmp_path, api).refresh()
    at(api, 4.0, EARLY, LATE)
    DailyFiles(tmp_path, api).refresh()
    days = ["signals_2025-05-20.jsonl", "signals_2025-05-21.jsonl", "signals_2025-05-22.jsonl"]
    assert names(tmp_path) == [DAY, *days]
    assert ids(tmp_path / DAY)[1] == ("b", "tp_hit")
    assert (tmp_path / days[0]).read_text() == ""
    before = api.requests
    DailyFiles(tmp_path, api).refresh()
    assert api.requests == before + 2  # the newest day is read again


def test_the_day_before_the_first_signals_has_no_file(tmp_path: Path) -> None:
    api = MemoryApi()
    files = DailyFiles(tmp_path, api)
    at(api, 0.0)
    assert files.refresh() == []
    at(api, 1.0)
    assert files.refresh() == [tmp_path / DAY]  # it ran on that day, and no signal opened


def test_a_file_of_another_system_stays(tmp_path: Path) -> None:
    api = MemoryApi()
    at(api, 1.0, EARLY)
    DailyFiles(tmp_path, api).refresh()
    before = (tmp_path / DAY).read_text()
    at(api, 1.0, LATE)
    with pytest.raises(CommandError, match="has signals that this system has not"):
        DailyFiles(tmp_path, api).refresh()
    assert (tmp_path / DAY).read_text() == before
    (tmp_path / DAY).write_text("notes of mine\n")
    with pytest.raises(CommandError, match="is no file of a day's signals"):
        DailyFiles(tmp_path, api).refresh()
    assert (tmp_path / DAY).read_text() == "notes of mine\n"


def test_pages_of_a_day_are_joined_in_order(tmp_path: Path) -> None:
    api = MemoryApi()
    many = [sample(minute=n, signal_id=f"{n:024}") for n in range(10)]
    at(api, 1.0, *many)
    DailyFiles(tmp_path, api).refresh()
    rows = [json.loads(line) for line in (tmp_path / DAY).read_text().splitlines()]
    assert [row["id"] for row in rows] == [one.signal_id for one in many]


def test_a_thread_reports_what_it_writes_and_each_problem_once(tmp_path: Path) -> None:
    api = MemoryApi()
    api.watermark = None  # type: ignore[assignment]  # nothing is known yet
    lines: list[str] = []
    done = threading.Event()

    class Files(DailyFiles):
        turns = 0

        def refresh(self) -> list[Path]:
            self.turns += 1
            if self.turns <= 3:
                raise CommandError("the stack does not answer")
            if self.turns == 4:
                return [tmp_path / DAY]
            done.set()
            return super().refresh()

    with refreshed(Files(tmp_path, api), lines.append, every_s=0.001):  # type: ignore[arg-type]
        assert done.wait(60)
    assert lines == ["daily export: the stack does not answer", f"written: {tmp_path / DAY}"]
