"""A symbol's recordings checked: gaps, coverage, tick size, errors."""

from dataclasses import replace

import numpy as np

from research.data.catalogue.checks import check, coverage
from research.data.recordings import scan
from research.data.series import Liquidations, Steps
from tests.research.data.folders import put
from tests.research.data.recordings import MINUTE, START, csv, market, write_stream
from tests.research.data.test_stream_archive import fact_of


def checked(folder, **files):
    for name, text in files.items():
        put(folder, f"{name.replace('_', '-')}.csv", text)
    return check(scan(folder), "BTCUSDT")


def without(table, *rows):
    lines = csv(table).splitlines()
    return "\n".join(line for n, line in enumerate(lines, -1) if n not in rows) + "\n"


def test_gaps_are_counted_and_the_longest_is_named(tmp_path):
    found = checked(tmp_path, BTCUSDT_1m_2026_02=without(market(60), 5, 20, 21, 22))
    (bars,) = found.bars
    assert (bars.gaps, bars.missing, found.gaps) == (2, 4, 2)
    assert bars.longest == (START + 20 * MINUTE, START + 23 * MINUTE)
    assert str(bars) == (
        "56 bars, 2026-02-01 00:00 .. 2026-02-01 01:00, 2 gaps of 4 bars, the longest from "
        "2026-02-01 00:20 to 2026-02-01 00:23"
    )
    assert not found.failed
    assert found.to_dict()["bars"][0]["longest"] == ["2026-02-01 00:20", "2026-02-01 00:23"]


def test_whole_bars_of_two_intervals_that_agree(tmp_path):
    table = market(480)
    found = checked(
        tmp_path, BTCUSDT_1m_2026_02=csv(table), BTCUSDT_1h_2026_02=csv(table.resample("1h"))
    )
    assert [one.interval for one in found.bars] == ["1m", "1h"]
    assert (found.tick, found.gaps, found.failed) == (0.01, 0, False)
    assert [one.differing for one in found.agreements] == [0]
    assert str(found.bars[0]).endswith("2026-02-01 08:00, no gaps")


def test_sources_that_contradict_each_other_are_an_error(tmp_path):
    put(tmp_path, "rest/BTCUSDT-1m-2026-02-01.csv", csv(market(60, seed=1)))
    found = checked(tmp_path, BTCUSDT_1m_2026_02=csv(market(60, seed=2)))
    assert found.failed
    assert "is there twice and not the same" in found.errors[0]
    assert found.agreements[0].differing > 0
    assert found.to_dict()["tick"] is None


def test_coverage_is_the_share_of_closes_at_which_a_series_was_known():
    table = market(100)
    half = Steps.of([(START + n * MINUTE, 5.0) for n in range(1, 46, 5)])
    flows = Liquidations(table.open_time[:10], np.ones(10), np.ones(10))
    full = replace(table, open_interest=half, funding=Steps.of([(START, 0.1)]), liquidations=flows)
    assert coverage(full) == {"funding": 1.0, "open interest": 0.46, "liquidations": 0.1}
    assert coverage(table) == {}


def test_repairs_are_listed(tmp_path):
    lines = csv(market(10)).splitlines()
    found = checked(tmp_path, BTCUSDT_1m_2026_02="\n".join([*lines, lines[-1]]) + "\n")
    assert found.bars[0].repairs == ("duplicate: 1 of bars, 2026-02-01 00:09 UTC",)


def test_our_own_archive_is_checked_like_files_of_bars(tmp_path):
    minutes = list(market(30).bars())
    write_stream(tmp_path / "part-1.gz", [fact_of(bar) for bar in minutes[:10] + minutes[12:]])
    found = check(scan(tmp_path), "BTCUSDT")
    assert [(one.interval, one.count, one.missing) for one in found.bars] == [("1m", 28, 2)]
    assert (found.errors, found.agreements) == ([], [])
