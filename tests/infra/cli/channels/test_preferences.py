"""Preferences read from options, and what is refused with its fix."""

from typing import Any

import pytest
from signalengine_aws.delivery.subscriptions import Subscription

from infra.cli.channels.preferences import changes, summary
from infra.errors import CommandError


@pytest.mark.parametrize(
    ("option", "text", "field", "value"),
    [
        ("symbols", "BTC,ethusdt", "symbols", ("BTCUSDT", "ETHUSDT")),
        ("symbols", "all", "symbols", ()),
        ("strategies", "classic, donchian@fast", "strategies", ("classic", "donchian@fast")),
        ("direction", "long", "direction", "long"),
        ("direction", "both", "direction", None),
        ("min_score", 70, "min_score", 0.7),
        ("quiet", "22-7", "quiet", (22, 7)),
        ("quiet", "off", "quiet", None),
        ("timezone", "Europe/Zurich", "timezone", "Europe/Zurich"),
        ("opened", "silent", "opened", "silent"),
        ("closed", "off", "closed", "off"),
        ("language", "es", "language", "es"),
        ("digest_after_quiet", True, "digest_after_quiet", True),
    ],
)
def test_an_option_sets_its_field(option: str, text: Any, field: str, value: Any) -> None:
    found = changes({option: text, "opened" if option != "opened" else "closed": None})
    assert found == {field: value}
    assert getattr(Subscription("x:1", **found), field) == value


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("symbols", "BTC;ETH"), ("symbols", ",".join(f"A{n}" for n in range(31))),
        ("direction", "up"), ("min_score", 101), ("min_score", -1), ("quiet", "25-7"),
        ("quiet", "7-7"), ("timezone", "Mars/Base"), ("opened", "loud"), ("language", "english"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_fix(option: str, value: Any) -> None:
    with pytest.raises(CommandError) as caught:
        changes({option: value})
    assert caught.value.fix


def test_preferences_are_one_line() -> None:
    assert summary(Subscription("x:1")) == "all symbols"
    one = Subscription(
        "x:1", symbols=("BTCUSDT",), direction="long", strategies=("donchian",), min_score=0.7,
        closed="off", quiet=(22, 7), timezone="Europe/Zurich", digest_after_quiet=True,
        language="es",
    )  # fmt: skip
    assert summary(one) == (
        "BTCUSDT; long; donchian; score 70% or more; closings off; "
        "quiet 22-07 Europe/Zurich, then a digest; es"
    )
