"""The pictures in the documentation are those of the current code."""

from xml.etree import ElementTree

import pytest
from signalengine.signals import COMPONENTS

from research.figures.drawing import drawn
from tests.research.figures.samples import FIGURES, IMAGES


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_picture_is_what_would_be_drawn_now(component: str) -> None:
    path = IMAGES / f"{component}.svg"
    words = "draw them again: python -m research.figures docs/images/scores"
    assert path.read_text() == drawn(FIGURES[component]), words


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_picture_is_well_formed_and_has_its_caption(component: str) -> None:
    svg = ElementTree.fromstring((IMAGES / f"{component}.svg").read_text())  # noqa: S314 - our own file
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    title = svg.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == FIGURES[component].caption
