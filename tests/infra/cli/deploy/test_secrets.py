"""Encrypted parameters: written once, copied from Secrets Manager, opened after the limits."""

import json
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto import mock_aws
from signalengine_aws.runtime.secrets import secret_by

from infra.cli.cloud import AwsCloud, StackState
from infra.cli.deploy.secrets import (
    MANAGED,
    PARAMETERS,
    encrypted_parameters,
    managed_arns,
    open_to_all,
    place_of,
    shown,
    write_secrets,
)
from infra.names import REGION
from infra.settings import ONLY

TELEGRAM, API = "/SignalEngine/secure/telegram", "/SignalEngine/secure/api"
CHANNELS = "/SignalEngine/secure/channels"
OPERATOR = "/SignalEngine/secure/operator"
ARN = f"arn:aws:ssm:{REGION}:123456789012:parameter"
OLD = {"TelegramSecretArn": "arn:old-telegram", "ApiSecretArn": "arn:old-api"}
NEW = {"TelegramSecretArn": ARN + TELEGRAM, "ApiSecretArn": ARN + API}


@dataclass
class Account:
    """The part of an account that has secrets; `parameters` are those of the data's stack.

    `outputs` are those of the data's stack, `code` those of the code's.
    """

    outputs: dict[str, str] | None = None
    code: dict[str, str] | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    managed: dict[str, str] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def stack(self, name: str) -> StackState | None:
        outputs = {ONLY.data: self.outputs, ONLY.code: self.code}[name]
        return None if outputs is None else StackState("UPDATE_COMPLETE", outputs)

    def parameter(self, _: str, name: str) -> str | None:
        return self.parameters.get(name)

    def secret(self, arn: str) -> str:
        return self.managed[arn]

    def encrypted(self, name: str) -> str | None:
        return self.stored.get(name)

    def encrypt(self, name: str, text: str) -> None:
        self.written.append(name)
        self.stored[name] = text

    def read(self, name: str) -> Any:
        return json.loads(self.stored[name])


def write(account: Account, **given: str) -> Account:
    assert write_secrets(given, ONLY, account) == 0  # type: ignore[arg-type]  # the part that it uses
    return account


def test_a_new_stack_gets_a_token_and_a_webhook_secret_and_keeps_them() -> None:
    account = write(Account())
    token, bot = account.read(API)["api_token"], account.read(TELEGRAM)
    assert len(token) == len(bot["webhook_secret"]) == 32
    assert bot | {"webhook_secret": ""} == {
        "token": "", "chat_id": "", "admin_ids": "", "private": "false", "webhook_secret": "",
    }  # fmt: skip
    destinations = account.read(CHANNELS)
    assert len(destinations.pop("public_id_key")) == 32
    assert destinations == {"allowed": [], "destinations": {}}
    write(account)
    assert account.written == [TELEGRAM, API, CHANNELS, OPERATOR]
    assert write(Account()).read(API)["api_token"] != token


def test_what_secrets_manager_has_is_copied_once() -> None:
    managed = {"arn:old-telegram": '{"token": "17:x"}', "arn:old-api": '{"api_token": "abc"}'}
    account = write(Account(outputs=OLD, managed=managed))
    assert (account.read(TELEGRAM), account.read(API)) == ({"token": "17:x"}, {"api_token": "abc"})
    account.outputs, account.stored[TELEGRAM] = NEW, '{"token": "18:y"}'  # changed by its owner
    write(account)
    assert account.read(TELEGRAM) == {"token": "18:y"}


