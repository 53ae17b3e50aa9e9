"""E-mail by the command: the sender is stored, addresses are asked, subscribers are masked."""

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from signalengine_aws.channels.email.address import id_of, key_of
from signalengine_aws.channels.email.contacts import Contact, DynamoContacts
from signalengine_aws.channels.email.settings import MOST, SENDER, MailSettings
from signalengine_aws.delivery.deliveries import DynamoDeliveries
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription

from infra.cli.channels.destinations import Destinations
from infra.cli.channels.mail import Mail
from infra.cli.channels.store import ChannelStore
from infra.errors import CommandError
from tests.aws.world import REGION, World, new_world
from tests.infra.cli.channels.test_destinations import Lambdas
from tests.mail_server import RunningMail, running_mail

pytestmark = pytest.mark.enable_socket
FROM = "signals@sender.example"
ADDRESS = "ada@mail.example"
SITE = "https://signals.example/"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


class Case:
    """A stack with a secret, and a mail server."""

    def __init__(self, world: World, server: RunningMail) -> None:
        self.server, self.lambdas = server, Lambdas("Enabled")
        self.secrets = boto3.client("secretsmanager", REGION)
        self.arn = self.secrets.create_secret(Name="of-mail", SecretString="{}")["ARN"]
        url = world.sqs.create_queue(QueueName="of-mail")["QueueUrl"]
        outputs = {
            "ChannelsSecretArn": self.arn, "ChannelsQueueUrl": url, "CallsTable": "calls_table",
            "SubscriptionsTable": "subscriptions_table",
        }  # fmt: skip
        any_client: Any = boto3.client
        clients: dict[str, Any] = {
            "secretsmanager": self.secrets, "sqs": world.sqs, "lambda": self.lambdas,
        }  # fmt: skip
        store = ChannelStore(
            lambda service: clients.get(service) or any_client(service, REGION),
            outputs,
            DynamoSubscriptions("subscriptions_table"),
            DynamoDeliveries("deliveries_table", audiences="channels"),
        )
        self.mail = Mail(store, lambda: world.now)

    @property
    def sender(self) -> dict[str, str]:
        text = self.secrets.get_secret_value(SecretId=self.arn)["SecretString"]
        found: dict[str, str] = json.loads(text)["destinations"]["email:sender"]
        return found

    def ready(self) -> None:
        self.mail.set_sender(self.server.url, {"from": FROM, "tls": "plain"})


@pytest.fixture
def case(world: World) -> Iterator[Case]:
    world.reset()
    with running_mail() as server:
        made = Case(world, server)
        yield made
        made.secrets.delete_secret(SecretId=made.arn, ForceDeleteWithoutRecovery=True)


