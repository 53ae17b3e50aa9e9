"""The ledger: told when noticed and when over, by the task that speaks."""

from signalengine.facts.stream import GapFact

from ingest_task.watching.ledger import Ledger, Loss

KEY = ("connection", "lost", None)


def ledger(*, speaks: bool = True) -> tuple[Ledger, list[GapFact]]:
    told: list[GapFact] = []
    made = Ledger(told.append, "simulated", "t")
    made.speak(speaks)
    return made, told


def test_what_goes_on_is_told_twice_under_one_name() -> None:
    made, told = ledger()
    made.opened(KEY, 1000, 900, "cut")
    made.opened(KEY, 1100, 900)
    assert made.is_open(KEY)
    made.closed(KEY, 5000)
    made.closed(KEY, 6000)
    first, last = told
    assert (first.outcome, first.end, first.detail) == ("open", None, "cut")
    assert (last.outcome, last.start, last.end, last.repaired_at) == ("repaired", 900, 5000, 5000)
    assert last.gap_id == first.gap_id


def test_bars_that_nobody_has_are_lost_and_counted() -> None:
    made, told = ledger()
    key = ("kline", "missing", "BTCUSDT")
    made.noted(key, 1000, (0, 900), Loss(5, 5), over=2000)
    made.noted(key, 3000, (900, 1800), Loss(5, 3), over=4000)
    assert [(e.outcome, e.bars_lost, e.noticed_at, e.repaired_at) for e in told] == [
        ("repaired", 0, 1000, 2000), ("lost", 2, 3000, 4000),
    ]  # fmt: skip
    assert made.counts == {"entries": 2, "bars_missed": 10, "bars_repaired": 8, "bars_lost": 2}


def test_who_stands_by_tells_nothing_and_what_is_still_open_when_it_takes_over() -> None:
    made, told = ledger(speaks=False)
    made.opened(("kline", "silent", "AUSDT"), 1, 1)
    made.opened(("kline", "silent", "BUSDT"), 2, 2)
    made.closed(("kline", "silent", "AUSDT"), 3)
    assert told == []
    made.speak(True)
    made.speak(True)
    assert [(e.symbol, e.outcome) for e in told] == [("BUSDT", "open")]


def test_a_bar_told_in_two_ways_is_an_entry_of_its_own() -> None:
    made, told = ledger()
    made.differs("BTCUSDT", 500, (0, 60_000), "kept close 1, not 2" + "9" * 99)
    assert (told[0].cause, told[0].outcome, len(told[0].detail)) == ("mismatch", "differs", 60)
