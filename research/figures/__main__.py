"""Draw the pictures: `python -m research.figures docs/images/scores`."""

import sys
from pathlib import Path

from research.figures.curves import figures
from research.figures.drawing import drawn


def main(folder: Path) -> None:
    """Write one SVG a component."""
    folder.mkdir(parents=True, exist_ok=True)
    for figure in figures():
        (folder / f"{figure.component}.svg").write_text(drawn(figure))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