@pytest.mark.parametrize(
    ("data", "code", "copied"),
    [
        (OLD, OLD, True),
        (OLD, None, True),
        (NEW, OLD, True),
        (OLD, {}, True),
        (OLD, NEW, False),
        (NEW, NEW, False),
        (NEW, None, False),
        (None, None, False),
    ],
)
def test_what_the_deployed_code_reads_wins_over_a_parameter_of_the_past(
    data: dict[str, str] | None, code: dict[str, str] | None, copied: bool
) -> None:
    """The secrets were moved to Secrets Manager, changed there, and are moved back."""
    managed = {"arn:old-telegram": '{"token": "new"}', "arn:old-api": '{"api_token": "new"}'}
    stored = {
        TELEGRAM: '{"token": "old"}', API: '{"api_token": "old"}', CHANNELS: "{}", OPERATOR: "{}",
    }  # fmt: skip
    account = write(Account(outputs=data, code=code, managed=managed, stored=dict(stored)))
    expected = stored | {TELEGRAM: managed["arn:old-telegram"], API: managed["arn:old-api"]}
    assert account.stored == (expected if copied else stored)


def test_who_may_read_is_opened_after_the_limits_and_closed_before() -> None:
    account = write(Account(), PublicApi="true")
    assert account.read(API)["api_token"], "the limits are not there yet"
    assert open_to_all(ONLY, account) == 0  # type: ignore[arg-type]  # the part that it uses
    assert account.read(API) == {"api_token": ""}
    account.outputs, account.parameters = NEW, {"PublicApi": "true"}
    assert write(account).read(API) == {"api_token": ""}, "unchanged: it is open already"
    assert write(account, PublicApi="false").read(API)["api_token"]


@pytest.mark.parametrize(
    ("given", "outputs", "present", "place"),
    [
        ({}, None, {}, PARAMETERS),
        ({}, OLD, {"PublicApi": "false"}, PARAMETERS),
        ({}, OLD, {"SecretsIn": MANAGED}, MANAGED),
        ({}, NEW, {"SecretsIn": PARAMETERS}, PARAMETERS),
        ({"SecretsIn": MANAGED}, None, {}, MANAGED),
        ({"SecretsIn": PARAMETERS}, OLD, {"SecretsIn": MANAGED}, PARAMETERS),
    ],
)
def test_secrets_are_where_they_are_asked_for_or_where_they_were(
    given: dict[str, str],
    outputs: dict[str, str] | None,
    present: dict[str, str],
    place: str,
) -> None:
    account = Account(outputs=outputs, parameters=present)
    assert place_of(given, ONLY, account) == place  # type: ignore[arg-type]  # the part that it uses


def test_what_is_no_longer_used_and_what_is_kept_is_told_by_the_outputs() -> None:
    for data, code in ((OLD, OLD), (NEW, OLD), (OLD, NEW), (OLD, None), (OLD, {})):
        assert managed_arns(ONLY, Account(outputs=data, code=code)) == list(OLD.values())  # type: ignore[arg-type]  # the part that it uses
    for data, code in ((NEW, NEW), (None, None), ({}, {})):
        assert managed_arns(ONLY, Account(outputs=data, code=code)) == []  # type: ignore[arg-type]  # the part that it uses
    assert [one.name for one in encrypted_parameters(NEW)] == [TELEGRAM, API]
    assert encrypted_parameters(OLD) == []
    assert shown(NEW["ApiSecretArn"], REGION).split()[:4] == [
        "aws", "ssm", "get-parameter", "--with-decryption",
    ]  # fmt: skip
    assert shown(OLD["ApiSecretArn"], REGION).endswith("--secret-id arn:old-api")


def test_a_parameter_is_encrypted_overwritten_and_read_by_its_arn() -> None:
    with mock_aws():
        cloud = AwsCloud(REGION)
        assert cloud.encrypted(API) is None
        cloud.encrypt(API, "one")
        cloud.encrypt(API, "two")
        assert cloud.encrypted(API) == "two"
        found = boto3.client("ssm", REGION).get_parameter(Name=API)["Parameter"]
        assert (found["Type"], found["ARN"]) == ("SecureString", ARN + API)
        assert found["Value"] != "two"
        assert cloud.secret(found["ARN"]) == "two"
        assert secret_by(cloud.client, found["ARN"]) == "two"
