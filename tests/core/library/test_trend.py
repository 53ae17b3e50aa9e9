"""Directional movement where there is none, or only one."""

from .samples import closes, values


def test_a_market_that_never_moved_has_no_direction() -> None:
    assert values("adx", closes(*[7.0] * 40), 14.0)[-1].tolist() == [0.0, 0.0, 0.0]


def test_a_market_that_only_rises_has_one_direction() -> None:
    adx, plus, minus = values("adx", closes(*(100.0 + n for n in range(60))), 14.0)[-1]
    assert (adx, minus) == (100.0, 0.0)
    assert plus > 99.0


def test_the_adx_stays_where_no_direction_moves() -> None:
    """Both directions of a market that stands are 0 at once when the period is 1."""
    found = values("adx", closes(1.0, 2.0, 3.0, 3.0, 3.0), 1.0)
    assert found[2:].tolist() == [[100.0, 100.0, 0.0], [100.0, 0.0, 0.0], [100.0, 0.0, 0.0]]
