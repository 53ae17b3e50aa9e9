"""The market as of now: closed bars, the running minute, and nothing later."""

from pathlib import Path

from infra.local.exchange.market.bars import INTERVAL_MS, MINUTE_MS
from infra.local.exchange.market.clock import Clock
from infra.local.exchange.playback.market_state import MarketState
from tests.infra.local.exchange.samples import MIDNIGHT, simulated, two_symbols


def test_a_minute_forms_with_the_clock_and_is_closed_once(tmp_path: Path) -> None:
    source, clock = two_symbols(tmp_path), Clock(MIDNIGHT, None)
    state = MarketState(source, clock)
    before = state.newest("AAAUSDT", "1m")
    assert before is not None
    assert before.open_time == MIDNIGHT - MINUTE_MS
    state.begin(source.minute(MIDNIGHT))
    assert state.running("AAAUSDT") is None
    clock.reach(MIDNIGHT + 30_000)
    forming = state.running("AAAUSDT")
    assert forming is not None
    assert state.price("AAAUSDT") == forming.close
    rows = state.klines("AAAUSDT", "1m", MIDNIGHT - MINUTE_MS, None, 10)
    assert [row.open_time for row in rows] == [MIDNIGHT - MINUTE_MS, MIDNIGHT]
    clock.reach(MIDNIGHT + MINUTE_MS)
    assert [symbol for symbol, _ in state.close()] == ["AAAUSDT", "BBBUSDT"]
    assert state.close() == []
    newest = state.newest("AAAUSDT", "1m")
    assert newest is not None
    assert newest.open_time == MIDNIGHT


def test_a_longer_bar_contains_the_running_minute(tmp_path: Path) -> None:
    source, clock = two_symbols(tmp_path), Clock(MIDNIGHT, None)
    state = MarketState(source, clock)
    state.begin(source.minute(MIDNIGHT))
    clock.reach(MIDNIGHT + 59_000)
    minute = state.running("AAAUSDT")
    hour = state.forming("AAAUSDT", "1h", minute)
    assert minute is not None
    assert hour is not None
    assert (hour.open_time, hour.high, hour.volume) == (MIDNIGHT, minute.high, minute.volume)
    day = state.day("AAAUSDT")
    assert day is not None
    assert day.close == minute.close


def test_bars_of_4h_and_1d_reach_back_beyond_the_minutes(tmp_path: Path) -> None:
    state = MarketState(simulated("BTCUSDT"), Clock(MIDNIGHT, None))
    for interval in ("4h", "1d"):
        span = INTERVAL_MS[interval]
        rows = state.klines("BTCUSDT", interval, None, MIDNIGHT - 1, 499)
        assert [row.open_time for row in rows] == [*range(MIDNIGHT - 499 * span, MIDNIGHT, span)]
        of_minutes = state.klines("BTCUSDT", "1m", MIDNIGHT - span, MIDNIGHT - 1, 1440)
        assert (rows[-1].open, rows[-1].close) == (of_minutes[0].open, of_minutes[-1].close)
    recording = MarketState(two_symbols(tmp_path), Clock(MIDNIGHT, None))
    assert len(recording.klines("AAAUSDT", "1d", None, MIDNIGHT - 1, 499)) == 1
    assert (
        state.klines("BTCUSDT", "1h", None, None, 1500)[0].open_time > MIDNIGHT - 1500 * 3_600_000
    )
