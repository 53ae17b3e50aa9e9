"""A client notices an event that it should have and has not, and requests it once."""

from infra.local.replay.completeness import REMEMBERED_MS, Completeness


def test_an_event_that_did_not_arrive_is_requested_once() -> None:
    mine = Completeness()
    mine.expect_from(100)
    mine.add("a#opened", 150)
    recent = [["a#opened", 150], ["b#opened", 170], ["c#opened", 160]]
    assert mine.missing_since(recent) == 160
    assert mine.missing_since(recent) is None


def test_what_was_committed_before_the_first_connection_is_not_expected() -> None:
    mine = Completeness()
    assert mine.missing_since([["a#opened", 50]]) is None
    mine.expect_from(100)
    mine.expect_from(20)  # a later connection changes nothing
    assert mine.missing_since([["a#opened", 50], ["b#opened", 100]]) is None


def test_old_events_are_forgotten() -> None:
    mine = Completeness()
    mine.expect_from(0)
    mine.add("a#opened", 1)
    mine.add("b#opened", 2 + REMEMBERED_MS)
    assert mine.missing_since([]) is None
    assert mine.missing_since([["a#opened", 1]]) == 1
