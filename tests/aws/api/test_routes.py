"""Every route is documented: its summary, its notes and its example."""

import json
from typing import is_typeddict

import pytest
from signalengine_aws.api.routes import ROUTES
from signalengine_aws.api.routing import JSON, Route

JSON_ROUTES = [
    route for route in ROUTES if route.kinds == (JSON,) and route.path != "/openapi.json"
]


def test_a_path_and_method_has_one_route() -> None:
    assert len({(route.path, route.method) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", JSON_ROUTES, ids=lambda route: route.path)
def test_an_example_is_json_with_the_fields_of_its_shape(route: Route) -> None:
    example = json.loads(route.example)
    assert route.notes
    if is_typeddict(route.answer_shape):
        fields = route.answer_shape.__required_keys__ | route.answer_shape.__optional_keys__
        assert set(example) <= fields
        assert route.answer_shape.__required_keys__ <= set(example)
