"""HTML and SVG elements. Text is escaped unless it is markup already."""

from html import escape
from typing import Final, TypeAlias

_VOID: Final = frozenset({"meta", "br", "hr"})


class Html(str):
    """Text that is markup; made by `tag` and `joined` only."""

    __slots__ = ()


Child: TypeAlias = "Html | str | int | None"
Attribute: TypeAlias = "str | int | float | None"


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """Return an element. `class_` is class, `_` in names becomes `-`; None leaves one out."""
    parts = [name]
    for key, value in attributes.items():
        if value is not None:
            label = key.rstrip("_").replace("_", "-")
            text = number(value) if isinstance(value, float) else str(value)
            parts.append(f'{_CASED.get(label, label)}="{escape(text)}"')
    head = " ".join(parts)
    if name in _VOID:
        return Html(f"<{head}>")
    return Html(f"<{head}>{joined(*children)}</{name}>")


def joined(*children: Child) -> Html:
    """Return the children one after the other, escaped where they are plain text."""
    return Html("".join(_escaped(child) for child in children if child is not None))


def number(value: float) -> str:
    """Return a coordinate: a tenth of a pixel is enough."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


_CASED: Final = {"viewbox": "viewBox"}


def _escaped(child: Html | str | int) -> str:
    return child if isinstance(child, Html) else escape(str(child))
