"""The catalogue of a folder: files of one series are one entry."""

from signalengine.intervals import DAY_MS

from research.data.catalogue.entries import catalogue
from research.data.recordings import scan
from tests.research.data.folders import put
from tests.research.data.recordings import START, csv, market


def made(folder):
    days = market(2 * 1440)
    for number in range(2):
        start = START + number * DAY_MS
        text = csv(days.between(start, start + DAY_MS))
        put(folder, f"BTCUSDT-1m-2026-02-0{number + 1}.csv", text)
    put(folder, "BTCUSDT-1h-2026-02.csv", csv(days.resample("1h")))
    put(folder, "ETHUSDT-4h-2026-02.csv", csv(days.resample("4h")))
    put(folder, "notes.xlsx", "…")
    return catalogue(scan(folder))


def test_files_of_one_series_are_one_entry(tmp_path):
    found = made(tmp_path)
    assert [(one.symbol, one.interval, one.files, one.rows) for one in found.entries] == [
        ("BTCUSDT", "1m", 2, 2880), ("BTCUSDT", "1h", 1, 48), ("ETHUSDT", "4h", 1, 12),
    ]  # fmt: skip
    assert {(one.start, one.end) for one in found.entries} == {(START, START + 2 * DAY_MS)}
    assert found.symbols() == ("BTCUSDT", "ETHUSDT")
    assert found.passed_over == "Passed over: 'notes.xlsx'."


def test_the_digest_is_of_the_files_contents_wherever_they_lie(tmp_path):
    one, two = made(tmp_path / "a"), made(tmp_path / "b")
    assert [each.digest for each in one.entries] == [each.digest for each in two.entries]
    put(tmp_path / "b", "ETHUSDT-4h-2026-02.csv", csv(market(12, seed=2, interval="4h")))
    again = catalogue(scan(tmp_path / "b"))
    changed = [
        a.symbol for a, b in zip(one.entries, again.entries, strict=True) if a.digest != b.digest
    ]
    assert changed == ["ETHUSDT"]


def test_an_entry_is_json_with_times_as_text(tmp_path):
    first = made(tmp_path).entries[0].to_dict()
    assert (first["from"], first["to"], first["interval"]) == (
        "2026-02-01 00:00",
        "2026-02-03 00:00",
        "1m",
    )
