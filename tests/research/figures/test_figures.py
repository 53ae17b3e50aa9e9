"""The pictures are those of the engine, and every component has one, and words."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from signalengine.params import WEIGHTS
from signalengine.policy import default_policy
from signalengine.scoring import components
from signalengine.signals import COMPONENTS

from research.figures.__main__ import main
from research.figures.curves import PRICE, Figure, figures, snapshot
from research.figures.drawing import drawn
from tests.paths import ROOT

IMAGES = ROOT / "docs" / "images" / "scores"
DOCUMENT = (ROOT / "docs" / "scores.md").read_text()
FIGURES = {figure.component: figure for figure in figures()}


def points(figure: Figure, style: str, panel: int = 0) -> dict[float, float]:
    (curve,) = (c for c in figure.panels[panel].curves if c.style == style)
    return {round(x, 6): round(y, 6) for x, y in curve.points}


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_picture_is_what_would_be_drawn_now(component: str) -> None:
    path = IMAGES / f"{component}.svg"
    words = "draw them again: python -m research.figures docs/images/scores"
    assert path.read_text() == drawn(FIGURES[component]), words


def test_there_is_a_picture_of_every_component_and_no_other() -> None:
    assert list(FIGURES) == list(COMPONENTS)
    assert {path.stem for path in IMAGES.iterdir()} == set(COMPONENTS)


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_is_documented_with_its_weight_and_picture(component: str) -> None:
    weight = default_policy().numbers[WEIGHTS + COMPONENTS.index(component)]
    title = f"## `{component}` (weight {weight:.2f})"
    assert title in DOCUMENT
    body = DOCUMENT.split(title)[1].split("\n## ")[0]
    assert f"](images/scores/{component}.svg)" in body
    assert len(re.sub(r"!\[.*\)", "", body).split()) > 20


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_picture_is_well_formed_and_says_what_it_shows(component: str) -> None:
    svg = ElementTree.fromstring((IMAGES / f"{component}.svg").read_text())  # noqa: S314 - our own file
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    title = svg.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == FIGURES[component].says


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
    components(snapshot(), 1.0, default_policy().numbers, out)
    assert PRICE > 0.0
    known = [name for name, x in zip(COMPONENTS, out, strict=True) if x == x]
    assert known == ["structure"]


def test_the_command_draws_the_same_files(tmp_path: Path) -> None:
    main(tmp_path)
    for path in IMAGES.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
