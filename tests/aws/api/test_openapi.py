"""JSON schemas of the answers' types."""

from typing import Any, Literal, NotRequired, TypedDict

import pytest
from signalengine_aws.api.openapi import document, schema_of
from signalengine_aws.api.routing import Route


class Inner(TypedDict):
    """One row."""

    x: float | None


class Outer(TypedDict):
    rows: list[Inner]
    kind: Literal["a", "b"]
    notes: NotRequired[dict[str, str]]


def test_a_typed_dict_becomes_a_closed_object() -> None:
    shapes: dict[str, Any] = {}
    assert schema_of(Outer, shapes) == {"$ref": "#/components/schemas/Outer"}
    outer = shapes["Outer"]
    assert outer["required"] == ["kind", "rows"]
    assert outer["additionalProperties"] is False
    assert outer["properties"]["kind"] == {"enum": ["a", "b"]}
    assert outer["properties"]["rows"]["items"] == {"$ref": "#/components/schemas/Inner"}
    assert shapes["Inner"]["description"] == "One row."
    assert shapes["Inner"]["properties"]["x"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}


def test_a_type_without_a_schema_is_refused() -> None:
    with pytest.raises(TypeError, match="no schema"):
        schema_of(set[int], {})


def test_an_open_route_needs_no_token() -> None:
    routes = [
        Route("/open", "Open", "T", lambda *_: {}, Outer, open=True),
        Route("/closed", "Closed", "T", lambda *_: {}, Outer),
    ]
    paths = document(routes, version="1")["paths"]
    assert paths["/open"]["get"]["security"] == [{}]
    assert "401" not in paths["/open"]["get"]["responses"]
    assert "401" in paths["/closed"]["get"]["responses"]
