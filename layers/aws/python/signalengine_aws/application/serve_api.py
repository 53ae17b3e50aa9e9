"""The HTTP API: each request to its route, errors in one form, answers with entity tags."""

import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import SignalEngineError

from ..api.gateway import Call, are_values, is_probe, read_call, reply, routes_of, site_of, viewer
from ..api.parameters import QueryError
from ..api.responses import PROBLEM, Answer, allowed, cache_control, finished, problem, to_json
from ..api.routing import JSON, MissingError, Request, Route, Text
from ..runtime.api_token import FEED_PARAMETER, AccessError
from ..stores.rate_limits import TooManyCallsError

if TYPE_CHECKING:
    from ..api.services import Services

STATUS_OF: Final[Mapping[type[Exception], int]] = {
    QueryError: HTTPStatus.BAD_REQUEST,
    AccessError: HTTPStatus.UNAUTHORIZED,
    MissingError: HTTPStatus.NOT_FOUND,
    TooManyCallsError: HTTPStatus.TOO_MANY_REQUESTS,
    SignalEngineError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""HTTP status by error, the most specific first; any other error is a defect and raises."""


class Api:
    """Answers API Gateway's events; `services` is called for each request, not before."""

    def __init__(
        self,
        services: Callable[[], "Services"],
        seconds: Callable[[], float] = time.monotonic,
        routes: Iterable[Route] | None = None,
    ) -> None:
        """`routes`: those of serve_api, unless others are given."""
        if routes is None:
            from ..api.routes import SERVED

            routes = SERVED
        self._services = services
        self._seconds = seconds
        self._routes = routes

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """Return the answer to one request."""
        call = read_call(event)
        services = self._services()
        budget = services.budget
        if budget is None or is_probe(call, services.env.front_key):
            return self._finished(call)
        try:
            budget.check()
            started = self._seconds()
            answer = self._finished(call)
            budget.charge(self._seconds() - started, len(answer["body"].encode()))
        except SignalEngineError as error:
            return refused(error, call)
        return answer

    def _finished(self, call: Call) -> Answer:
        head = call.method == "HEAD"
        answer = self._routed(call, "GET" if head else call.method)
        return finished(answer, call.headers, head=head)

    def _routed(self, call: Call, method: str) -> Answer:
        routes = routes_of(call.path, self._routes)
        for route, path in routes:
            if route.method == method and are_values(path):
                try:
                    return self._view(route, path, call)
                except tuple(STATUS_OF) as error:
                    return refused(error, call)
        methods = {route.method for route, _ in routes}
        if methods and method == "OPTIONS":
            return reply(HTTPStatus.NO_CONTENT, "", {"Allow": allowed(methods)})
        if methods and method not in methods:
            allow = allowed(methods)
            status, headers = HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": allow}
            return _problem(status, f"allowed: {allow}", call, headers)
        return _problem(HTTPStatus.NOT_FOUND, "no such path; see /openapi.json", call)

    def _view(self, route: Route, path: Mapping[str, str], call: Call) -> Answer:
        services = self._services()
        secured = not route.open and self._secured(route, call)
        values = route.values(call.query, path)
        request = Request(
            accept=call.headers.get("accept", ""),
            client=viewer(call, services.env.front_key),
            site=site_of(call, services.env.front_key),
            body="" if route.body is None else _body(call),
        )
        shared = route.shared and services.budget is not None and not secured
        text = self._text(route, request, values, shared=shared)
        headers = {"Content-Type": text.kind, **text.headers}
        if route.method == "GET":
            headers["Cache-Control"] = cache_control(
                route.max_age_s, secured=secured, shared=shared
            )
        return reply(text.status, text.body, headers)

    def _secured(self, route: Route, call: Call) -> bool:
        """Accept a request; True when it needed a token."""
        auth = self._services().auth
        if FEED_PARAMETER in call.query and any(
            one.name == FEED_PARAMETER for one in route.parameters
        ):
            return auth.check_feed(call.query[FEED_PARAMETER])
        return auth.check(call.headers)

    def _text(
        self, route: Route, request: Request, values: Mapping[str, Any], *, shared: bool
    ) -> Text:
        services = self._services()

        def make() -> Text:
            found = route.answer(services, request, **values)
            return found if isinstance(found, Text) else Text(to_json(found), JSON)

        if not shared:
            return make()
        return services.shared_answers.get(
            (route.path, repr(values), request.accept, request.site), make
        )


def refused(error: Exception, call: Call) -> Answer:
    """Return the answer to a request that an error ended."""
    status = next(code for kind, code in STATUS_OF.items() if isinstance(error, kind))
    match error:
        case TooManyCallsError():
            return _problem(status, str(error), call, {"Retry-After": str(error.retry_after_s)})
        case AccessError():
            return _problem(status, str(error), call, {"WWW-Authenticate": "Bearer"})
        case SignalEngineError() if status == HTTPStatus.SERVICE_UNAVAILABLE:
            return _problem(status, f"try again: {error}", call, {"Retry-After": "1"})
    return _problem(status, str(error), call)


def _problem(
    status: int, detail: str, call: Call, headers: Mapping[str, str] | None = None
) -> Answer:
    body = problem(status, detail, call.path)
    return reply(status, body, {"Content-Type": PROBLEM, **(headers or {})})


def _body(call: Call) -> str:
    """Return the body of a request; raises QueryError when it is no text."""
    try:
        return call.body
    except ValueError:
        raise QueryError("body: not text in UTF-8") from None
