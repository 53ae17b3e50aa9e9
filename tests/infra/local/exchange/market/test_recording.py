"""Recordings: reading, reported repairs, and errors with a fix."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest
from signalengine.facts.stream import Bar, BarsFact, encode

from infra.local.exchange.market.bars import MINUTE_MS
from infra.local.exchange.market.recording import RecordedMarket, Request
from infra.local.exchange.market.source import SourceError
from research.backtest.feed import feed_of_table
from research.data.loader import load
from tests.infra.local.exchange.samples import MIDNIGHT, kline_rows, recorded, write_klines
from tests.paths import ROOT

HOUR_MS = 60 * MINUTE_MS
HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore"
)


def write_feather(folder: Path, name: str, rows: list[list[float]]) -> None:
    times = pa.array([int(row[0]) for row in rows], pa.timestamp("ms", tz="UTC"))
    columns = {"date": times}
    for place, column in enumerate(("open", "high", "low", "close", "volume"), 1):
        columns[column] = pa.array([float(row[place]) for row in rows])
    pa.feather.write_feather(pa.table(columns), folder / name)


def refusal(folder: Path, **what: object) -> str:
    with pytest.raises(SourceError) as caught:
        recorded(folder, **what)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("header", ["", HEADER])
def test_an_archive_file_reads_with_and_without_header(tmp_path: Path, header: str) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 10), header)
    market = recorded(tmp_path, MIDNIGHT + 2 * MINUTE_MS)
    first = market.minute(MIDNIGHT + 2 * MINUTE_MS).paths["AAAUSDT"].bar
    assert (first.open, first.close, first.trades, first.taker_volume) == (100.6, 100.9, 42, 4.5)
    assert len(market.past("AAAUSDT")) == 2


def test_files_of_several_days_are_joined_zipped_or_not(tmp_path: Path) -> None:
    file = write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT + 10 * MINUTE_MS, 10))
    with zipfile.ZipFile(tmp_path / "AAAUSDT-1m-2025-05-20.zip", "w") as archive:
        archive.write(file, "AAAUSDT-1m-2025-05-20.csv")
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 10))
    market = recorded(tmp_path, MIDNIGHT)
    assert (market.end - market.start) // MINUTE_MS == 20


def test_a_freqtrade_folder_reads_with_funding_and_marks(tmp_path: Path) -> None:
    start = MIDNIGHT - HOUR_MS
    write_feather(tmp_path, "AAA_USDT_USDT-1m-futures.feather", kline_rows(start, 120))
    write_feather(tmp_path, "AAA_USDT_USDT-8h-funding_rate.feather", [
        [MIDNIGHT - 8 * HOUR_MS, 0.0001, 0, 0, 0, 0], [MIDNIGHT + 3, -0.0002, 0, 0, 0, 0],
    ])  # fmt: skip
    write_feather(tmp_path, "AAA_USDT_USDT-8h-mark.feather", [[MIDNIGHT, 101.5, 0, 0, 0, 0]])
    market = recorded(tmp_path, start)
    settled = market.fundings["AAAUSDT"][-1]
    assert (settled.time, settled.rate, settled.mark) == (MIDNIGHT, -0.0002, 101.5)
    bar = market.minute(start).paths["AAAUSDT"].bar
    assert bar.quote_volume == bar.volume * ((bar.high + bar.low + bar.close) / 3.0)
    assert bar.trades == 0


def test_a_funding_rate_is_not_known_before_its_last_minute(tmp_path: Path) -> None:
    start = MIDNIGHT - HOUR_MS
    write_feather(tmp_path, "AAA_USDT_USDT-1m-futures.feather", kline_rows(start, 120))
    write_feather(tmp_path, "AAA_USDT_USDT-8h-funding_rate.feather", [
        [MIDNIGHT - 8 * HOUR_MS, 0.0001, 0, 0, 0, 0], [MIDNIGHT, -0.0002, 0, 0, 0, 0],
    ])  # fmt: skip
    market = recorded(tmp_path, start)
    minutes = [market.minute(start + i * MINUTE_MS).marks["AAAUSDT"] for i in range(61)]
    assert {mark.rate for marks in minutes[:59] for mark in marks} == {0.0001}
    assert {mark.rate for mark in (*minutes[59], *minutes[60])} == {-0.0002}
    assert [mark.next_funding for mark in minutes[59][-2:]] == [MIDNIGHT, MIDNIGHT + 8 * HOUR_MS]


def test_open_interest_is_known_five_minutes_after_its_stamp(tmp_path: Path) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 30))
    (tmp_path / "AAAUSDT-metrics-2025-05-19.csv").write_text(
        "create_time,symbol,sum_open_interest,sum_open_interest_value\n"
        "2025-05-19 00:10:00,AAAUSDT,1200.5,1\n2025-05-19 00:05:00,AAAUSDT,1100.5,1\n"
    )
    steps = recorded(tmp_path, MIDNIGHT).interests["AAAUSDT"]
    assert steps.as_of(MIDNIGHT + 10 * MINUTE_MS - 1) is None
    assert steps.as_of(MIDNIGHT + 10 * MINUTE_MS) == 1100.5
    assert steps.as_of(MIDNIGHT + 15 * MINUTE_MS) == 1200.5


def test_the_archives_funding_is_read(tmp_path: Path) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
    (tmp_path / "AAAUSDT-fundingRate-2025-05.csv").write_text(
        f"calc_time,funding_interval_hours,last_funding_rate\n{MIDNIGHT},8,0.00012345\n"
    )
    (funding,) = recorded(tmp_path, MIDNIGHT).fundings["AAAUSDT"]
    assert (funding.time, funding.rate, funding.mark) == (MIDNIGHT, 0.00012345, None)


def test_a_contract_with_funding_every_four_hours_is_listed_so(tmp_path: Path) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
    rows = "".join(f"{MIDNIGHT - hours * HOUR_MS + 7},4,0.0001\n" for hours in (12, 8, 4, 0))
    (tmp_path / "AAAUSDT-fundingRate-2025-05.csv").write_text(
        f"calc_time,funding_interval_hours,last_funding_rate\n{rows}"
    )
    market = recorded(tmp_path, MIDNIGHT)
    assert market.instruments["AAAUSDT"].funding_hours == 4
    marks = market.minute(MIDNIGHT).marks["AAAUSDT"]
    assert {mark.next_funding for mark in marks} == {MIDNIGHT + 4 * HOUR_MS}


def test_without_a_funding_file_the_rate_is_unknown(tmp_path: Path) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
    marks = recorded(tmp_path, MIDNIGHT).minute(MIDNIGHT).marks["AAAUSDT"]
    assert {(mark.rate, mark.next_funding) for mark in marks} == {(None, 0)}


def test_a_gap_has_no_klines_and_is_reported(tmp_path: Path) -> None:
    rows = kline_rows(MIDNIGHT, 30)
    write_klines(tmp_path, "AAAUSDT", rows[:10] + rows[15:])
    apply: list[str] = []
    market = RecordedMarket(Request(tmp_path, None, MIDNIGHT, None, "1"), apply.append)
    assert "1 gap(s), 5 minutes in all, the first at 2025-05-19 00:10" in apply[0]
    there = ["AAAUSDT" in market.minute(MIDNIGHT + i * MINUTE_MS).paths for i in range(30)]
    assert there == [True] * 10 + [False] * 5 + [True] * 15
    gap = market.minute(MIDNIGHT + 12 * MINUTE_MS).marks["AAAUSDT"]
    assert {mark.price for mark in gap} == {rows[9][4]}


def test_repairs_are_reported(tmp_path: Path) -> None:
    rows = kline_rows(MIDNIGHT, 5)
    write_klines(tmp_path, "AAAUSDT", [rows[0], rows[2], rows[1], rows[3], rows[3], rows[4]])
    apply: list[str] = []
    market = RecordedMarket(Request(tmp_path, None, MIDNIGHT, None, "1"), apply.append)
    assert apply[:2] == [
        "AAAUSDT: unsorted: 1 of bars, 2025-05-19 00:01 UTC.",
        "AAAUSDT: duplicate: 1 of bars, 2025-05-19 00:03 UTC.",
    ]
    opens = [market.minute(row[0]).paths["AAAUSDT"].bar.open for row in rows]
    assert opens == [row[1] for row in rows]


def test_a_file_of_any_name_plays_as_the_requested_symbol(tmp_path: Path) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5)).rename(tmp_path / "bars.csv")
    assert list(recorded(tmp_path / "bars.csv", MIDNIGHT, symbols="BBBUSDT").instruments) == [
        "BBBUSDT"
    ]


def test_the_takers_quote_volume_is_his_share_of_all(tmp_path: Path) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 2))
    bar = recorded(tmp_path, MIDNIGHT).minute(MIDNIGHT).paths["AAAUSDT"].bar
    assert (bar.volume, bar.quote_volume, bar.taker_volume) == (10.0, 1000.0, 4.5)
    assert bar.taker_quote == pytest.approx(450.0)


def test_a_file_may_be_given_instead_of_its_folder(tmp_path: Path) -> None:
    write_klines(tmp_path, "BBBUSDT", kline_rows(MIDNIGHT, 5))
    file = write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
    assert list(recorded(file, MIDNIGHT).instruments) == ["AAAUSDT"]


def test_by_default_the_play_leaves_time_to_warm_up(tmp_path: Path) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 4 * 1_440))
    assert recorded(tmp_path).start == MIDNIGHT + 3 * 24 * HOUR_MS


def test_the_engines_archive_plays_with_its_data(tmp_path: Path) -> None:
    facts = [
        BarsFact(
            "AAAUSDT", (Bar("1m", t, 10.0, 12.0, 9.0, 11.0, 5.0),), "live", "ws", t,
            open_interest=100.0 + n, open_interest_time=t + MINUTE_MS, funding_rate=n * 1e-4,
        )
        for n, t in enumerate(range(MIDNIGHT, MIDNIGHT + 3 * MINUTE_MS, MINUTE_MS))
    ]  # fmt: skip
    (tmp_path / "stream.jsonl").write_bytes(b"\n".join(map(encode, facts)))
    market = recorded(tmp_path, MIDNIGHT)
    assert list(market.interests["AAAUSDT"].values) == [100.0, 101.0, 102.0]
    rates = [market.minute(fact.bars[0].open_time).marks["AAAUSDT"][-1].rate for fact in facts]
    assert rates == [0.0, 1e-4, 2e-4]


def test_a_recording_is_read_without_the_libraries_of_research(tmp_path: Path) -> None:
    """They take seconds to import, and a plain `make up` does not install them."""
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
    write_feather(tmp_path, "BBB_USDT_USDT-1m-futures.feather", kline_rows(MIDNIGHT, 5))
    code = (
        "import pathlib, sys; sys.modules.update(pandas=None, numba=None)\n"
        "from infra.local.exchange.market.recording import RecordedMarket, Request\n"
        "RecordedMarket(Request(pathlib.Path(sys.argv[1]), None, None, None, '1'), print)"
    )
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT,
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert "AAAUSDT: no funding file beside the bars" in done.stdout


class TestRefusals:
    """Each names what is wrong and what to do."""

    def test_a_missing_folder(self, tmp_path: Path) -> None:
        assert "does not exist. Name a file or folder" in refusal(tmp_path / "nowhere")

    def test_a_folder_without_recordings(self, tmp_path: Path) -> None:
        assert "BTC_USDT_USDT-1m-futures.feather" in refusal(tmp_path)

    def test_a_file_name_without_a_symbol(self, tmp_path: Path) -> None:
        (tmp_path / "bars.csv").write_text("")
        assert "if --symbols names its symbol" in refusal(tmp_path / "bars.csv")
        assert "exactly one" in refusal(tmp_path / "bars.csv", symbols="AAAUSDT,BBBUSDT")

    def test_a_symbol_that_is_not_there(self, tmp_path: Path) -> None:
        write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
        assert "Choose --symbols from: AAAUSDT" in refusal(tmp_path, symbols="ZZZUSDT")

    @pytest.mark.parametrize(("start", "end"), [(-10, None), (None, 10), (6, None)])
    def test_a_time_outside_the_span(
        self, tmp_path: Path, start: int | None, end: int | None
    ) -> None:
        write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
        times = [None if t is None else MIDNIGHT + t * MINUTE_MS for t in (start, end)]
        message = refusal(tmp_path, start=times[0], end=times[1])
        assert "choose within 2025-05-19 00:00 .. 2025-05-19 00:05 UTC" in message

    def test_an_end_that_is_not_after_the_start(self, tmp_path: Path) -> None:
        write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
        assert "is not before --to" in refusal(tmp_path, start=MIDNIGHT, end=MIDNIGHT)

    def test_another_interval_only(self, tmp_path: Path) -> None:
        file = write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
        file.rename(tmp_path / "AAAUSDT-5m-2025-05.csv")
        assert "has no 1m bars" in refusal(tmp_path)
        assert "as 5m, not as 1m. Download 1m" in refusal(tmp_path, symbols="AAAUSDT")

    def test_another_interval_inside(self, tmp_path: Path) -> None:
        rows = [[*row[:6], row[0] + 299_999, *row[7:]] for row in kline_rows(MIDNIGHT, 20)[::5]]
        write_klines(tmp_path, "AAAUSDT", rows)
        assert "is a bar of 300 s, not of 60. Bring the right interval" in refusal(tmp_path)

    def test_a_minute_that_differs_between_two_files(self, tmp_path: Path) -> None:
        file = write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
        file.rename(tmp_path / "AAAUSDT-1m-2025-05-19.csv")
        write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT + 4 * MINUTE_MS, 5))
        assert "2025-05-19 00:04 UTC is there twice and not the same (open 101.2" in refusal(
            tmp_path
        )

    @pytest.mark.parametrize(
        ("place", "value", "why"),
        [(2, 1.0, "outside low .. high"), (3, -1.0, "not above 0"), (5, -1.0, "below 0")],
    )
    def test_a_bar_that_could_not_have_been_traded(
        self, tmp_path: Path, place: int, value: float, why: str
    ) -> None:
        rows = kline_rows(MIDNIGHT, 3)
        rows[1][place] = value
        write_klines(tmp_path, "AAAUSDT", rows)
        refused = refusal(tmp_path)
        assert "AAAUSDT-1m-2025-05.csv: row 2 (2025-05-19 00:01 UTC) has" in refused
        assert why in refused

    def test_an_empty_field(self, tmp_path: Path) -> None:
        rows = kline_rows(MIDNIGHT, 3)
        rows[1][4] = ""
        write_klines(tmp_path, "AAAUSDT", rows)
        assert "row 2 has no number in column 'close'" in refusal(tmp_path)

    def test_files_of_another_format_than_their_name(self, tmp_path: Path) -> None:
        (tmp_path / "AAA_USDT_USDT-1m-futures.feather").write_text("no feather")
        assert "not a readable feather file" in refusal(tmp_path)
        (tmp_path / "AAA_USDT_USDT-1m-futures.feather").unlink()
        (tmp_path / "AAAUSDT-1m-2025-05.zip").write_text("no zip")
        assert "a broken or cut-off zip" in refusal(tmp_path)

    def test_recordings_that_do_not_overlap(self, tmp_path: Path) -> None:
        write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
        write_klines(tmp_path, "BBBUSDT", kline_rows(MIDNIGHT + HOUR_MS, 5))
        assert "do not overlap: AAAUSDT 2025-05-19 00:00 .." in refusal(tmp_path)


@pytest.mark.parametrize("minutes", [0, 5, 700, 1600])
def test_the_listed_tick_is_that_of_the_backtest(tmp_path: Path, minutes: int) -> None:
    """Read from the bars before the start; where they are too few, from the first ones."""
    rows = kline_rows(MIDNIGHT, 3300)
    rows[3200][2] += 0.003
    write_klines(tmp_path, "AAAUSDT", rows)
    start = MIDNIGHT + minutes * MINUTE_MS
    listed = recorded(tmp_path, start).instruments["AAAUSDT"].listed_tick
    ticks = feed_of_table(load(tmp_path, "AAAUSDT"), start).tick
    assert {listed} == set(ticks[~np.isnan(ticks)].tolist()) == {0.1}


def test_prices_of_no_grid_are_listed_without_a_tick(tmp_path: Path) -> None:
    rows = kline_rows(MIDNIGHT, 30)
    rows[4][2] += 1.0 / 3.0
    write_klines(tmp_path, "AAAUSDT", rows)
    assert recorded(tmp_path, MIDNIGHT).instruments["AAAUSDT"].listed_tick == 0.0
