"""alert_telegram whole: the bot's secret, and a Bot API that listens. No queue and no table."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from signalengine_aws.application import alert_telegram
from signalengine_aws.channels.telegram import wiring
from signalengine_aws.delivery.errors import UnauthorizedError

from functions.alert_telegram.handler import handler
from tests.aws.world import REGION, World
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket

OPERATORS = ("11", "12")


class Operators:
    """A bot with operators, and a topic that notifies the function."""

    def __init__(self, telegram: RunningTelegram, context: object) -> None:
        self.telegram, self.context = telegram, context
        self.secrets = boto3.client("secretsmanager", REGION)
        self.arn = self.secrets.create_secret(Name="telegram", SecretString="{}")["ARN"]
        self.configure()

    def configure(self, **changes: Any) -> None:
        values = {"token": self.telegram.token, "chat_id": "424242", "admin_ids": [11, 12]}
        text = json.dumps(values | changes)
        self.secrets.put_secret_value(SecretId=self.arn, SecretString=text)
        forget()

    def notify(self, name: str = "SignalEngine-FeedLate") -> None:
        message = json.dumps({"AlarmName": name, "NewStateValue": "ALARM"})
        record = {"Sns": {"Subject": f"ALARM: {name}", "Message": message}}
        handler({"Records": [record]}, self.context)

    @property
    def notified(self) -> list[tuple[int, str]]:
        rows = self.telegram.messages
        return sorted((row["chat_id"], row["text"].splitlines()[0]) for row in rows)


def forget() -> None:
    for cached in (alert_telegram._config, wiring.secret_of, wiring.client_of):
        cached.cache_clear()


@pytest.fixture
def operators(
    world: World, context: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Operators]:
    with running_telegram("424242", *OPERATORS) as telegram:
        made = Operators(telegram, context)
        for key in world.environment:
            if not key.startswith("POWERTOOLS"):
                monkeypatch.delenv(key)
        monkeypatch.setenv("TELEGRAM_SECRET_ARN", made.arn)
        monkeypatch.setenv("TELEGRAM_API_BASE", telegram.base)
        yield made
        made.secrets.delete_secret(SecretId=made.arn, ForceDeleteWithoutRecovery=True)
        forget()


def test_an_alarm_reaches_every_operator_and_no_chat_of_signals(operators: Operators) -> None:
    operators.notify()
    text = "🔴 SignalEngine-FeedLate: ALARM"
    assert operators.notified == [(11, text), (12, text)]


def test_an_operator_who_blocks_the_bot_keeps_it_from_no_other(operators: Operators) -> None:
    operators.telegram.fault("error", description="Forbidden: bot was blocked by the user")
    operators.notify()
    assert [chat for chat, _ in operators.notified] == [12]


def test_a_notice_that_nobody_got_fails_so_that_it_is_retried_and_set_aside(
    operators: Operators,
) -> None:
    operators.configure(token="123:wrong")
    with pytest.raises(UnauthorizedError):
        operators.notify()
    operators.configure()
    operators.notify()
    assert len(operators.notified) == 2


@pytest.mark.parametrize("values", [{"token": ""}, {"admin_ids": ""}])
def test_without_a_bot_or_an_operator_nothing_is_sent(
    operators: Operators, values: dict[str, Any]
) -> None:
    operators.configure(**values)
    operators.notify()
    assert operators.notified == []
