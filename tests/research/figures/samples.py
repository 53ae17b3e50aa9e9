"""The figures of the documentation, by component."""

from research.figures.curves import figures
from tests.paths import ROOT

IMAGES = ROOT / "docs" / "images" / "scores"
FIGURES = {figure.component: figure for figure in figures()}
