"""Pictures of a run over time, as standalone SVG that follows the reader's light or dark theme."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from research.reports.markup import Html, joined, number, tag
from research.reports.plot import Axes, Picture, path, ticks

Point = tuple[float, float]
WIDTH: Final = 380
HEIGHT: Final = 236
MOST_POINTS: Final = 150
_LIGHT: Final = ("#2458c5", "#c2452d", "#0b7d6b", "#8a5cc4", "#a06a00", "#5b6878", "#c03a86",
                 "#3a8fb7", "#6b8e23", "#444")  # fmt: skip
_DARK: Final = ("#7eabff", "#ff8a6e", "#3fc2aa", "#c3a1f0", "#e0b050", "#a3afbd", "#ff8fc8",
                "#7fd0ee", "#b5d66b", "#ccc")  # fmt: skip
STYLE: Final = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#55606e}"
    ".title{font-weight:600;font-size:13px;fill:#17202b}.card{fill:#fff;stroke:#d9dee5}"
    "path{fill:none;stroke:#eceff3}.base{stroke:#aab3bf}.key{font-size:11px}"
    + "".join(f".c{n}{{stroke:{colour};stroke-width:1.75}}" for n, colour in enumerate(_LIGHT))
    + "@media(prefers-color-scheme:dark){text{fill:#a3afbd}.title{fill:#e7ecf2}"
    ".card{fill:#18202a;stroke:#344050}path{stroke:#263140}.base{stroke:#5b6878}"
    + "".join(f".c{n}{{stroke:{colour}}}" for n, colour in enumerate(_DARK))
    + "}"
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: named lines over seconds."""

    title: str
    lines: Sequence[tuple[str, Sequence[Point]]]


def drawn(caption: str, panels: Sequence[Panel]) -> str:
    """Return the file's text; the same panels give the same bytes."""
    width = WIDTH * len(panels)
    body = [
        tag("g", _panel(panel), transform=f"translate({k * WIDTH} 0)")
        for k, panel in enumerate(panels)
    ]
    card = tag(
        "rect", x=0.5, y=0.5, width=float(width - 1), height=float(HEIGHT - 1), rx=8, class_="card"
    )
    inside = joined(tag("title", caption), tag("style", Html(STYLE)), card, *body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}">{inside}</svg>\n'
    )


def thinned(line: Sequence[Point]) -> list[Point]:
    """Return at most some `MOST_POINTS` of a line, its last one among them (pure)."""
    step = max(1, len(line) // MOST_POINTS)
    return [*line[::step], *line[-1:]]


def _panel(panel: Panel) -> Html:
    picture = Picture(WIDTH, HEIGHT, panel.title)
    points = [point for _, line in panel.lines for point in line] or [(0.0, 0.0)]
    until, top = max(x for x, _ in points) or 1.0, max(y for _, y in points) * 1.05 or 1.0
    rows = -(-len(panel.lines) // 3)
    axes = Axes.within(
        picture, (0.0, until), (0.0, top), left=54, right=12, top=36 + 15 * rows, bottom=44
    )
    picture.text(16, 22, panel.title, "title")
    for n, (name, _) in enumerate(panel.lines):
        x, y = 14 + 122 * (n % 3), 40 + 15 * (n // 3)
        picture.add(tag("path", d=f"M{number(x)} {number(y - 4)}h11", class_=f"c{n}"))
        picture.text(x + 15, y, name, "key")
    for value in ticks(0.0, top, 4):
        picture.line(axes.x.start, axes.y(value), axes.x.end, axes.y(value), "grid")
        picture.text(axes.x.start - 7, axes.y(value) + 4, f"{value:,.0f}", "tick", "end")
    minutes = until / 60
    axes.draw_x(
        picture, "minutes", [(value * 60, f"{value:g}") for value in ticks(0.0, minutes, 6)]
    )
    for n, (_, line) in enumerate(panel.lines):
        places = [(axes.x(x), axes.y(y)) for x, y in thinned(line)]
        picture.add(tag("path", d=path(places), class_=f"c{n}", stroke_linejoin="round"))
    return joined(*picture.parts)
