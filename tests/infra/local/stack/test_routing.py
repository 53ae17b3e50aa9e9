"""The functions of an account call through a proxy; everything else of them stays."""

from typing import Any

from infra.local.stack.routing import route_functions, routed

PROXY = "http://127.0.0.1:4000"


class Lambdas:
    """Two pages of functions, and the changes to them."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages = pages
        self.changes: dict[str, dict[str, str]] = {}

    def get_paginator(self, _name: str) -> "Lambdas":
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Functions": page} for page in self.pages]

    def update_function_configuration(
        self,
        FunctionName: str,  # noqa: N803 - AWS's names
        Environment: dict[str, dict[str, str]],  # noqa: N803 - AWS's names
    ) -> None:
        self.changes[FunctionName] = Environment["Variables"]


def test_a_function_keeps_its_variables() -> None:
    assert routed({"TABLE": "t"}, PROXY) == {"TABLE": "t", "AWS_ENDPOINT_URL": PROXY}


def test_posts_to_clients_go_through_the_proxy_too() -> None:
    before = {"EXECUTE_API_BASE": "http://localhost:1/_aws/execute-api"}
    assert routed(before, PROXY)["EXECUTE_API_BASE"] == f"{PROXY}/_aws/execute-api"
    assert routed({"EXECUTE_API_BASE": ""}, PROXY)["EXECUTE_API_BASE"] == ""


def test_every_function_of_every_page_is_changed() -> None:
    one = {"FunctionName": "one", "Environment": {"Variables": {"A": "1"}}}
    lambdas = Lambdas([one], [{"FunctionName": "two"}])
    assert route_functions(lambdas, PROXY) == 2
    assert lambdas.changes == {
        "one": {"A": "1", "AWS_ENDPOINT_URL": PROXY},
        "two": {"AWS_ENDPOINT_URL": PROXY},
    }
