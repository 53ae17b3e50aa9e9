"""A stack's Telegram bot for its operator: secret, receipts, sending again, set-up.

Signals are sent again through the stack's queue: each is delivered once, so a delivered one is not
sent again, and the sender keeps the chat's rate limit.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError
from signalengine.signals import (
    Signal,
    settled,
    settlement_from_dict,
    signal_from_json,
    steps_from_dict,
)
from signalengine_aws.application.publish_signals import as_of
from signalengine_aws.channels.telegram.address import NAME
from signalengine_aws.channels.telegram.client import API_BASE, TelegramClient, register_bot
from signalengine_aws.channels.telegram.config import TelegramSecret, read_secret
from signalengine_aws.delivery.deliveries import PACE_KEY, SENDER
from signalengine_aws.delivery.notifications import addressed, repeated
from signalengine_aws.delivery.queue import SqsForwarding
from signalengine_aws.messaging.sns import CLOSED, Message, publications, signal_message
from signalengine_aws.runtime.secrets import secret_by

from infra.cli.deliveries.channel import ChannelDeliveries
from infra.cli.deliveries.stack import StackAccess
from infra.cli.telegram.unsent import Item, UnsentSignals, replacements
from infra.errors import CommandError

SENDER_KEY: Final = f"{NAME}:{SENDER}"
"""The key of the state of the bot itself, beside those of its chats."""


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
        return self.homes()[-1]

    def homes(self) -> tuple[str, ...]:
        """Return the channel of the secret's chat, then of each chat that replaced one of them.

        All of them are one chat to its members, who have the messages of before. Raises
        CommandError without one.
        """
        home = self.secret().home
        if home is None:
            raise CommandError("the stack's Telegram secret names no chat_id")
        return tuple(replacements(home, self._address_state))

    def _address_state(self, channel: str) -> Item:
        """Return the stored state of an address; {} without one."""
        key = {"event_id": {"S": PACE_KEY}, "channel": {"S": channel}}
        table = self.outputs["DeliveriesTable"]
        found = self.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        return dict(found.get("Item", {}))

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

    def resend(
        self, signal_ids: Iterable[str], channel: str, without: Container[str] = ()
    ) -> list[str]:
        """Queue the messages about these signals for one chat; return their event ids.

        `without` are the ids of those that are left out.
        """
        known = [one for signal_id in signal_ids for one in self._messages(signal_id)]
        messages = [one for one in known if one.body["event_id"] not in without]
        bodies = [addressed(json.dumps(message.body), channel) for message in messages]
        SqsForwarding(self.sqs, self.outputs["TelegramQueueUrl"]).forward(bodies)
        return [str(message.body["event_id"]) for message in messages]

    def repeat(self, signal_ids: Iterable[str], channel: str) -> list[str]:
        """Queue the newest message about each of these signals again, marked as a repeat.

        Returns their event ids, which no other request has.
        """
        request = secrets.token_hex(6)
        newest = [list(self._messages(signal_id))[-1:] for signal_id in signal_ids]
        bodies = [
            repeated(addressed(json.dumps(message.body), channel), request)
            for found in newest
            for message in found
        ]
        SqsForwarding(self.sqs, self.outputs["TelegramQueueUrl"]).forward(bodies)
        return [str(json.loads(body)["event_id"]) for body in bodies]

    def delivered(self, signal_ids: Iterable[str], *channels: str) -> frozenset[str]:
        """Return the events of these signals that one of these channels has received."""
        events = [
            str(message.body["event_id"])
            for signal_id in signal_ids
            for message in self._messages(signal_id)
        ]
        return frozenset(
            event
            for event in events
            if any(self._state(event, channel) == "delivered" for channel in channels)
        )

    def unsent(self, signals: Iterable[Mapping[str, Any]], now: int) -> list[dict[str, Any]]:
        """Return what chats lack of these signals, as the API returns them; `now` is wall ms."""
        deliveries = ChannelDeliveries(self.dynamodb, self.sqs, self.outputs, NAME)
        table, home = self.outputs["DeliveriesTable"], self.home()
        states = {row["channel"]["S"]: row for row in deliveries.states()}
        return UnsentSignals(self.dynamodb, table, states, home, now).rows(signals)

    def accept(self, *chats: str) -> bool:
        """Store that Telegram accepts the bot's token, and messages to these chats.

        Returns whether one of them was paused. Messages that wait try again within half an hour.
        """
        resumed = [self._accept(channel) for channel in (SENDER_KEY, *chats)]
        return any(resumed)

    def _accept(self, channel: str) -> bool:
        key = {"event_id": {"S": PACE_KEY}, "channel": {"S": channel}}
        try:
            self.dynamodb.update_item(
                TableName=self.outputs["DeliveriesTable"],
                Key=key,
                UpdateExpression="SET parked_until = :none, parked_reason = :empty, "
                "refusals = :none, version = version + :one REMOVE credentials",
                ConditionExpression="parked_until > :none",
                ExpressionAttributeValues={
                    ":none": {"N": "0"}, ":one": {"N": "1"}, ":empty": {"S": ""},
                },
            )  # fmt: skip
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _messages(self, signal_id: str) -> Iterator[Message]:
        """Yield the messages about a signal, in the order of their publication."""
        stored = self._signal(signal_id)
        if stored is None:
            return
        signal, updated_at = stored
        for notification in publications(signal):
            if notification == CLOSED and signal.settlement is None:
                continue
            yield signal_message(as_of(signal, notification), notification, updated_at)

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
        if "progress" in found:
            steps = steps_from_dict(json.loads(found["progress"]["S"]))
            signal = replace(signal, progress=steps)
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
