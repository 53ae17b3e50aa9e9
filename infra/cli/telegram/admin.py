"""A stack's Telegram bot for its operator: secret, receipts, sending again, set-up.

Signals are sent again through the stack's queue: each is delivered once, so a delivered one is not
sent again, and the sender keeps the chat's rate limit.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from signalengine.signals import Signal, settled, settlement_from_dict, signal_from_json
from signalengine_aws.application.publish_signals import as_of
from signalengine_aws.channels.telegram.client import API_BASE, TelegramClient, register_bot
from signalengine_aws.channels.telegram.config import TelegramSecret, read_secret
from signalengine_aws.delivery.deliveries import PACE_KEY
from signalengine_aws.delivery.moves import successor
from signalengine_aws.delivery.notifications import addressed
from signalengine_aws.delivery.queue import SqsForwarding
from signalengine_aws.messaging.sns import PUBLICATIONS, signal_message
from signalengine_aws.runtime.secrets import secret_by

from infra.cli.deliveries.stack import StackAccess
from infra.errors import CommandError


@dataclass(frozen=True, slots=True)
class TelegramAdmin:
    """The AWS clients and the outputs of one stack; `secrets` returns the text of an ARN."""

    dynamodb: Any
    sqs: Any
    secrets: Callable[[str], str]
    outputs: Mapping[str, str]
    api_base: str = API_BASE

    def secret(self) -> TelegramSecret:
        """Return the bot's secret; raises CommandError if no bot is set up."""
        secret = read_secret(self.secrets(self.outputs["TelegramSecretArn"]))
        if not secret.token:
            raise CommandError("no bot is set up: set its token in the stack's Telegram secret")
        return secret

    def home(self) -> str:
        """Return the channel of the chat that the secret names, or of the one that replaced it.

        Raises CommandError without one.
        """
        home = self.secret().home
        if home is None:
            raise CommandError("the stack's Telegram secret names no chat_id")
        store = {"TableName": self.outputs["DeliveriesTable"], "ConsistentRead": True}
        key = {"event_id": {"S": PACE_KEY}, "channel": {"S": home}}
        row = self.dynamodb.get_item(Key=key, **store).get("Item", {})
        replaced = row.get("migrated_to", {}).get("N")
        return home if replaced is None else successor(home, replaced)

    def bot(self) -> TelegramClient:
        return TelegramClient(self.secret().token, base_url=self.api_base)

    def register(self) -> dict[str, Any]:
        """Set the bot's webhook to the stack, and its menus; return the settings.

        `replaced` is the server that had the bot's updates until now: a bot has one webhook.
        Raises CommandError without a bot, PermanentError or TransientError for Telegram's errors.
        """
        secret, url = self.secret(), f"{self.outputs['HttpUrl']}/telegram"
        bot = self.bot()
        before = bot.webhook()
        me = register_bot(bot, url, secret.webhook_secret, secret.admin_ids)
        done = {"bot": f"@{me['username']}", "webhook": url, "operators": len(secret.admin_ids)}
        if before in ("", url):
            return done
        return done | {"replaced": urlsplit(before).netloc}  # its path may hold a secret

    def resend(self, signal_ids: Iterable[str], channel: str) -> list[str]:
        """Queue the messages about these signals for one chat; return their event ids."""
        bodies, events = [], []
        for signal_id in signal_ids:
            stored = self._signal(signal_id)
            for notification in PUBLICATIONS:
                if stored is None or (notification == "closed" and stored[0].settlement is None):
                    continue
                signal, updated_at = stored
                message = signal_message(as_of(signal, notification), notification, updated_at)
                bodies.append(addressed(json.dumps(message.body), channel))
                events.append(str(message.body["event_id"]))
        SqsForwarding(self.sqs, self.outputs["TelegramQueueUrl"]).forward(bodies)
        return events

    def states(self, events: Sequence[str], channel: str) -> Counter[str]:
        """Count the receipts of events in a chat by state; `waiting` without a receipt."""
        return Counter(self._state(event_id, channel) for event_id in events)

    def _signal(self, signal_id: str) -> tuple[Signal, int] | None:
        """Return a signal as stored, and the wall time (ms) of its last commit."""
        found = self.dynamodb.get_item(
            TableName=self.outputs["SignalsTable"], Key={"signal_id": {"S": signal_id}}
        ).get("Item")
        if found is None:
            return None
        signal = signal_from_json(found["opening"]["S"])
        if "settlement" in found:
            end = settlement_from_dict(json.loads(found["settlement"]["S"]))
            signal = settled(signal, end)
        return signal, int(found["updated_at"]["N"])

    def _state(self, event_id: str, channel: str) -> str:
        key = {"event_id": {"S": event_id}, "channel": {"S": channel}}
        table = self.outputs["DeliveriesTable"]
        found = self.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return "waiting" if found is None else str(found["status"]["S"])


def admin_of(stack: StackAccess) -> TelegramAdmin:
    """Return the bot's admin of a stack."""
    dynamodb, sqs = (stack.client(name) for name in ("dynamodb", "sqs"))
    secrets = partial(secret_by, stack.client)
    return TelegramAdmin(dynamodb, sqs, secrets, stack.outputs, stack.telegram or API_BASE)