def test_the_sender_is_stored_and_its_key_stays(case: Case) -> None:
    case.lambdas.state = "Disabled"
    done = case.mail.set_sender("smtp://mail.example", {"from": FROM, "secret": "made up"})
    assert done == {
        "sender": "s…@s….example",
        "by": "mail.example",
        "open": False,
        "most": MOST,
        "served_now": True,
    }
    before = case.sender
    assert before["password"] == "made up"
    assert len(before["key"]) > 32
    case.mail.set_sender("ses:", {"open": "true"})
    assert case.sender["key"] == before["key"], "another key makes every link void"
    assert (case.sender["url"], case.sender["open"]) == ("ses:", "true")
    assert case.lambdas.state == "Enabled"


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("https://x.example", {"from": FROM}),
        ("ses:", {}),
        ("ses:", {"from": FROM, "key": "x"}),
        *(("ses:", {"from": FROM, "most": most}) for most in ("0", "-1", "x", "2001", "²", "")),
    ],
)
def test_what_cannot_be_used_is_not_stored(case: Case, url: str, fields: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        case.mail.set_sender(url, fields)
    with pytest.raises(KeyError):
        assert case.sender


def test_a_full_list_is_said_with_its_fix(case: Case) -> None:
    case.mail.set_sender(case.server.url, {"from": FROM, "tls": "plain", "most": "1"})
    DynamoContacts("subscriptions_table").put(Contact("0" * 24, "bob@mail.example", 1), 1)
    with pytest.raises(CommandError, match="full: 1 addresses") as raised:
        case.mail.invite(ADDRESS, SITE, "en")
    assert "most=N" in (raised.value.fix or "")
    assert case.server.mails == []


def test_an_address_is_asked_and_its_owner_decides(case: Case) -> None:
    case.ready()
    done = case.mail.invite(ADDRESS, SITE, "es")
    assert done["asked"] == "a…@m….example"
    (mail,) = case.server.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert re.search(r"https://signals\.example/api/email/confirm\?token=", body.get_content())
    assert "Confirmación" in mail["Subject"]
    assert list(case.mail.rows()) == []


def test_a_refusal_does_not_repeat_the_address(case: Case) -> None:
    case.ready()
    case.server.fault("error", error="no_such_mailbox")
    with pytest.raises(CommandError, match="550") as found:
        case.mail.invite(ADDRESS, SITE, "en")
    assert ADDRESS not in str(found.value)
    for words, site in (("ada", SITE), (ADDRESS, "")):
        with pytest.raises(CommandError):
            case.mail.invite(words, site, "en")


def test_without_a_sender_nobody_is_asked(case: Case) -> None:
    with pytest.raises(CommandError, match="no sender"):
        case.mail.invite(ADDRESS, SITE, "en")


def test_subscribers_are_listed_without_their_addresses(case: Case) -> None:
    contact = id_of(ADDRESS, b"k" * 32)
    DynamoContacts("subscriptions_table").put(Contact(contact, ADDRESS, 1), MOST)
    for key in (key_of(contact), key_of("f" * 24), "webhook:one"):
        DynamoSubscriptions("subscriptions_table").save(Subscription(key))
    rows = {row["subscriber"]: row["to"] for row in case.mail.rows()}
    assert rows == {key_of(contact): "a…@m….example", key_of("f" * 24): "…"}


def test_the_preferences_of_a_subscriber_are_changed_by_its_id(case: Case) -> None:
    contact = id_of(ADDRESS, b"k" * 32)
    key, stored = key_of(contact), DynamoSubscriptions("subscriptions_table")
    stored.save(Subscription(key))
    with pytest.raises(CommandError, match="no subscriber"):
        case.mail.edit(key, {"min_score": 0.7})  # its address is not stored
    DynamoContacts("subscriptions_table").put(Contact(contact, ADDRESS, 1), MOST)
    done = case.mail.edit(key, {"symbols": ("BTCUSDT",), "min_score": 0.7})
    assert done["preferences"] == "BTCUSDT; score 70% or more"
    assert ADDRESS not in str(done)
    saved = stored.get(key)
    assert saved is not None
    assert (saved.symbols, saved.min_score, saved.active) == (("BTCUSDT",), 0.7, True)
    with pytest.raises(CommandError, match="no subscriber"):
        case.mail.edit(SENDER, {"min_score": 0.7})


def test_the_command_knows_a_subscriber_by_its_id(case: Case) -> None:
    contact = id_of(ADDRESS, b"k" * 32)
    DynamoContacts("subscriptions_table").put(Contact(contact, ADDRESS, 1), MOST)
    DynamoSubscriptions("subscriptions_table").save(Subscription(key_of(contact)))
    command = Destinations(case.mail.store)
    assert command.edit_subscriber(key_of(contact), {"closed": "off"})["preferences"].endswith(
        "off"
    )
    assert command.key_of(key_of(contact)) == key_of(contact)
    with pytest.raises(CommandError) as refused:
        command.remove(key_of(contact))
    assert refused.value.fix == f"signalengine forget {key_of(contact)}"


def test_ses_is_reached_by_the_operators_own_clients(case: Case) -> None:
    settings = MailSettings("ses", FROM, b"k" * 32)
    assert type(case.mail.transport(settings)).__name__ == "SesTransport"
