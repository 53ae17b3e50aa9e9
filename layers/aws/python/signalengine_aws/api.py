"""The HTTP API: routes mounted on Powertools' resolver, errors in one form, answers with tags."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import APIGatewayHttpResolver, CORSConfig
from signalengine.errors import SignalEngineError

from .answering import PROBLEM, Answer, allowed, cache_control, finished, lower, problem, to_json
from .routes import ROUTES, MissingError
from .routing import JSON, Route, Text
from .services import Services
from .serving.parameters import QueryError

CORS: Final = CORSConfig(
    allow_origin="*",
    allow_headers=["Authorization", "X-Api-Key", "If-None-Match", "Content-Type"],
    expose_headers=["ETag", "Retry-After"],
    max_age=86_400,
)
STATUS_OF: Final[Mapping[type[Exception], int]] = {
    QueryError: HTTPStatus.BAD_REQUEST,
    MissingError: HTTPStatus.NOT_FOUND,
    SignalEngineError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What our errors are to a caller; another is a defect, and Lambda's to report."""
_IN_PATH: Final = re.compile(r"\{(\w+)\}")


class Api:
    """Answers API Gateway's events; `services` is asked for when a request comes, not before."""

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
            query = self._resolver.current_event.query_string_parameters
            values = route.values(query, path)
            found = route.ask(self._services(), **values)
            kind, body = JSON, ""
            if isinstance(found, Text):
                kind, body = found.kind, found.body
            else:
                body = to_json(found)
            headers = {"Cache-Control": cache_control(route.max_age_s, secured=False)}
            return Response(HTTPStatus.OK, kind, body, headers)

        return view

    def _refused(self, error: Exception) -> Response[str]:
        status = next(code for kind, code in STATUS_OF.items() if isinstance(error, kind))
        again = {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        detail = f"try again: {error}" if again else str(error)
        return self._problem(status, detail, again)

    def _unknown(self, _: Exception) -> Response[str]:
        path = self._resolver.current_event.path
        methods = {route.method for route in ROUTES if _is(route, path)}
        if methods:
            allow = {"Allow": allowed(methods)}
            return self._problem(HTTPStatus.METHOD_NOT_ALLOWED, f"allowed: {allow['Allow']}", allow)
        return self._problem(HTTPStatus.NOT_FOUND, "no such path; see /openapi.json")

    def _problem(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None
    ) -> Response[str]:
        body = problem(status, detail, self._resolver.current_event.path)
        return Response(status, PROBLEM, body, dict(headers or {}))


def _is(route: Route, path: str) -> bool:
    return bool(re.fullmatch(_IN_PATH.sub(r"[^/]+", route.path), path))
