"""A figure as a standalone SVG that follows the reader's light or dark theme."""

from typing import Final

from research.figures.curves import Curve, Figure, Panel
from research.reports.markup import Html, joined, number, tag
from research.reports.plot import Axes, Picture, path, ticks

PANEL: Final = 380
HEIGHT: Final = 236
STYLE: Final = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#55606e}"
    ".title{font-weight:600;font-size:13px;fill:#17202b}.card{fill:#fff;stroke:#d9dee5}"
    "path{fill:none;stroke:#eceff3}.base{stroke:#aab3bf}"
    ".long{stroke:#0b7d6b;stroke-width:2.5}.short{stroke:#c2452d;stroke-width:2.5;"
    "stroke-dasharray:7 4}.both{stroke:#2458c5;stroke-width:2.5}"
    ".thin{stroke-width:1.5;stroke-dasharray:none}.dots{stroke-width:1.75;stroke-dasharray:2 3}"
    "@media(prefers-color-scheme:dark){text{fill:#a3afbd}.title{fill:#e7ecf2}"
    ".card{fill:#18202a;stroke:#344050}path{stroke:#263140}.base{stroke:#5b6878}"
    ".long{stroke:#3fc2aa}.short{stroke:#ff8a6e}.both{stroke:#7eabff}}"
)


def drawn(figure: Figure) -> str:
    """Return the file's text; the same figure gives the same bytes."""
    width = PANEL * len(figure.panels)
    panels = [
        tag("g", _panel(panel), transform=f"translate({k * PANEL} 0)")
        for k, panel in enumerate(figure.panels)
    ]
    card = tag(
        "rect", x=0.5, y=0.5, width=float(width - 1), height=float(HEIGHT - 1), rx=8, class_="card"
    )
    body = joined(tag("title", figure.caption), tag("style", Html(STYLE)), card, *panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}">{body}</svg>\n'
    )


def _panel(panel: Panel) -> Html:
    picture = Picture(PANEL, HEIGHT, panel.title)
    points = [x for curve in panel.curves for x, _ in curve.points]
    span = (min(min(points), panel.marks[0][0]), max(points))
    axes = Axes.within(picture, span, (0.0, 1.04), left=40, right=28, top=58, bottom=44)
    picture.text(16, 22, panel.title, "title")
    _legend(picture, panel.curves)
    for value in ticks(0.0, 1.0, 4):
        picture.line(axes.x.start, axes.y(value), axes.x.end, axes.y(value), "grid")
        picture.text(axes.x.start - 7, axes.y(value) + 4, f"{value:g}", "tick", "end")
    axes.draw_x(picture, panel.x_title, panel.marks)
    for curve in reversed(panel.curves):
        places = [(axes.x(x), axes.y(y)) for x, y in curve.points]
        picture.add(tag("path", d=path(places), class_=curve.style, stroke_linejoin="round"))
    return joined(*picture.parts)


def _legend(picture: Picture, curves: tuple[Curve, ...]) -> None:
    at = 16.0
    for curve in curves:
        picture.add(tag("path", d=f"M{number(at)} 38h22", class_=curve.style))
        picture.text(at + 27, 42, curve.name)
        at += 27 + 6.4 * len(curve.name) + 16
