"""The services outside that a local run may use, tried at its start."""

from typing import Any
from urllib.parse import urlsplit

import requests
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.telegram.client import TelegramClient
from signalengine_aws.delivery.errors import UnauthorizedError, UnreachableError

from infra.errors import CommandError

TIMEOUT_S = 3.0


def telegram_problem(client: TelegramClient, chat: str) -> dict[str, Any] | None:
    """Return why the real Telegram does not serve all now, as a status; None when it does.

    Raises CommandError when it refuses the token or the chat: no message would be delivered.
    """
    try:
        me = client.get_me()
        if str(me["id"]) == chat:
            raise CommandError(
                "TELEGRAM_CHAT_ID is the bot itself, and bots cannot write to bots",
                "Set the id of your own chat: @userinfobot shows it.",
            )
        client.call("getChat", {"chat_id": chat})
        server = urlsplit(client.webhook()).netloc
    except UnauthorizedError as error:
        raise CommandError(
            "Telegram refuses TELEGRAM_BOT_TOKEN", "Copy it again from @BotFather."
        ) from error
    except UnreachableError as error:
        raise CommandError(
            f"Telegram: the bot cannot write to TELEGRAM_CHAT_ID: {error}",
            "Send /start to the bot, or add it to the group, and check the id.",
        ) from error
    except TransientError as error:
        fix = "Messages wait until it does. Check the network; behind a proxy set HTTPS_PROXY."
        return {"cause": f"it does not answer ({error})", "fix": fix}
    except PermanentError as error:
        raise CommandError(
            f"Telegram refuses the bot: {error}",
            "Without TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID the local Telegram is used.",
        ) from error
    if server:
        cause = f"the bot's commands are answered by another system: its webhook is at {server}"
        return {
            "cause": cause,
            "fix": "Signals are sent from here too; @BotFather makes more bots.",
        }
    return None


def ollama_problem(url: str, model: str) -> dict[str, Any] | None:
    """Return why the chat's model cannot answer, as a status; None when it can."""
    try:
        answer = requests.get(f"{url.rstrip('/')}/api/tags", timeout=TIMEOUT_S)
        answer.raise_for_status()
        names = {str(row["name"]) for row in answer.json()["models"]}
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        cause = f"{url} does not answer ({type(error).__name__})"
        return {"cause": cause, "fix": "Run `ollama serve`; until then the chat answers by rules."}
    if model and not {model, f"{model}:latest"} & names:
        return {"cause": f"it has no model {model}", "fix": f"Run `ollama pull {model}`."}
    return None
