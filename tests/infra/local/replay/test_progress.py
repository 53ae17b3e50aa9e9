"""A replay waits as long as something is on its way, and no longer."""

import pytest

from infra.local.replay.progress import LOOK_AFTER_S, QUIET_S, OnItsWay, StallDetector

HELD = OnItsWay("1 message is held", 360.0)


class Replay:
    """A detector under a clock that the test moves, and what is on its way."""

    def __init__(self) -> None:
        self.now, self.on_its_way, self.looks = 0.0, list[OnItsWay](), 0
        self.stall = StallDetector(lambda: self.now)

    def look(self) -> list[OnItsWay]:
        self.looks += 1
        return self.on_its_way

    def at(self, seconds: float, mark: str = "folding") -> StallDetector:
        """Read once a second until then."""
        while self.now < seconds:
            self.now += 1.0
            self.stall.observe(mark, self.look)
        return self.stall


def test_without_anything_on_its_way_it_is_over_after_the_quiet_time() -> None:
    replay = Replay()
    assert not replay.at(QUIET_S).over
    assert replay.at(QUIET_S + 2.0).over
    assert replay.stall.waits_for == ""


def test_every_advance_begins_the_quiet_time_again() -> None:
    replay = Replay()
    for minute in range(20):
        assert not replay.at((minute + 1) * 60.0, mark=str(minute)).over
    assert replay.stall.quiet_s < 60.0


def test_a_held_message_is_waited_for_as_long_as_its_visibility_time_out() -> None:
    replay = Replay()
    replay.on_its_way = [HELD]
    stall = replay.at(QUIET_S + 100.0)
    assert not stall.over
    assert stall.waits_for.startswith("1 message is held: expected within ")
    assert not replay.at(360.0 + LOOK_AFTER_S).over
    assert replay.at(360.0 + LOOK_AFTER_S + QUIET_S + 3.0).over


def test_a_message_that_returns_and_is_held_again_is_waited_for_again() -> None:
    replay = Replay()
    replay.on_its_way = [HELD]
    replay.at(370.0)
    replay.on_its_way = []
    replay.at(372.0)
    replay.on_its_way = [HELD]
    assert not replay.at(372.0 + 360.0 + QUIET_S - 10.0).over


def test_a_known_time_is_waited_for_even_if_it_moves() -> None:
    replay = Replay()
    for second in range(1, 1000, 50):
        replay.on_its_way = [OnItsWay("1 message has a slot", 1000.0 - second, exact=True)]
        assert not replay.at(float(second)).over
    replay.on_its_way = []
    assert replay.at(1400.0).over


def test_nothing_is_looked_for_while_the_replay_advances() -> None:
    replay = Replay()
    for second in range(1, 60):
        replay.at(float(second), mark=str(second))
    assert replay.looks == 0


@pytest.mark.parametrize("counts", [(3, 2, 1)])
def test_a_falling_count_is_an_advance(counts: tuple[int, ...]) -> None:
    replay = Replay()
    for number, count in enumerate(counts, 1):
        replay.on_its_way = [OnItsWay(f"{count} held", 0.0)]
        assert not replay.at(number * (QUIET_S - 20.0)).over
