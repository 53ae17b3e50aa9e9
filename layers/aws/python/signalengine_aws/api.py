"""The routes of the HTTP API and the form of its errors: {"statusCode": n, "message": words}."""

from collections.abc import Callable
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler.api_gateway import APIGatewayHttpResolver, CORSConfig
from aws_lambda_powertools.event_handler.exceptions import BadRequestError, ServiceError
from signalengine.errors import SignalEngineError

from .serving import QueryError, Serving


def routes(serving: Callable[[], Serving]) -> APIGatewayHttpResolver:
    """Return the resolver; `serving` is asked for when a request comes, not before."""
    api = APIGatewayHttpResolver(cors=CORSConfig(allow_origin="*"))

    def signals() -> dict[str, Any]:
        asked = api.current_event.query_string_parameters
        return serving().signals(asked.get("symbol"), asked.get("limit"), asked.get("cursor"))

    api.get("/health")(lambda: serving().health())
    api.get("/symbols")(lambda: serving().symbols())
    api.get("/signals")(signals)
    api.get("/signals/stats")(lambda: serving().stats())
    api.exception_handler(QueryError)(_bad_request)
    api.exception_handler(SignalEngineError)(_unavailable)
    return api


def _bad_request(error: QueryError) -> NoReturn:
    raise BadRequestError(str(error))


def _unavailable(error: SignalEngineError) -> NoReturn:
    raise ServiceError(503, f"try again: {error}")
