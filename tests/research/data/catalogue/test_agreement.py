"""Whether intervals and sources agree, to the tick."""

from dataclasses import replace

import numpy as np

from research.data.catalogue.agreement import of_bars, of_intervals, of_sources, of_steps
from research.data.recordings import scan
from tests.research.data.folders import put
from tests.research.data.recordings import MINUTE, START, csv, market, write_freqtrade

MINUTES = market(480)


def test_longer_bars_made_of_shorter_ones_are_equal():
    tables = [MINUTES, MINUTES.resample("5m"), MINUTES.resample("1h")]
    found = of_intervals(tables, 0.01)
    assert [str(one) for one in found] == [
        "5m bars and those made of 1m: 96 in common, equal",
        "1h bars and those made of 5m: 8 in common, equal",
    ]


def test_the_largest_difference_is_in_ticks_with_its_time():
    hours = MINUTES.resample("1h")
    high = hours.high.copy()
    high[3] += 0.05
    high[5] += 0.02
    (found,) = of_intervals([MINUTES, replace(hours, high=high)], 0.01)
    assert (found.common, found.differing) == (8, 2)
    assert found.worst == "high by up to 5 ticks, at 2026-02-01 03:00 UTC"


def test_a_difference_below_half_a_tick_is_of_the_writing():
    other = replace(MINUTES, high=MINUTES.high + 1e-9)
    assert of_bars(MINUTES, other, ("one", "two"), 0.01).differing == 0
    assert of_bars(MINUTES, other, ("one", "two"), float("nan")).differing == 480


def test_volumes_are_compared_too():
    volume = MINUTES.volume.copy()
    volume[7] *= 1.01
    found = of_bars(MINUTES, replace(MINUTES, volume=volume), ("one", "two"), 0.01)
    assert (found.differing, found.worst) == (1, "volumes, the first at 2026-02-01 00:07 UTC")


def test_tables_without_a_time_in_common_are_not_compared():
    later = market(10, start=START + 600 * MINUTE)
    assert str(of_bars(MINUTES, later, ("one", "two"), 0.01)) == "one and two: 0 in common, equal"


def test_bars_of_two_sources_are_compared(tmp_path):
    write_freqtrade(tmp_path, MINUTES)
    put(tmp_path, "rest/klines/BTCUSDT/1m/BTCUSDT-1m-2026-02-01.csv", csv(MINUTES))
    (found,) = of_sources(scan(tmp_path), "BTCUSDT", "1m", 0.01)
    assert (found.common, found.differing) == (480, 0)


def test_funding_and_open_interest_of_two_sources_are_compared_at_their_stamps(tmp_path):
    times = [START + n * 480 * MINUTE for n in range(3)]
    rows = [f"{time},8,0.000{n}" for n, time in enumerate(times)]
    put(tmp_path, "BTCUSDT-fundingRate-2026-02.csv", "\n".join(rows) + "\n")
    rest = "\n".join([*rows[:2], f"{times[2]},8,0.0009"]) + "\n"
    put(tmp_path, "rest/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-02.csv", rest)
    stamps = [START, START + 5 * MINUTE]
    values = [f"2026-02-01 00:0{5 * n}:00,BTCUSDT,{n + 7},1,1,1,1,1" for n in range(2)]
    put(tmp_path, "BTCUSDT-metrics-2026-02-01.csv", "\n".join(values) + "\n")
    put(
        tmp_path, "rest/BTCUSDT-openInterestHist-5m-2026-02-01.csv",
        "\n".join(f"{time},BTCUSDT,{n + 7},1" for n, time in enumerate(stamps)) + "\n",
    )  # fmt: skip
    funding, interest = of_steps(scan(tmp_path), "BTCUSDT")
    assert (funding.common, funding.differing) == (3, 1)
    assert funding.worst == "by up to 0.0007, at 2026-02-01 16:00 UTC"
    assert (interest.common, interest.differing) == (2, 0)
    assert np.isfinite(interest.common)
