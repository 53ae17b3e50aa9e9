"""The webhook's side of HTTP: an answer's body may be one method that Telegram calls for us."""

import json
from collections.abc import Iterable
from typing import Any

from signalengine.errors import PermanentError, TransientError

from ..bot.dispatch import Call, Handled
from ..bot.wiring import call


def response(status: int, last: Call | None = None) -> dict[str, Any]:
    """Return the HTTP response, with the method that answers the update."""
    body = {} if last is None else {"method": last[0]} | last[1]
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }


def answer(handled: Handled) -> Call | None:
    """Call for an answer that took long, else return it, to be the webhook's reply.

    Raises TransientError: the update comes again. A chat that does not want the answer is no error.
    """
    if not handled.slow or handled.last is None:
        return handled.last
    try:
        call(*handled.last)
    except PermanentError:
        return None  # blocked, or gone: asking again would end the same
    return None


def call_first(calls: Iterable[Call]) -> tuple[str, ...]:
    """Call what goes beside the answer; what fails is returned, and stops nothing.

    These only end the waiting of a button, which ends by itself.
    """
    errors = []
    for method, params in calls:
        try:
            call(method, params)
        except (TransientError, PermanentError) as error:
            errors.append(f"{method}: {type(error).__name__}: {error}")
    return tuple(errors)
