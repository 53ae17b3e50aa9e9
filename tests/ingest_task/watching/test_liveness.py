"""Silence: of a stream that stopped, of one that never began, and what is none."""

from ingest_task.watching.liveness import FIRST_PATIENCE_MS, Liveness, Silence
from ingest_task.watching.silence_threshold import KLINES

T = 1_000_000


def looks(liveness: Liveness, until: int, after: int = T) -> list[tuple[int, Silence]]:
    """Look once a second; returns what was found, with when (s after T)."""
    found = []
    for second in range((after - T) // 1000 + 1, until + 1):
        found += [(second, silence) for silence in liveness.look(T + second * 1000)]
    return found


def test_a_stream_that_never_began_is_silent_from_when_it_was_expected() -> None:
    liveness = Liveness()
    liveness.expect("kline", 0, T)
    assert looks(liveness, 29) == []
    ((second, silence),) = looks(liveness, 31, T + 29_000)
    assert (second * 1000, silence) == (KLINES.unlearnt_ms, Silence("kline", 0, T))
    assert liveness.silent == ("kline",)
    assert liveness.ages_ms(T + 31_000)["kline"] is None


def test_a_silent_stream_is_told_again_ever_less_often_until_it_is_back() -> None:
    liveness = Liveness()
    liveness.expect("mark", 0, T)
    seconds = [second for second, _ in looks(liveness, 1000)]
    patience = FIRST_PATIENCE_MS // 1000
    assert seconds == [10, 10 + patience, 10 + 3 * patience, 10 + 7 * patience, 10 + 15 * patience]
    assert liveness.note("mark", T + 1_000_000)
    assert not liveness.note("mark", T + 1_001_000)
    assert liveness.silent == ()


def test_each_connection_has_its_own_klines() -> None:
    liveness = Liveness()
    for shard in (0, 1):
        liveness.expect("kline", shard, T)
    for second in range(60):
        liveness.note("kline", T + second * 1000, shard=0)
        liveness.look(T + second * 1000)
    assert liveness.silent == ("kline#1",)
    assert liveness.is_silent("kline", 1)
    assert liveness.ages_ms(T + 60_000) == {
        "kline": 1000, "mark": None, "liquidation": None, "open_interest": None,
    }  # fmt: skip


def test_a_market_that_pauses_as_a_whole_is_no_stream_s_silence() -> None:
    liveness = Liveness()
    liveness.expect("mark", 0, T)
    liveness.note("mark", T + 500)
    assert liveness.look(T + 1000) == []
    assert liveness.look(T + 3_600_000) == [], "its clock leapt"
    assert liveness.look(T + 3_605_000) == []
    assert liveness.look(T + 3_610_000) != []


def test_a_lost_connection_is_not_silent_as_well() -> None:
    liveness = Liveness()
    liveness.expect("kline", 1, T)
    liveness.excuse(1)
    assert looks(liveness, 100) == []


def test_the_klines_of_a_quiet_symbol_are_soon_known_to_be_few_and_still_missed() -> None:
    """One that trades every 40 s is said to be silent once, and then no more."""
    liveness, found = Liveness(), list[int]()
    liveness.expect("kline", 0, T)
    for second in range(1, 7_200):
        if second % 40 == 0:
            liveness.note("kline", T + second * 1000)
        found += [second for _ in liveness.look(T + second * 1000)]
    assert found == [30]
    ((noticed, _),) = looks(liveness, 7_300, T + 7_200_000)
    assert noticed == 7_160 + 120
