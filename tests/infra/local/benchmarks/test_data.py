"""The cost of a durable write: both sides get the same calls, in turns."""

from typing import cast

from infra.local.benchmarks.data import CALLS, Side, at_once, sides, timed


class Noted:
    """A side that notes its calls."""

    def __init__(self, name: str, log: list[str]) -> None:
        self._name, self._log = name, log

    def put(self, number: int) -> None:
        self._log.append(f"{self._name} {number}")


def test_the_sides_are_called_in_turns() -> None:
    log: list[str] = []
    both = {name: cast("Side", Noted(name, log)) for name in ("memory", "data")}
    found = timed(both, lambda side, number: side.put(number), 2)
    assert log == ["memory 0", "data 0", "memory 1", "data 1"]
    assert sorted(found) == ["data", "memory"]
    assert all(len(one) == 9 for one in found.values())


def test_every_call_is_made_on_both_emulators() -> None:
    with sides() as both:
        for call in CALLS.values():
            timed(both, call, 2)
        for side in both.values():
            rate = at_once(side, 4)
            assert rate > 0
            assert side.tables.scan(TableName="bench")["Count"] == 10
