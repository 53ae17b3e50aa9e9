"""Answers updates of the bot: Telegram posts an update, and sends the response to the chat.

An update that is being answered already gets a 503, so that Telegram posts it again later.
"""

from typing import Any

from signalengine_aws.application.answer_telegram import answer, call_first, response
from signalengine_aws.bot.handled_updates import Turn
from signalengine_aws.bot.updates import authentic, read_update
from signalengine_aws.bot.wiring import bot, updates, webhook_secret
from signalengine_aws.runtime.observability import invocation


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        if not authentic(event, webhook_secret()):
            line.count(refused=1)
            return response(401)
        update = read_update(event)
        if update is None:
            line.count(ignored=1)
            return response(200)
        turn = updates().begin(update.update_id)
        if turn is not Turn.OURS:
            line.note(turn=turn)
            return response(503 if turn is Turn.OTHERS else 200)
        handled = bot().handle(update)
        line.note(what=handled.what, errors=call_first(handled.first) or None)
        last = answer(handled)
        updates().finish(update.update_id)
        return response(200, last)
