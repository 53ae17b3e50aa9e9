"""The command draws every picture, and every component is documented with its own."""

import re
from pathlib import Path

import pytest
from signalengine.params import WEIGHTS
from signalengine.policy import default_policy
from signalengine.signals import COMPONENTS

from research.figures.__main__ import main
from tests.paths import ROOT
from tests.research.figures.samples import FIGURES, IMAGES

DOCUMENT = (ROOT / "docs" / "scores.md").read_text()


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


def test_the_command_draws_the_same_files(tmp_path: Path) -> None:
    main(tmp_path)
    for path in IMAGES.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
