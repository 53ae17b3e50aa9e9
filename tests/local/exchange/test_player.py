"""The grid of updates."""

import pytest

from infra.local.exchange.player import FULL_SPEED_UPDATES, updates_a_minute


@pytest.mark.parametrize(
    ("speed", "updates"),
    [(0.1, 240), (1.0, 240), (2.0, 120), (10.0, 24), (40.0, 6), (60.0, 6), (10_000.0, 6),
     (None, FULL_SPEED_UPDATES)],
)  # fmt: skip
def test_updates_come_every_250_ms_of_the_wall_but_6_to_240_a_minute(
    speed: float | None, updates: int
) -> None:
    assert updates_a_minute(speed) == updates


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.7, 3.0, 4.2, 7.0, 13.0, 25.0, 60.0])
def test_a_grid_divides_the_minute_into_quarters_of_a_second(speed: float) -> None:
    count = updates_a_minute(speed)
    assert 60_000 % count == 0
    assert 60_000 // count % 250 == 0
    assert count <= max(240 / speed, 6)
