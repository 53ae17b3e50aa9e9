"""Checks of the services outside AWS: Telegram's bot and chat, and Binance."""

import json
import os
from collections.abc import Mapping
from typing import Any

import requests
from signalengine.errors import PermanentError, SignalEngineError
from signalengine_aws.channels.telegram.client import API_BASE, TelegramClient
from signalengine_aws.delivery.errors import UnauthorizedError, UnreachableError

from .checks import Check

TIMEOUT_S = 5
EXCHANGE = "https://fapi.binance.com"
TIME = "/fapi/v1/time"
TELEGRAM = "Telegram"
REFUSED_LOCATION = (403, 451)
"""Binance's firewall, and its refusal of a country."""


def telegram_check(secret: Mapping[str, Any], source: str) -> Check:
    """Return whether the bot answers and may write to its chat; `source` says where they are set.

    `secret` has `token` and `chat_id`, like the stack's secret. Without a token there is no bot.
    """
    token, chat = str(secret.get("token") or ""), str(secret.get("chat_id") or "")
    if not token:
        fix = "to send signals there, see docs/deploy.md#telegram"
        return Check(TELEGRAM, f"no bot is set up ({source})", fix, required=False)
    bot = TelegramClient(token, base_url=os.environ.get("TELEGRAM_API_BASE") or API_BASE)
    try:
        name = f"@{bot.get_me().get('username', '')}"
        if not chat:
            return Check(TELEGRAM, f"{name} answers, and has no chat_id ({source})")
        bot.call("getChat", {"chat_id": chat})
    except UnauthorizedError:
        return _advice(f"the token is refused ({source})", "copy it again from @BotFather")
    except UnreachableError as error:
        fix = "send /start to the bot, or add it to the group, and check chat_id"
        return _advice(f"the bot cannot write to its chat: {error} ({source})", fix)
    except PermanentError as error:
        return _advice(f"the bot is refused: {error}", "see docs/telegram.md")
    except SignalEngineError as error:
        return _advice(f"does not answer from here: {error}", "check the network and HTTPS_PROXY")
    return Check(TELEGRAM, f"{name} may write to its chat ({source})")


def parsed_secret(text: str) -> Mapping[str, Any]:
    """Return the fields of the stack's secret; {} for a text that is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def exchange_check(region: str) -> Check:
    """Return whether Binance answers this machine, and how to see it from the region."""
    url = (os.environ.get("BINANCE_REST_BASE") or EXCHANGE).rstrip("/") + TIME
    there = f"from {region} itself: curl -i {EXCHANGE}{TIME} in AWS CloudShell"
    try:
        status = requests.get(url, timeout=TIMEOUT_S).status_code
    except requests.RequestException as error:
        return _exchange(f"does not answer this machine: {type(error).__name__}", there)
    if status in REFUSED_LOCATION:
        return _exchange(f"refuses this machine's location (HTTP {status})", there)
    if status != requests.codes.ok:
        return _exchange(f"answers this machine with HTTP {status}", there)
    return Check("Binance", f"answers this machine; {there}")


def _exchange(found: str, there: str) -> Check:
    """The task runs in the region, and not here."""
    fix = f"the ingest task runs in the region: try it {there}"
    return Check("Binance", found, fix, required=False)


def _advice(found: str, fix: str) -> Check:
    return Check(TELEGRAM, found, fix, required=False)
