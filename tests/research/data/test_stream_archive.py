"""Our own archive of facts, read as the engine read the stream."""

import gzip
import tracemalloc

import numpy as np
import pytest
from signalengine.facts.stream import Bar, BarsFact, HeartbeatFact, HistoryFact, Tick, TicksFact

from research.data import stream_archive
from research.data.errors import DataError
from research.data.loader import load, symbols
from research.data.repairs import Repair
from research.data.stream_archive import Passed, read_facts
from tests.research.data.recordings import (
    MINUTE,
    START,
    csv,
    market,
    same,
    write_stream,
)

TICKS = TicksFact(START, "live", {"BTCUSDT": Tick(START, 1.0, 1.0, 1.0, 1.0)})
HEARTBEAT = HeartbeatFact(
    START, "live", "one", ("BTCUSDT",), {"BTCUSDT": 1.0}, {"kline": 5}, 0, 0, 0, {"bars": 1}, 0.1, 9
)


def fact_of(bar: Bar, symbol: str = "BTCUSDT", **beside) -> BarsFact:
    return BarsFact(symbol, (bar,), beside.pop("market", "live"), "ws", bar.close_time, **beside)


def history(bars, interval="1m", symbol="BTCUSDT") -> HistoryFact:
    return HistoryFact(symbol, interval, tuple(bars), "live")


@pytest.mark.parametrize("breaks", [True, False])
def test_bars_come_from_history_and_from_minutes_in_between_all_other_facts(tmp_path, breaks):
    table = market(40)
    bars = list(table.bars())
    facts = [
        HEARTBEAT,
        history(table.resample("5m").bars(), "5m"),
        history(bars[:20]),
        history(market(20, seed=2).bars(), symbol="ETHUSDT"),
        *(fact for bar in bars[20:] for fact in (TICKS, fact_of(bar), fact_of(bar, "ETHUSDT"))),
    ]
    write_stream(tmp_path / "2026/02/01/00/feed-1-a.gz", facts[:30], breaks=breaks)
    write_stream(tmp_path / "2026/02/01/01/feed-1-b.gz", facts[30:], breaks=breaks)
    found = load(tmp_path, "BTCUSDT")
    assert same(found, table)
    assert symbols(tmp_path) == ("BTCUSDT", "ETHUSDT")
    assert found.market == "live"
    assert found.repairs == ()
    assert found.open_interest is None
    assert found.liquidations is None


def test_a_single_file_may_be_plain_or_gzipped_and_named_anything(tmp_path):
    write_stream(tmp_path / "feed.gz", [fact_of(bar) for bar in market(5).bars()])
    plain = tmp_path / "feed-1-2026-02-01"
    plain.write_bytes(gzip.decompress((tmp_path / "feed.gz").read_bytes()))
    assert same(load(plain, "BTCUSDT"), market(5))
    assert same(load(tmp_path / "feed.gz", "BTCUSDT"), market(5))


def test_the_side_data_of_minutes_is_read(tmp_path):
    bars = list(market(4).bars())
    closes = [bar.close_time for bar in bars]
    write_stream(
        tmp_path / "feed.gz",
        [
            fact_of(bars[0], open_interest=50.0, open_interest_time=closes[0] - 9,
                    funding_rate=1e-4, mark_price=100.1, liq_long_usd=0.0, liq_short_usd=7.0,
                    funding_hours=4),
            fact_of(bars[1], open_interest=50.0, open_interest_time=closes[0] - 9,
                    funding_rate=2e-4, funding_paid=2e-4),
            fact_of(bars[2], open_interest=51.0, open_interest_time=closes[2] - 1),
            fact_of(bars[3], liq_long_usd=1.0, liq_short_usd=0.0),
        ],
    )  # fmt: skip
    found = load(tmp_path, "BTCUSDT")
    assert found.open_interest is not None
    assert found.open_interest.time.tolist() == [closes[0] - 9, closes[2] - 1]
    nan = np.nan
    beside = {
        "open_interest": [50.0, 50.0, 51.0, 51.0],
        "funding_rate": [1e-4, 2e-4, nan, nan],
        "funding_paid": [nan, 2e-4, nan, nan],
        "mark_price": [100.1, nan, nan, nan],
        "liq_long_usd": [0.0, nan, nan, 1.0],
        "liq_short_usd": [7.0, nan, nan, 0.0],
        "funding_hours": [4.0, nan, nan, nan],
    }
    for name, values in found.beside().items():
        assert np.array_equal(values, beside[name], equal_nan=True), name


def test_of_two_facts_about_a_minute_the_first_counts_as_it_does_live(tmp_path):
    first, other = list(market(6).bars()), list(market(6, seed=2).bars())
    write_stream(
        tmp_path / "feed.gz",
        [
            history(first[:2]),
            fact_of(first[1], funding_paid=0.5),  # the same bar: a duplicate, so nothing is read
            fact_of(first[2], mark_price=9.0),
            fact_of(other[2], mark_price=8.0),
            fact_of(first[2]),
            fact_of(first[4]),
        ],
    )
    found = load(tmp_path, "BTCUSDT")
    assert list(found.bars()) == [*first[:3], first[4]]
    assert found.funding is None
    assert found.mark is not None
    assert found.mark.value.tolist() == [9.0]
    assert found.repairs == (
        Repair("duplicate", "bars", 2, START + MINUTE, START + 2 * MINUTE),
        Repair("differing", "bars", 1, START + 2 * MINUTE, START + 2 * MINUTE),
        Repair("gap", "bars", 1, START + 3 * MINUTE, START + 3 * MINUTE),
    )


