"""E-mail as the doctor sees it: by AWS's own client, at the stand-in of SES."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from signalengine_aws.channels.email.settings import SENDER
from signalengine_aws.delivery.destinations import Destination, DestinationSecret

from infra.cli.cloud import AwsCloud
from infra.cli.deploy.checks import Check
from infra.cli.deploy.mail import MAILS_A_DAY, mail_checks
from infra.errors import CommandError
from infra.local.channels.ses import SET, Account, ConfigurationSet, Identity, Ses
from infra.settings import ONLY
from tests.channel_server import running_channels

pytestmark = pytest.mark.enable_socket
REGION = "eu-central-1"
FROM = "signals@sender.example"
ENTRY = {"from": FROM, "key": "k" * 32, "configuration_set": SET}


class Cloud(AwsCloud):
    """An account with the stand-in's SES and some subscribers."""

    def __init__(self, base: str, people: int, identity: str) -> None:
        super().__init__(REGION)
        self.people, self.identity = people, identity
        self.ses = boto3.client(
            "sesv2", REGION, endpoint_url=base, aws_access_key_id="made",
            aws_secret_access_key="up", config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip

    def client(self, service: str) -> Any:
        return self.ses if service == "sesv2" else self

    def parameter(self, stack: str, name: str) -> str | None:
        assert (stack, name) == (ONLY.code, "EmailIdentity")
        return self.identity

    def get_paginator(self, name: str) -> "Cloud":
        assert name == "query"
        return self

    def paginate(self, **given: Any) -> list[dict[str, int]]:
        assert given["ExpressionAttributeValues"] == {":contacts": {"S": "contacts"}}
        return [{"Count": self.people - 1}, {"Count": 1}]


@contextmanager
def cloud(account: Account, people: int = 3, identity: str = "sender.example") -> Iterator[Cloud]:
    with running_channels((Ses(account),)) as running:
        yield Cloud(running.base, people, identity)


def checks(found: Cloud, url: str = "ses:", **changes: str) -> list[Check]:
    secret = DestinationSecret({SENDER: Destination("sender", url, ENTRY | changes)})
    return list(mail_checks(found, ONLY, secret, "subscriptions"))


def test_what_is_in_order_is_one_line() -> None:
    with cloud(Account()) as found:
        (one,) = checks(found)
    expected = f"SES of {REGION} sends as sender.example, to 3 confirmed"
    assert (one.state, one.found) == ("ok", expected)


def test_an_address_may_be_what_is_verified() -> None:
    with cloud(Account(identities={FROM: Identity()}), identity=FROM) as found:
        (one,) = checks(found)
    assert one.state == "ok"


@pytest.mark.parametrize(
    ("account", "people", "identity", "text", "fix"),
    [
        (Account(production=False), 1, "sender.example", "sandbox", "put-account-details"),
        (
            Account(sending=False, enforcement="SHUTDOWN"), 1, "sender.example",
            "paused sending (status: shutdown)", "put-account-sending-attributes",
        ),
        (Account(identities={}), 1, "sender.example", "not known", "create-email-identity"),
        (
            Account(identities={"sender.example": Identity(verified=False, dkim="PENDING")}), 1,
            "sender.example", "not verified", "DNS records",
        ),
        (
            Account(identities={"sender.example": Identity(dkim="TEMPORARY_FAILURE")}), 1,
            "sender.example", "DKIM of sender.example is temporary failure", "CNAME",
        ),
        (Account(sent=50_000), 1, "sender.example", "used up", "quota"),
        (Account(quota=MAILS_A_DAY * 3 - 1), 3, "sender.example", "3 addresses", "--min-score"),
        (Account(sets={}), 1, "sender.example", f"no configuration set {SET}", "deploy -p"),
        *(
            (Account(sets={SET: one}), 1, "sender.example", text, fix)
            for one, text, fix in (
                (ConfigurationSet(sending=False), "paused sending", "--sending-enabled"),
                (ConfigurationSet(enabled=False), "BOUNCE and COMPLAINT", "event destination"),
                (ConfigurationSet(events=()), "BOUNCE and COMPLAINT", "event destination"),
                (ConfigurationSet(events=("BOUNCE", "SEND")), "report COMPLAINT", "destination"),
                (
                    ConfigurationSet(topic="arn:aws:sns:eu-central-1:123456789012:other"),
                    "BOUNCE and COMPLAINT", "event destination",
                ),
            )
        ),
        (Account(), 1, "", "EmailIdentity is not set", "deploy -p EmailIdentity=sender.example"),
        (Account(), 1, "x.example", "EmailIdentity is x.example", "EmailIdentity=sender.example"),
    ],
)  # fmt: skip
def test_each_fault_has_its_fix(
    account: Account, people: int, identity: str, text: str, fix: str
) -> None:
    with cloud(account, people, identity) as found:
        (one,) = checks(found)
    assert one.state == "advice"
    assert text in one.found
    assert fix in one.fix


def test_a_full_list_is_said() -> None:
    with cloud(Account(), people=3) as found:
        full, rest = checks(found, most="3")
    assert (full.state, full.found) == (
        "advice", "the list is full: 3 of 3 addresses have confirmed",
    )  # fmt: skip
    assert rest.state == "ok"


@pytest.mark.parametrize("name", ["", "another"])
def test_without_the_stacks_configuration_set_nothing_is_reported(name: str) -> None:
    with cloud(Account()) as found:
        (one,) = checks(found, configuration_set=name)
    assert (one.state, "not reported" in one.found) == ("advice", True)
    assert one.fix.endswith(f"--field configuration_set={SET}")


@pytest.mark.parametrize("quota", [MAILS_A_DAY * 3, -1])
def test_a_quota_that_suffices_is_no_fault(quota: float) -> None:
    with cloud(Account(quota=quota)) as found:
        (one,) = checks(found)
    assert one.state == "ok"


def test_without_a_sender_nothing_is_asked() -> None:
    nowhere: Any = None
    assert list(mail_checks(nowhere, ONLY, DestinationSecret(), "subscriptions")) == []


def test_a_server_of_smtp_has_nothing_to_do_with_ses() -> None:
    found = Cloud("http://127.0.0.1:1", 2, "")
    (one,) = checks(found, "smtp://mail.example")
    assert (one.state, one.found) == ("ok", "by mail.example:587, to 2 confirmed")
    (one,) = checks(found, "https://mail.example")
    assert (one.state, "email:sender" in one.found) == ("advice", True)


def test_an_ses_that_does_not_answer_is_an_error_with_the_region() -> None:
    with pytest.raises(CommandError, match="SES"):
        checks(Cloud("http://127.0.0.1:1", 2, ""))
