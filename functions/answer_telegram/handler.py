"""Answers the bot's commands: Telegram posts an update, the reply's body is the answer to send."""

from typing import Any

from signalengine_aws.answers import authentic, read_question, reply, response
from signalengine_aws.observability import invocation
from signalengine_aws.telegram_wiring import answers, webhook_secret


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        if not authentic(event, webhook_secret()):
            line.count(refused=1)
            return response(401)
        question = read_question(event)
        if question is None:
            line.count(ignored=1)
            return response(200)
        line.note(command=question.command)
        return reply(question, answers().to(question.command))
