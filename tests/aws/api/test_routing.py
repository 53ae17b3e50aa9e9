"""A route: its name, its errors, and the values of a request."""

import pytest
from signalengine_aws.api import parameters as p
from signalengine_aws.api.routing import Request, Route


def answer(_services: object, _: Request, **values: object) -> dict[str, object]:
    """The text for the docs."""
    return values


ROUTE = Route("/a/{signal_id}", "A", "T", answer, parameters=(p.signal_id(), p.limit()))


def test_an_operation_is_named_by_method_and_path() -> None:
    assert ROUTE.name == "get_a_signal_id"
    assert Route("/x.json", "X", "T", answer, method="POST").name == "post_x_json"


def test_the_notes_are_the_docstring_of_the_function() -> None:
    assert ROUTE.notes == "The text for the docs."


def test_an_open_route_has_no_errors_of_the_token_or_the_database() -> None:
    assert ROUTE.errors == {"400", "401", "503"}
    assert Route("/x", "X", "T", answer, open=True, raises=("404",)).errors == {"400", "404"}


def test_values_come_from_the_path_and_the_query() -> None:
    signal_id = "0" * 24
    assert ROUTE.values({"limit": "5"}, {"signal_id": signal_id}) == {
        "signal_id": signal_id,
        "limit": 5,
    }
    with pytest.raises(p.QueryError):
        ROUTE.values({"signal_id": signal_id}, {"signal_id": signal_id})