def test_records_that_are_no_facts_are_passed_over_and_counted(tmp_path):
    write_stream(tmp_path / "feed.gz", [fact_of(bar) for bar in market(3).bars()])
    good = gzip.decompress((tmp_path / "feed.gz").read_bytes())
    bad = b'{"v":1,"kind":"bars","symbol":"BTCUSDT"}\nnoise\n{"v":2,"kind":"bars"}\n'
    (tmp_path / "feed.gz").write_bytes(gzip.compress(bad + good))
    found = load(tmp_path, "BTCUSDT")
    assert same(found, market(3))
    assert found.repairs == (Repair("malformed", "records", 3, START, START + 2 * MINUTE),)
    passed = Passed()
    assert len(list(read_facts([tmp_path / "feed.gz"], passed=passed))) == 3
    assert passed.malformed == 3


def test_markets_are_never_mixed(tmp_path):
    bars = list(market(4).bars())
    facts = [fact_of(bars[0]), fact_of(bars[1]), fact_of(bars[2], market="simulated")]
    write_stream(tmp_path / "feed.gz", facts)
    with pytest.raises(DataError, match=r"mixes markets \(live, simulated\). Choose one"):
        load(tmp_path, "BTCUSDT")
    assert list(load(tmp_path, "BTCUSDT", market="simulated").bars()) == [bars[2]]
    with pytest.raises(DataError, match="no 1m bars of BTCUSDT of the recording market"):
        load(tmp_path, "BTCUSDT", market="recording")


def test_what_the_archive_cannot_give_is_an_error(tmp_path):
    write_stream(tmp_path / "a/feed.gz", [fact_of(bar) for bar in market(3).bars()])
    with pytest.raises(DataError, match="has no 1m bars of ETHUSDT in 1 file"):
        load(tmp_path, "ETHUSDT")
    with pytest.raises(DataError, match=r"use \.resample\('5m'\)"):
        load(tmp_path, "BTCUSDT", interval="5m")
    (tmp_path / "BTCUSDT-1m-2026-02.csv").write_text(csv(market(3)))
    with pytest.raises(DataError, match="both as files of bars and in an archive of the stream"):
        load(tmp_path, "BTCUSDT")


@pytest.mark.parametrize("keep", [0, 3, 60, -8])
def test_a_cut_off_or_empty_file_of_the_archive_is_an_error(tmp_path, keep):
    path = tmp_path / "feed.gz"
    write_stream(path, [fact_of(bar) for bar in market(30).bars()])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"feed.gz: (empty|cut off or broken)"):
        load(tmp_path, "BTCUSDT")


def test_a_span_of_the_archive_is_cut_like_any_other(tmp_path):
    write_stream(tmp_path / "feed.gz", [fact_of(bar) for bar in market(30).bars()])
    found = load(tmp_path, "BTCUSDT", START + 5 * MINUTE, START + 40 * MINUTE)
    assert found.start == START + 5 * MINUTE
    late = START + 30 * MINUTE
    assert found.repairs == (Repair("short", "bars", 10, late, late + 9 * MINUTE),)


def peak_of_refusal(path, match):
    """Return the most bytes in memory while a file is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=match):
            list(read_facts([path]))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("content", [b"x", b"\n"])
def test_a_file_that_inflates_without_end_is_refused_in_little_memory(
    tmp_path, monkeypatch, content
):
    monkeypatch.setattr(stream_archive, "MAX_INFLATED_BYTES", 2**23, raising=False)
    monkeypatch.setattr(stream_archive, "MAX_RECORD_BYTES", 2**24, raising=False)
    part = gzip.compress(content * (2**22 // len(content)))
    (tmp_path / "feed.gz").write_bytes(part * 64)  # 256 MB
    message = "feed.gz: inflates to more than 8388608 bytes, the limit"
    assert peak_of_refusal(tmp_path / "feed.gz", message) < 2**26


@pytest.mark.parametrize("name", ["feed.jsonl", "feed.gz"])
def test_a_record_without_end_is_refused_in_little_memory(tmp_path, monkeypatch, name):
    monkeypatch.setattr(stream_archive, "MAX_RECORD_BYTES", 2**22, raising=False)
    content = b'{"v":1,' + b"x" * 2**27
    (tmp_path / name).write_bytes(gzip.compress(content, 1) if name == "feed.gz" else content)
    message = f"{name}: a record is longer than 4194304 bytes, the limit"
    assert peak_of_refusal(tmp_path / name, message) < 2**25


def test_the_limits_leave_room_for_what_the_stream_and_firehose_write():
    assert stream_archive.MAX_RECORD_BYTES > 10 * 2**20
    assert stream_archive.MAX_INFLATED_BYTES > 8 * 64 * 10**6


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
@pytest.mark.parametrize("breaks", [True, False])
def test_records_across_chunks_are_read_whole(tmp_path, monkeypatch, size, breaks):
    monkeypatch.setattr(stream_archive, "_CHUNK_BYTES", size)
    facts = [fact_of(bar) for bar in market(9).bars()]
    write_stream(tmp_path / "feed.gz", facts, breaks=breaks)
    assert list(read_facts([tmp_path / "feed.gz"])) == facts


def test_open_interest_is_not_known_before_a_fact_has_it(tmp_path):
    """What arrived after its minute was published is known from the next minute on."""
    late = START + MINUTE - 50
    beside = [(None, None), (50.0, late), (50.0, late), (51.0, START + 3 * MINUTE + 9)]
    facts = [
        fact_of(bar, open_interest=value, open_interest_time=time)
        for bar, (value, time) in zip(market(4).bars(), beside, strict=True)
    ]
    write_stream(tmp_path / "a.gz", facts)
    known = load(tmp_path, "BTCUSDT").beside()["open_interest"]
    assert np.array_equal(known, [np.nan, 50.0, 50.0, 51.0], equal_nan=True)
