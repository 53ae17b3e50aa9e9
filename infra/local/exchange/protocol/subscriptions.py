"""Requests of a client over its WebSocket, and the answers, word for word as documented.

    {"method":"SUBSCRIBE","params":["btcusdt@kline_1m"],"id":1}      {"result":null,"id":1}
    {"method":"UNSUBSCRIBE","params":["btcusdt@kline_1m"],"id":2}    {"result":null,"id":2}
    {"method":"LIST_SUBSCRIPTIONS","id":3}                           {"result":[...],"id":3}
    {"method":"SET_PROPERTY","params":["combined",true],"id":4}      {"result":null,"id":4}
    {"method":"GET_PROPERTY","params":["combined"],"id":5}           {"result":true,"id":5}

An error is `{"code":..,"msg":".."}`, without an id.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from .hub import Hub, Subscriber

MAX_STREAMS: Final = 1_024


class _RefusalError(Exception):
    """Raised with (code, message)."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def answer(text: str, subscriber: Subscriber, hub: Hub) -> str:
    """Carry out a request frame; return the reply (JSON text)."""
    try:
        request = _parsed(text)
        result = _METHODS[request["method"]](request, subscriber, hub)
    except _RefusalError as error:
        return json.dumps({"code": error.code, "msg": str(error)}, separators=(",", ":"))
    return json.dumps({"result": result, "id": request["id"]}, separators=(",", ":"))


def _parsed(text: str) -> dict[str, Any]:
    """Return a request whose method and id are valid."""
    try:
        request = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        where = f"line {line} column {column}"
        raise _RefusalError(3, f"Invalid JSON: expected value at {where}") from error
    end = f"at line 1 column {len(text)}"
    if not isinstance(request, dict):
        raise _RefusalError(2, f"Invalid request: invalid type, expected a map {end}")
    method, number = request.get("method"), request.get("id")
    if method is None:
        raise _RefusalError(2, f"Invalid request: missing field `method` {end}")
    if not isinstance(method, str) or method not in _METHODS:
        known = ", ".join(f"`{name}`" for name in _METHODS)
        raise _RefusalError(
            2, f"Invalid request: unknown variant `{method}`, expected one of {known} {end}"
        )
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise _RefusalError(2, "Invalid request: request ID must be an unsigned integer")
    return request


def _names(request: dict[str, Any]) -> list[str]:
    names = request.get("params")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _RefusalError(2, "Invalid request: params must be a list of stream names")
    return names


def _subscribe(request: dict[str, Any], subscriber: Subscriber, hub: Hub) -> None:
    names = _names(request)
    if len({*subscriber.subscriptions, *names}) > MAX_STREAMS:
        raise _RefusalError(2, f"Invalid request: at most {MAX_STREAMS} streams a connection")
    hub.subscribe(subscriber, names)


def _unsubscribe(request: dict[str, Any], subscriber: Subscriber, hub: Hub) -> None:
    hub.unsubscribe(subscriber, _names(request))


def _list(_request: dict[str, Any], subscriber: Subscriber, _hub: Hub) -> list[str]:
    return list(subscriber.subscriptions)


def _set_property(request: dict[str, Any], subscriber: Subscriber, _hub: Hub) -> None:
    params = _property(request, 2)
    if len(params) < 2 or not isinstance(params[1], bool):
        raise _RefusalError(1, "Invalid value type: expected Boolean")
    subscriber.combined = params[1]


def _get_property(request: dict[str, Any], subscriber: Subscriber, _hub: Hub) -> bool:
    _property(request, 1)
    return subscriber.combined


def _property(request: dict[str, Any], most: int) -> list[Any]:
    params = request.get("params")
    if not isinstance(params, list) or not params or not isinstance(params[0], str):
        raise _RefusalError(2, "Invalid request: property name must be a string")
    if len(params) > most:
        raise _RefusalError(2, "Invalid request: too many parameters")
    if params[0] != "combined":
        raise _RefusalError(0, "Unknown property")
    return params


_METHODS: Final[dict[str, Callable[[dict[str, Any], Subscriber, Hub], Any]]] = {
    "SUBSCRIBE": _subscribe,
    "UNSUBSCRIBE": _unsubscribe,
    "LIST_SUBSCRIPTIONS": _list,
    "SET_PROPERTY": _set_property,
    "GET_PROPERTY": _get_property,
}
