"""The HTTP API: routes on Powertools' resolver, errors in one form, answers with entity tags."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import APIGatewayHttpResolver, CORSConfig
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent
from signalengine.errors import SignalEngineError

from ..api.parameters import QueryError
from ..api.responses import (
    PROBLEM,
    Answer,
    allowed,
    cache_control,
    finished,
    lower,
    problem,
    to_json,
)
from ..api.routes import ROUTES
from ..api.routing import JSON, MissingError, Request, Route, Text
from ..api.services import Services
from ..runtime.api_token import AccessError
from ..stores.rate_limits import TooManyCallsError

CORS: Final = CORSConfig(
    allow_origin="*",
    allow_headers=["Authorization", "X-Api-Key", "If-None-Match", "Content-Type"],
    expose_headers=["ETag", "Retry-After"],
    max_age=86_400,
)
STATUS_OF: Final[Mapping[type[Exception], int]] = {
    QueryError: HTTPStatus.BAD_REQUEST,
    AccessError: HTTPStatus.UNAUTHORIZED,
    MissingError: HTTPStatus.NOT_FOUND,
    TooManyCallsError: HTTPStatus.TOO_MANY_REQUESTS,
    SignalEngineError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""HTTP status by error, the most specific first; any other error is a defect and raises."""
_IN_PATH: Final = re.compile(r"\{(\w+)\}")


class Api:
    """Answers API Gateway's events; `services` is called for each request, not before."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services
        self._resolver = APIGatewayHttpResolver(cors=CORS)
        for route in ROUTES:
            path = _IN_PATH.sub(r"<\1>", route.path)
            self._resolver.route(path, method=route.method)(self._view(route))
        self._resolver.not_found(self._unknown)
        for kind in STATUS_OF:
            self._resolver.exception_handler(kind)(self._refused)

    def answer(self, event: Mapping[str, Any], context: Any) -> Answer:
        """Return the answer to one request."""
        http = event["requestContext"]["http"]
        head = http["method"] == "HEAD"
        if head:
            context_of = {**event["requestContext"], "http": {**http, "method": "GET"}}
            event = {**event, "requestContext": context_of}
        found = self._resolver.resolve(dict(event), context)
        return finished(found, lower(event.get("headers")), head=head)

    def _view(self, route: Route) -> Callable[..., Response[str]]:
        def view(**path: str) -> Response[str]:
            event, services = self._resolver.current_event, self._services()
            headers = lower(event.headers)
            secured = not route.open and services.auth.check(headers)
            values = route.values(event.query_string_parameters, path)
            request = Request(
                accept=headers.get("accept", ""),
                client=event.raw_event["requestContext"]["http"].get("sourceIp", ""),
                body="" if route.body is None else _body(event),
            )
            found = route.answer(services, request, **values)
            text = found if isinstance(found, Text) else Text(to_json(found), JSON)
            answer_headers = dict(text.headers)
            if route.method == "GET":
                answer_headers["Cache-Control"] = cache_control(route.max_age_s, secured=secured)
            return Response(HTTPStatus.OK, text.kind, text.body, answer_headers)

        return view

    def _refused(self, error: Exception) -> Response[str]:
        status = next(code for kind, code in STATUS_OF.items() if isinstance(error, kind))
        match error:
            case TooManyCallsError():
                return self._problem(status, str(error), {"Retry-After": str(error.retry_after_s)})
            case AccessError():
                return self._problem(status, str(error), {"WWW-Authenticate": "Bearer"})
            case SignalEngineError() if status == HTTPStatus.SERVICE_UNAVAILABLE:
                return self._problem(status, f"try again: {error}", {"Retry-After": "1"})
        return self._problem(status, str(error))

    def _unknown(self, _: Exception) -> Response[str]:
        event = self._resolver.current_event
        methods = {route.method for route in ROUTES if _is(route, event.path)}
        if methods and event.http_method not in methods:
            allow = {"Allow": allowed(methods)}
            return self._problem(HTTPStatus.METHOD_NOT_ALLOWED, f"allowed: {allow['Allow']}", allow)
        return self._problem(HTTPStatus.NOT_FOUND, "no such path; see /openapi.json")

    def _problem(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None
    ) -> Response[str]:
        body = problem(status, detail, self._resolver.current_event.path)
        return Response(status, PROBLEM, body, dict(headers or {}))


def _body(event: BaseProxyEvent) -> str:
    """Return the body of a request; raises QueryError when it is no text."""
    try:
        return event.decoded_body or ""
    except ValueError:
        raise QueryError("body: not text in UTF-8") from None


def _is(route: Route, path: str) -> bool:
    return bool(re.fullmatch(_IN_PATH.sub(r"[^/]+", route.path), path))
