"""Formats of single values."""

import pytest

from infra.cli.views.quoted import between, gain, level_pct, market_badge, money, score, side, state


def test_an_unknown_value_is_a_dash() -> None:
    found = (side(None).plain, score(None), money(None), gain(None).plain)
    assert found == ("–", "–", "–", "–")


def test_a_gain_has_its_sign_and_a_loss_too() -> None:
    assert (gain(1.884).plain, gain(-1.124).plain) == ("+1.88%", "-1.12%")
    assert between(1.0, -2.0).plain == "+1.00%, -2.00%"
    assert (gain(1.0).style, gain(-1.0).style) == ("green", "red")


@pytest.mark.parametrize(("direction", "shown"), [("long", "+2.00%"), ("short", "-2.00%")])
def test_a_level_is_a_gain_or_a_loss_by_direction(direction: str, shown: str) -> None:
    assert level_pct({"direction": direction, "entry_price": 100.0}, 102.0).plain == shown


def test_prices_that_are_not_live_are_marked() -> None:
    assert [market_badge(name).plain for name in ("live", None, "recording")] == [
        "", "", "[RECORDING] ",
    ]  # fmt: skip


def test_a_state_is_shown_with_its_mark() -> None:
    assert [state(name).plain for name in ("open", "tp_hit", "new_state")] == [
        "● open", "✓ tp hit", "new state",
    ]  # fmt: skip
