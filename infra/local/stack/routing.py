"""Makes the deployed functions call AWS through a proxy: two variables of their environment."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

EXECUTE_API: Final = "/_aws/execute-api"


class Proxy(Protocol):
    """A server between the functions and the embedded AWS."""

    upstream: str
    """The base URL of the embedded AWS."""

    @property
    def port(self) -> int: ...

    @property
    def endpoint(self) -> str: ...


def routed(variables: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """Return a function's environment with the proxy for the embedded AWS, its sockets too."""
    through = {"AWS_ENDPOINT_URL": endpoint}
    if variables.get("EXECUTE_API_BASE"):
        through["EXECUTE_API_BASE"] = f"{endpoint}{EXECUTE_API}"
    return {**variables, **through}


def route_functions(lambdas: Any, endpoint: str) -> int:
    """Change the environment of all functions of an account; returns how many there are.

    `lambdas` is a client of AWS Lambda.
    """
    changed = 0
    for page in lambdas.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            variables = function.get("Environment", {}).get("Variables", {})
            lambdas.update_function_configuration(
                FunctionName=function["FunctionName"],
                Environment={"Variables": routed(variables, endpoint)},
            )
            changed += 1
    return changed
