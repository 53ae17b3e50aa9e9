"""answer_telegram: the HTTP responses to the webhook, and the Bot API calls beside them.

The body of a response may name one Bot API method, which Telegram then performs.
"""

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
    """Send an answer that took long by a call, else return it as the webhook's response.

    Raises TransientError: the update is received again. A chat that blocks the bot is no error.
    """
    if not handled.slow or handled.last is None:
        return handled.last
    try:
        call(*handled.last)
    except PermanentError:
        return None  # blocked or deleted: a retry would fail too
    return None


def call_first(calls: Iterable[Call]) -> tuple[str, ...]:
    """Make the calls beside the answer, and return the errors of those that failed.

    They end the loading state of a button, which ends by itself, or are the beginning of an answer
    that is too long for one message.
    """
    errors = []
    for method, params in calls:
        try:
            call(method, params)
        except (TransientError, PermanentError) as error:
            errors.append(f"{method}: {type(error).__name__}: {error}")
    return tuple(errors)
