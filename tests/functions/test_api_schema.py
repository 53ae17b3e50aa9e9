"""Requests made from the API's own OpenAPI document: valid ones, and invalid ones.

`HYPOTHESIS_PROFILE=explore` makes ten times as many.
"""

import re
from typing import Any

import pytest
import schemathesis
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)
from signalengine_aws.api.openapi import document
from signalengine_aws.api.routes import ROUTES
from signalengine_aws.api.routing import Route
from signalengine_aws.chat.engine import printable

from tests.examples import examples
from tests.functions.api_wsgi import application
from tests.functions.conftest import Seeded

pytestmark = pytest.mark.slow
schema = schemathesis.openapi.from_dict(document(ROUTES, version="test"))
schema.app = application
SYMBOL = re.compile(r"[A-Z]{2,9}USDT")


def of(route: Route) -> Any:
    """The test of one endpoint."""

    @schema.include(path=route.path, method=route.method).parametrize()
    @examples(20)
    def test_every_request_is_answered_as_documented(seeded: Seeded, case: Any) -> None:
        """Its status, headers and body; what the schema allows is accepted, the rest refused."""
        seeded.world.now += 60_000  # a caller has ten questions a minute
        case.call_and_validate(excluded_checks=excluded(case))

    return test_every_request_is_answered_as_documented


# A function each: Schemathesis gives all endpoints of one function one id, and xdist runs one.
TESTS = {f"test_{one.method}_{one.path}".replace("/", "_"): of(one) for one in ROUTES}
globals().update(TESTS)


def excluded(case: Any) -> list[Any]:
    """Return the checks of what a schema cannot tell: an invented cursor is of no list, a period
    may end before its start, a message needs more than control characters; and a symbol is read
    in more spellings than one, but not in any."""
    if case.operation.path.startswith(("/push/", "/email/")):
        return [positive_data_acceptance]  # a browser's hosts and keys, hours that differ
    query = case.query or {}
    message = case.body.get("message") if isinstance(case.body, dict) else None
    blank = isinstance(message, str) and not printable(message).strip()
    if "symbol" in query and not SYMBOL.fullmatch(str(query["symbol"])):
        return [positive_data_acceptance, negative_data_rejection]
    named = query.get("strategy", "classic") != "classic"  # a set that is not registered
    unclear = blank or named or "cursor" in query or {"from", "to"} <= query.keys()
    return [positive_data_acceptance] if unclear else []
