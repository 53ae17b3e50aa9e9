"""The sentence about the symbols that are missing."""

from research.data.listings.history import listings
from research.data.listings.survivorship import survivorship
from tests.research.data.listings.test_history import day, snapshot

SNAPSHOTS = [
    snapshot(10, A=(0, None, True), B=(0, None, True), C=(0, 15, True), D=(0, None, True)),
    snapshot(20, A=(0, None, True), D=(0, None, True)),
]


def test_without_a_list_of_contracts_it_says_that_nothing_is_known():
    text = survivorship(listings([]), ["A"], day(1))
    assert text == (
        "Which symbols traded on 2026-02-02 is unknown: there is no list of contracts here. Fetch "
        "one: signalengine data fetch exchange-info. Delisted symbols may be missing: results on "
        "this set flatter longs."
    )


def test_before_the_first_list_it_says_what_cannot_be_known():
    assert survivorship(listings(SNAPSHOTS), ["A", "D"], day(1)) == (
        "Of the 4 symbols known to have traded on 2026-02-02, 2 are here. 2 of the missing have "
        "been delisted since (B, C). Symbols that were delisted and removed before 2026-02-11, the "
        "first list of contracts, are unknown. Results on this set flatter longs."
    )


def test_between_two_lists_what_disappeared_is_unsure():
    assert survivorship(listings(SNAPSHOTS), ["A", "C", "D"], day(12)) == (
        "Of the 3 symbols trading on 2026-02-13, 3 are here. 1 more may have been delisted by "
        "then: between two lists of contracts."
    )


def test_a_complete_set_flatters_nobody():
    text = survivorship(listings(SNAPSHOTS), ["A", "D"], day(21))
    assert text == "Of the 2 symbols trading on 2026-02-22, 2 are here."
