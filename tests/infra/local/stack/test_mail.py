"""Mail of a local stack: its sender is the stand-in, and one mailbox is subscribed."""

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from signalengine_aws.channels.email.address import id_of, key_of
from signalengine_aws.channels.email.channel import EmailChannel
from signalengine_aws.channels.email.client import SmtpTransport
from signalengine_aws.channels.email.contacts import DynamoContacts
from signalengine_aws.channels.email.links import CONFIRM
from signalengine_aws.channels.email.opt_in import OptIn
from signalengine_aws.channels.email.settings import SENDER, MailSettings, read_settings
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.stores.rate_limits import DynamoLimits

from infra.local.stack import mail, stand_ins
from tests.aws.world import REGION, World, new_world
from tests.mail_server import RunningMail, running_mail
from tests.notifications import opened

pytestmark = pytest.mark.enable_socket
SITE = "http://localhost:8000"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


@pytest.fixture
def server() -> Iterator[RunningMail]:
    with running_mail() as running:
        yield running


@pytest.fixture
def outputs(world: World) -> Iterator[dict[str, str]]:
    world.reset()
    secrets = boto3.client("secretsmanager", REGION)
    arn = secrets.create_secret(Name="local-mail", SecretString="{}")["ARN"]
    yield {"ChannelsSecretArn": arn, "SubscriptionsTable": "subscriptions_table"}
    secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def client(service: str) -> Any:
    return boto3.client(service, REGION)  # type: ignore[call-overload]  # the name is not a literal


def ready(smtp_port: int) -> dict[str, Any]:
    return {"port": 4001, "control_token": "t", "destinations": {}, "smtp_port": smtp_port}


def secret(outputs: dict[str, str]) -> dict[str, Any]:
    text = client("secretsmanager").get_secret_value(SecretId=outputs["ChannelsSecretArn"])
    found: dict[str, Any] = json.loads(text["SecretString"])
    return found


def settings(outputs: dict[str, str]) -> MailSettings:
    entry = secret(outputs)["destinations"][SENDER]
    return read_settings(entry["url"], entry)


def local_key(outputs: dict[str, str]) -> str:
    return key_of(id_of(mail.ADDRESS, settings(outputs).key))


def test_a_new_address_is_asked_and_its_link_confirms_it(
    outputs: dict[str, str], server: RunningMail
) -> None:
    stand_ins.register(client, outputs, ready(server.port))
    known = settings(outputs)
    opt_in = OptIn(
        known, SmtpTransport(known), contacts=DynamoContacts("subscriptions_table"),
        subscriptions=DynamoSubscriptions("subscriptions_table"),
        limits=DynamoLimits("calls_table"),
    )  # fmt: skip
    opt_in.request("ada@mail.example", SITE)
    (arrival,) = server.arrivals.all
    (address,) = {run.address for line in arrival.shown.lines for run in line if run.address}
    found = re.fullmatch(rf"{SITE}/api/{CONFIRM}\?token=(\S+)", address)
    assert found is not None, "the page links the address"
    key = opt_in.confirm(found[1])
    assert {key, local_key(outputs)} == {
        one.channel for one in DynamoSubscriptions("subscriptions_table").all() if one.active
    }


def test_the_mailbox_gets_a_signal(outputs: dict[str, str], server: RunningMail) -> None:
    stand_ins.register(client, outputs, ready(server.port))
    known, contacts = settings(outputs), DynamoContacts("subscriptions_table")
    channel = EmailChannel(known, SmtpTransport(known), contacts, dashboard=SITE)
    address = local_key(outputs).partition(":")[2]
    channel.send(address, channel.render(opened(), "en"), reply_to=None, silent=False)
    assert server.recipients == [mail.ADDRESS]


def test_the_next_run_keeps_the_key_and_what_was_left(outputs: dict[str, str]) -> None:
    stand_ins.register(client, outputs, ready(4101))
    key, store = local_key(outputs), DynamoSubscriptions("subscriptions_table")
    changed = store.save(Subscription(key, min_score=0.7, version=1))
    stand_ins.register(client, outputs, ready(4102))
    assert local_key(outputs) == key
    assert settings(outputs).port == 4102
    assert store.get(key) == changed


def test_a_sender_of_the_operator_stays_and_the_mailbox_goes(outputs: dict[str, str]) -> None:
    stand_ins.register(client, outputs, ready(4101))
    raw, key = secret(outputs), local_key(outputs)
    own = raw["destinations"][SENDER] | {"url": "smtp://mail.example", "from": "me@mail.example"}
    raw["destinations"][SENDER] = own
    client("secretsmanager").put_secret_value(
        SecretId=outputs["ChannelsSecretArn"], SecretString=json.dumps(raw)
    )
    stand_ins.register(client, outputs, ready(4102))
    assert secret(outputs)["destinations"][SENDER] == own
    assert DynamoSubscriptions("subscriptions_table").get(key) is None
    assert DynamoContacts("subscriptions_table").get(key.partition(":")[2]) is None
