"""Axes: from values to places in a picture, with ticks that people would choose.

Pictures are SVG; their colours are the page's (by class), so that they follow its theme.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10

from research.reports.markup import Child, Html, joined, number, tag

Point = tuple[float, float]
Tick = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values low..high to places start..end, straight."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        part = (value - self.low) / span if span else 0.5
        return self.start + part * (self.end - self.start)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return about `count` round values in low..high (steps of 1, 2, 2.5 or 5 × a power of 10)."""
    if not high > low:
        return [low]
    rough = (high - low) / max(1, count)
    power = 10.0 ** floor(log10(rough))
    step = next(power * k for k in (1.0, 2.0, 2.5, 5.0, 10.0) if power * k >= rough * 0.7)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def padded(values: Iterable[float], *also: float, share: float = 0.05) -> tuple[float, float]:
    """Return the range of the values and of `also`, a little wider; never empty."""
    listed = [*values, *also]
    low, high = (min(listed), max(listed)) if listed else (0.0, 1.0)
    room = (high - low) * share or abs(high) * share or 1.0
    return low - room, high + room


@dataclass
class Picture:
    """A picture that is being drawn: places in pixels, the origin top left."""

    width: int
    height: int
    label: str
    """What is to be seen, for those who do not see it."""
    name: str = ""
    """Class of the picture."""
    parts: list[Html] = field(default_factory=list)

    def add(self, *parts: Html) -> None:
        self.parts.extend(parts)

    def text(self, x: float, y: float, words: Child, name: str = "", anchor: str = "start") -> None:
        """Write words; `anchor` start, middle or end."""
        self.add(
            tag(
                "text", words, x=x, y=y, class_=name or None,
                text_anchor=None if anchor == "start" else anchor,
            )
        )  # fmt: skip

    def line(self, x1: float, y1: float, x2: float, y2: float, name: str) -> None:
        self.add(tag("path", d=path(((x1, y1), (x2, y2))), class_=name))

    def rect(self, x: float, y: float, width: float, height: float, name: str) -> None:
        self.add(tag("rect", x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), class_=name))

    def dots(self, points: Iterable[Point], name: str) -> None:
        """Draw many dots as one element; those on one place are one."""
        places = dict.fromkeys(f"M{number(x)} {number(y)}h0" for x, y in points)
        if places:
            self.add(tag("path", d="".join(places), class_=f"dots {name}"))

    def svg(self) -> Html:
        """Return the picture."""
        return tag(
            "svg", joined(*self.parts), viewbox=f"0 0 {self.width} {self.height}", role="img",
            aria_label=self.label, class_=self.name or None,
            style=f"max-width:{round(self.width * 1.2)}px",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Axes:
    """The frame of a plot inside a picture."""

    x: Scale
    y: Scale

    @classmethod
    def within(
        cls,
        picture: Picture,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        left: float = 46,
        right: float = 10,
        top: float = 26,
        bottom: float = 40,
    ) -> "Axes":
        """Lay axes for these ranges into the picture, leaving the margins free."""
        return cls(Scale(*x, left, picture.width - right), Scale(*y, picture.height - bottom, top))

    def draw_y(
        self, picture: Picture, title: str, shown: Callable[[float], str], count: int = 5
    ) -> None:
        """Draw the grid and its values; the title stands above."""
        for value in ticks(self.y.low, self.y.high, count):
            at = self.y(value)
            picture.line(self.x.start, at, self.x.end, at, "grid")
            picture.text(self.x.start - 6, at + 4, shown(value), "tick", "end")
        picture.text(self.x.start, self.y.end - 12, title, "axis")

    def draw_x(self, picture: Picture, title: str, marks: Sequence[Tick]) -> None:
        """Draw the values below, and the title under them."""
        floor_ = self.y.start
        picture.line(self.x.start, floor_, self.x.end, floor_, "base")
        for value, words in marks:
            at = self.x(value)
            picture.line(at, floor_, at, floor_ + 4, "base")
            picture.text(at, floor_ + 17, words, "tick", "middle")
        middle = (self.x.start + self.x.end) / 2
        picture.text(middle, picture.height - 6, title, "axis", "middle")

    def across(self, picture: Picture, value: float, name: str) -> None:
        """Draw a level line."""
        picture.line(self.x.start, self.y(value), self.x.end, self.y(value), name)

    def down(self, picture: Picture, value: float, name: str) -> None:
        """Draw an upright line."""
        picture.line(self.x(value), self.y.start, self.x(value), self.y.end, name)


def path(points: Iterable[Point]) -> str:
    """Return the path along the points; a place is not named twice in a row."""
    out: list[str] = []
    for x, y in points:
        step = f"{number(x)} {number(y)}"
        if not out or out[-1] != step:
            out.append(step)
    return "M" + "L".join(out) if out else ""


def stairs(points: Sequence[Point], until: float) -> list[Point]:
    """Return the corners of a line that keeps each value until the next one."""
    out: list[Point] = []
    for n, (x, y) in enumerate(points):
        out.append((x, y))
        out.append((points[n + 1][0] if n + 1 < len(points) else until, y))
    return out


def key(picture: Picture, right: float, y: float, keys: Sequence[tuple[str, str]]) -> None:
    """Name the colours, from the right."""
    at = right
    for text, name in reversed(keys):
        at -= 6.3 * len(text)
        picture.text(at, y, text, "tick")
        if name.startswith("line"):
            picture.line(at - 20, y - 4, at - 5, y - 4, name)
        else:
            picture.rect(at - 15, y - 9, 10, 10, name)
        at -= 32
