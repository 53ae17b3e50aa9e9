"""Who traded when: from listings, deliveries, and disappearances between snapshots."""

from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS

from research.data.listings.history import listings
from research.data.listings.snapshots import Contract, Snapshot
from tests.research.data.recordings import START

FAR = 4_133_404_800_000


def day(number):
    return START + number * DAY_MS


def snapshot(number, **contracts):
    """Return a snapshot of a day; a contract is (onboard, delivery or None, trading)."""
    listed = {
        name: Contract(name, trading, day(onboard), FAR if delivery is None else day(delivery))
        for name, (onboard, delivery, trading) in contracts.items()
    }
    return Snapshot(day(number), listed)


def test_listings_and_deliveries_are_known_to_the_ms():
    found = listings([snapshot(10, A=(0, None, True), B=(5, 20, True), C=(2, 8, False))])
    assert found.universe_at(day(1)).symbols == {"A"}
    assert found.universe_at(day(5)).symbols == {"A", "B", "C"}
    assert found.universe_at(day(8) - 1).symbols == {"A", "B", "C"}
    assert found.universe_at(day(8)).symbols == {"A", "B"}
    assert found.universe_at(day(30)).symbols == {"A", "B"}  # not over yet, as far as it is known
    assert found.end_of("C") == day(8)
    assert found.end_of("A") is None


def test_before_the_first_snapshot_the_universe_is_incomplete():
    found = listings([snapshot(10, A=(0, None, True))])
    assert not found.universe_at(day(9)).complete
    assert found.universe_at(day(10)).complete
    assert listings([]).universe_at(day(1)).symbols == frozenset()


def test_what_disappears_between_two_snapshots_is_unsure_between_them():
    found = listings([
        snapshot(10, A=(0, None, True), B=(0, None, True), C=(0, 15, True)),
        snapshot(20, A=(0, None, True)),
    ])  # fmt: skip
    assert found.universe_at(day(10) - 1).symbols == {"A", "B", "C"}
    between = found.universe_at(day(14))
    assert (between.symbols, between.unsure) == ({"A", "C"}, {"B"})
    assert found.universe_at(day(15)).symbols == {"A"}  # C was delivered on a known day
    after = found.universe_at(day(20))
    assert (after.symbols, after.unsure) == ({"A"}, frozenset())
    assert found.end_of("B") == day(20)


def test_a_halted_contract_is_listed_and_does_not_trade():
    found = listings([snapshot(10, A=(0, None, True)), snapshot(20, A=(0, None, False))])
    assert found.universe_at(day(19)).symbols == {"A"}
    assert found.universe_at(day(21)).symbols == frozenset()
    assert found.universe_at(day(21)).halted == {"A"}


def test_a_symbol_that_is_listed_again_has_two_listings():
    found = listings([snapshot(10, A=(0, 9, False)), snapshot(20, A=(15, None, True))])
    assert [(one.start, one.end) for one in found.listings] == [(day(0), day(9)), (day(15), None)]
    assert found.universe_at(day(12)).symbols == frozenset()
    assert found.universe_at(day(16)).symbols == {"A"}
    assert found.end_of("A") is None


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    lives=st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 40), st.booleans()), min_size=1, max_size=6
    ),
    taken=st.sets(st.integers(0, 60), min_size=1, max_size=5),
    at=st.integers(0, 60),
)
def test_nothing_that_is_said_for_certain_is_wrong(lives, taken, at):
    """Made histories: a contract trades from its start to its end, then it is removed.

    Its delivery is announced beforehand, or never.
    """
    made = {f"S{n}": (start, start + length, told) for n, (start, length, told) in enumerate(lives)}
    snaps = [
        snapshot(when, **{
            name: (start, end if announced else None, True)
            for name, (start, end, announced) in made.items() if start <= when < end
        })
        for when in sorted(taken)
    ]  # fmt: skip
    truth = {name for name, (start, end, _) in made.items() if start <= at < end}
    found = listings(snaps).universe_at(day(at))
    last = max(taken)
    seen = {name for one in snaps for name in one.contracts}
    if at <= last:
        assert found.symbols <= truth
        assert truth & seen <= found.symbols | found.unsure
    for name in found.unsure:
        assert not made[name][2]
