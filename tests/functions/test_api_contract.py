"""The OpenAPI document tells the truth: every answer has its form, every bad word is refused."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from signalengine_aws.routes import ROUTES
from signalengine_aws.routing import Route

from tests.functions.asking import Answer, ask
from tests.functions.conftest import Lived

GETS = [route for route in ROUTES if route.method == "GET"]


@pytest.fixture(scope="module")
def document(lived: object) -> dict[str, Any]:
    found: dict[str, Any] = ask("/openapi.json").body
    return found


def validate(document: dict[str, Any], answer: Answer, route: Route) -> None:
    """Check an answer against what the document says of it."""
    responses = document["paths"][route.path][route.method.lower()]["responses"]
    assert str(answer.status) in responses, f"{route.path} may not answer {answer.status}"
    content = responses[str(answer.status)]["content"]
    assert answer.kind in content
    schema = content[answer.kind]["schema"]
    if "json" in answer.kind:
        whole = {**schema, "components": document["components"]}
        Draft202012Validator(whole).validate(answer.body)


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_in_the_document(document: dict[str, Any]) -> None:
    assert {(path, method) for path, of in document["paths"].items() for method in of} == {
        (route.path, route.method.lower()) for route in ROUTES
    }


EXAMPLES: dict[str, list[dict[str, str]]] = {
    "/signals": [{"status": "closed"}, {"status": "open"}, {"symbol": "BTCUSDT", "limit": "1"}],
    "/decisions": [{"verdict": "below_threshold"}, {"symbol": "ETHUSDT"}],
    "/events": [{"type": "ema_cross"}, {"symbol": "ETHUSDT", "limit": "3"}],
    "/events/stats": [{"day": "2025-05-19"}],
    "/performance": [{"days": "1"}, {"symbol": "ETHUSDT"}, {"market": "simulated"}],
    "/gaps": [{"day": "2025-05-19"}],
    "/bars": [{"symbol": "BTCUSDT"}, {"symbol": "ETHUSDT", "interval": "1h"}],
}


@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
def test_every_answer_has_the_form_that_the_document_says(
    lived: Lived, document: dict[str, Any], route: Route
) -> None:
    signal_id = lived.signals[0].signal_id
    path = route.path.replace("{signal_id}", signal_id)
    needs = any(one.required and one.place == "query" for one in route.parameters)
    for query in [*([] if needs else [{}]), *EXAMPLES.get(route.path, [])]:
        answer = ask(path, query)
        assert answer.status == 200, answer.text
        validate(document, answer, route)


ODD = st.one_of(
    st.sampled_from(["", "0", "-1", "x", "1e3", "NaN", "null", "[]", "é", "%", "\n", "9" * 99]),
    st.text(max_size=40),
)


@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_whatever_is_sent_is_answered_as_the_document_says(
    lived: Lived, document: dict[str, Any], route: Route, data: st.DataObject
) -> None:
    names = [one.name for one in route.parameters if one.place == "query"]
    query = {name: data.draw(ODD, label=name) for name in names if data.draw(st.booleans())}
    path = route.path.replace("{signal_id}", data.draw(st.sampled_from(["x", "0" * 24])))
    answer = ask(path, query)
    assert answer.status in (200, 400, 404)
    validate(document, answer, route)
    if answer.status == 400 and "detail" in answer.body:
        named = answer.body["detail"].split(":")[0]
        assert named in {one.name for one in route.parameters}
