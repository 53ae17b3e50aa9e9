"""The operator's part of the HTTP API: what changes settings, or shows what readers may not see.

It is a function of its own, so that serve_api, which everyone may reach, has no right to write.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from signalengine.errors import SignalEngineError

from ..api.gateway import read_call, viewer
from ..api.operator_routes import OPERATOR_ROUTES
from ..api.operator_services import OperatorServices
from ..api.responses import Answer
from ..api.services import Services
from .serve_api import Api, refused


class OperatorApi:
    """Answers API Gateway's events; each request counts, whatever its token."""

    def __init__(self, services: Callable[[], OperatorServices]) -> None:
        self._services = services
        # the routes below take the operator's services; the rest of an answer is the same
        self._api = Api(cast("Callable[[], Services]", services), routes=OPERATOR_ROUTES)

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """Return the answer to one request, which no cache stores."""
        call, services = read_call(event), self._services()
        try:
            services.count(viewer(call, services.env.front_key))
        except SignalEngineError as error:
            answer = refused(error, call)
        else:
            answer = self._api.answer(event)
        headers = {**answer["headers"], "Cache-Control": "no-store"}
        headers.pop("ETag", None)
        return {**answer, "headers": headers}
