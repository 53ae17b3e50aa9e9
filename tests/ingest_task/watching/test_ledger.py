"""The ledger: published when noticed and when over, by the holder of the lease."""

from signalengine.facts.stream import GapFact

from ingest_task.watching.ledger import Ledger, Loss

KEY = ("connection", "lost", None)


def ledger(*, publishing: bool = True) -> tuple[Ledger, list[GapFact]]:
    entries: list[GapFact] = []
    made = Ledger(entries.append, "simulated", "t")
    made.set_publishing(publishing)
    return made, entries


def test_an_open_entry_is_published_again_when_it_is_over() -> None:
    made, entries = ledger()
    made.opened(KEY, 1000, 900, "cut")
    made.opened(KEY, 1100, 900)
    assert made.is_open(KEY)
    made.closed(KEY, 5000)
    made.closed(KEY, 6000)
    first, last = entries
    assert (first.outcome, first.end, first.detail) == ("open", None, "cut")
    assert (last.outcome, last.start, last.end, last.repaired_at) == ("repaired", 900, 5000, 5000)
    assert last.gap_id == first.gap_id


def test_bars_that_do_not_exist_are_lost_and_counted() -> None:
    made, entries = ledger()
    key = ("kline", "missing", "BTCUSDT")
    made.noted(key, 1000, (0, 900), Loss(5, 5), over=2000)
    made.noted(key, 3000, (900, 1800), Loss(5, 3), over=4000)
    assert [(e.outcome, e.bars_lost, e.noticed_at, e.repaired_at) for e in entries] == [
        ("repaired", 0, 1000, 2000), ("lost", 2, 3000, 4000),
    ]  # fmt: skip
    assert made.counts == {"entries": 2, "bars_missed": 10, "bars_repaired": 8, "bars_lost": 2}


def test_a_standby_task_publishes_nothing_and_the_open_entries_when_it_takes_over() -> None:
    made, entries = ledger(publishing=False)
    made.opened(("kline", "silent", "AUSDT"), 1, 1)
    made.opened(("kline", "silent", "BUSDT"), 2, 2)
    made.closed(("kline", "silent", "AUSDT"), 3)
    assert entries == []
    made.set_publishing(True)
    made.set_publishing(True)
    assert [(e.symbol, e.outcome) for e in entries] == [("BUSDT", "open")]


def test_a_bar_with_two_different_values_is_an_entry_of_its_own() -> None:
    made, entries = ledger()
    made.differs("BTCUSDT", 500, (0, 60_000), "used close 1, not 2" + "9" * 99)
    assert (entries[0].cause, entries[0].outcome, len(entries[0].detail)) == (
        "mismatch",
        "differs",
        60,
    )
