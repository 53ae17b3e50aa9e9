"""Stored bodies and items as other versions of the code might have written them."""

import json
from typing import Any

from hypothesis import strategies as st

NEWER = 99
ANYTHING = st.sampled_from([None, True, -1, 1.5, 10**30, "", "x", [], ["x"], {}, {"x": [1]}])
ATTRIBUTES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"S": "x"}, {"N": "7"}, {"NULL": True}, {"BOOL": True}, {"L": []}, {"M": {}}, {"B": b"x"}]
)


@st.composite
def bodies(draw: st.DrawFn, text: str) -> str:
    """Return a stored body with a field missing, added or of another type, or no body at all."""
    raw = json.loads(text)
    match draw(st.integers(0, 9)):
        case 0:
            return draw(
                st.sampled_from(["", "null", "[]", '"text"', "{", "{}", "NaN", "[" * 9_999])
            )
        case 1:
            return json.dumps(raw | {"v": draw(st.sampled_from([NEWER, None, "1", 2.0]))})
        case 2:
            return json.dumps(raw | {"unheard": draw(ANYTHING)})
    inner, name = _place(draw, raw)
    if draw(st.booleans()):
        del inner[name]
    else:
        inner[name] = draw(ANYTHING)
    return json.dumps(raw)


def _place(draw: st.DrawFn, raw: dict[str, Any]) -> tuple[Any, Any]:
    """Return any place of the document: what it is in, and its name or number there."""
    inner, name = raw, draw(st.sampled_from(sorted(raw)))
    while isinstance(inner[name], dict | list) and inner[name] and draw(st.booleans()):
        inner = inner[name]
        names = sorted(inner) if isinstance(inner, dict) else range(len(inner))
        name = draw(st.sampled_from(list(names)))
    return inner, name


@st.composite
def items(draw: st.DrawFn, item: dict[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    """Return an item with an attribute missing or of another type, or with another body."""
    name = draw(st.sampled_from(sorted(item.keys() - keys)))
    value = item[name]
    if "S" in value and value["S"].startswith("{") and draw(st.integers(0, 3)):
        return item | {name: {"S": draw(bodies(value["S"]))}}
    if draw(st.booleans()):
        return {key: one for key, one in item.items() if key != name}
    return item | {name: draw(ATTRIBUTES)}
