"""Rankings of a universe."""

from signalengine.market_data import Universe, largest

KNOWN = Universe(frozenset({"AUSDT", "BUSDT", "CUSDT"}), {"TSLAUSDT": "its type"})


def test_symbols_are_ranked_by_volume_and_then_by_name() -> None:
    assert largest(KNOWN, {"AUSDT": 1.0, "CUSDT": 9.0, "TSLAUSDT": 99.0}, 2) == ("CUSDT", "AUSDT")
    assert largest(KNOWN, {}, 2) == ("AUSDT", "BUSDT")
    assert largest(KNOWN, {"BUSDT": 0.0}, 9) == ("BUSDT", "AUSDT", "CUSDT"), "unknown comes last"
