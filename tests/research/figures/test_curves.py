"""The curves of every component: within 0 and 1, with the policy's corners."""

import pytest
from signalengine.policy import default_policy
from signalengine.signals import COMPONENTS
from signalengine.strategies.classic import components

from research.figures.curves import PRICE, Figure, snapshot
from tests.research.figures.samples import FIGURES


def points(figure: Figure, style: str, panel: int = 0) -> dict[float, float]:
    (curve,) = (c for c in figure.panels[panel].curves if c.style == style)
    return {round(x, 6): round(y, 6) for x, y in curve.points}


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_curve_stays_within_zero_and_one(component: str) -> None:
    for panel in FIGURES[component].panels:
        for curve in panel.curves:
            assert len(curve.points) > 1
            assert all(0.0 <= y <= 1.0 for _, y in curve.points)
    tops = [y for p in FIGURES[component].panels for c in p.curves for _, y in c.points]
    assert max(tops) == 1.0


def test_the_corners_are_where_the_policy_puts_them() -> None:
    assert points(FIGURES["trend"], "long")[0.3] == pytest.approx(1.0)
    assert points(FIGURES["trend"], "long thin")[0.5] == pytest.approx(0.4)
    assert points(FIGURES["liquidation"], "long", 1)[0.001] == pytest.approx(0.1)
    assert points(FIGURES["volatility"], "both")[2.0] == 1.0
    assert points(FIGURES["vwap"], "short")[-2.0] == 1.0
    assert points(FIGURES["structure"], "long dots")[3.0] == pytest.approx(0.3)
    assert points(FIGURES["event"], "long thin")[0.0] == 0.625


def test_the_snapshot_of_the_curves_is_one_that_scores() -> None:
    out = [0.0] * 7
    components((), snapshot(), 1.0, default_policy().numbers, out)
    assert PRICE > 0.0
    known = [name for name, x in zip(COMPONENTS, out, strict=True) if x == x]
    assert known == ["structure"]
