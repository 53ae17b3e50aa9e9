"""Draw the pictures: `python -m research.figures docs/images/scores`."""

import sys
from pathlib import Path

from machine.files import write
from machine.terminal import program
from research.figures.curves import figures
from research.figures.drawing import drawn


def main(folder: Path) -> None:
    """Write one SVG a component."""
    for figure in figures():
        write(folder / f"{figure.component}.svg", drawn(figure))


if __name__ == "__main__":
    program(lambda: main(Path(sys.argv[1])))
