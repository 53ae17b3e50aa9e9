"""The OpenAPI document, generated from the routes, whose declarations also validate requests.

Powertools' own validation and OpenAPI need pydantic, which would add a third to this function's
cold start (docs/decisions/0029-the-api-without-pydantic.md).
"""

from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Any, Final, Literal, NotRequired, Union, get_args, get_origin, get_type_hints
from typing import is_typeddict as is_shape

from .routing import JSON, Problem, Route

VERSION: Final = "3.1.0"
_PLAIN: Final[dict[Any, str]] = {
    str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null",
}  # fmt: skip
ERRORS: Final = {
    "400": "A parameter is invalid; `detail` names it",
    "401": "A token is configured, and it is missing or wrong",
    "404": "It does not exist",
    "429": "Too many requests; retry after `Retry-After` seconds",
    "503": "The database did not answer; try again",
}


def document(routes: Iterable[Route], *, version: str) -> dict[str, Any]:
    """Return the document of all routes."""
    shapes: dict[str, Any] = {}
    schema_of(Problem, shapes)
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, shapes)
    return {
        "openapi": VERSION,
        "info": {
            "title": "SignalEngine",
            "version": version,
            "description": "Explainable trading signals. Times are ms, UTC, unless said otherwise.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": shapes,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "operator": {"type": "apiKey", "in": "header", "name": "X-Operator-Token"},
            },
        },
    }


def _operation(route: Route, shapes: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": route.summary,
        "operationId": route.name,
        "tags": [route.tag],
        "responses": {
            "200": {
                "description": "The answer",
                "content": {kind: {"schema": _answer(route, shapes)} for kind in route.kinds},
            },
            **{code: _problem(code) for code in sorted(route.errors)},
        },
    }
    if route.method == "GET":
        found["responses"]["304"] = {"description": "Not modified (If-None-Match)"}
    if route.parameters:
        found["parameters"] = [
            {
                "name": one.name,
                "in": one.place,
                "required": one.required,
                "description": one.about,
                "schema": dict(one.schema),
            }
            for one in route.parameters
        ]
    if route.body is not None:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": dict(route.body())}}}
    found["security"] = _security(route)
    return found


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.operator:
        return [{"operator": []}]
    return [{}] if route.open else [{}, {"bearer": []}, {"key": []}]


def _answer(route: Route, shapes: dict[str, Any]) -> dict[str, Any]:
    shape = route.answer_shape
    return {"type": "string"} if shape is None else schema_of(shape, shapes)


def _problem(code: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
    return {"description": ERRORS[code], "content": content}


def schema_of(shape: Any, shapes: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a type; TypedDicts are put into `shapes` and referred to."""
    if shape is Any:
        return {}
    if shape in _PLAIN:
        return {"type": _PLAIN[shape]}
    if is_shape(shape):
        return _object(shape, shapes)
    origin, of = get_origin(shape), get_args(shape)
    if origin is NotRequired:
        return schema_of(of[0], shapes)
    if origin is Literal:
        return {"enum": list(of)}
    if origin is list:
        return {"type": "array", "items": schema_of(of[0], shapes)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(of[1], shapes)}
    if origin in (Union, UnionType):
        return {"anyOf": [schema_of(one, shapes) for one in of]}
    raise TypeError(f"{shape} has no schema")


def _object(shape: Any, shapes: dict[str, Any]) -> dict[str, Any]:
    """Put a TypedDict's schema into `shapes`; an undeclared property is an error."""
    name = shape.__name__
    if name not in shapes:
        shapes[name] = {}  # ends the recursion of a shape that contains itself
        hints = get_type_hints(shape)
        shapes[name] = {
            "type": "object",
            "properties": {key: schema_of(value, shapes) for key, value in hints.items()},
            "required": sorted(shape.__required_keys__),
            "additionalProperties": False,
            **({"description": " ".join(shape.__doc__.split())} if shape.__doc__ else {}),
        }
    return {"$ref": f"#/components/schemas/{name}"}
