"""The secrets: Telegram's bot, and the token of the APIs. They outlive the stack of the code."""

import json
from dataclasses import dataclass

from aws_cdk import Aws, CfnCondition, CfnParameter, Fn
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.settings import Stage

from .references import find
from .storage import RETAINED

TELEGRAM = "secrets/telegram"
API = "secrets/api"
"""References to the secrets."""
PUBLIC = "settings/public"
"""The reference to who may read: true for everyone, false with the token only."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The ARNs of the secrets, as the stack of the code finds them."""

    telegram: str
    api: str


def found_secrets(scope: Construct, stage: Stage) -> Secrets:
    """Return the secrets that the stack of the data has published."""
    return Secrets(find(scope, stage, TELEGRAM), find(scope, stage, API))


def telegram_secret(scope: Construct) -> str:
    """Make the bot's secret and return its ARN.

    Token and chat are filled in by hand; AWS generates the webhook's secret.
    """
    secret = secrets.Secret(
        scope,
        "telegram",
        description='Telegram: {"token", "chat_id", "webhook_secret", "admin_ids", "private"}',
        generate_secret_string=secrets.SecretStringGenerator(
            secret_string_template=json.dumps(
                {"token": "", "chat_id": "", "admin_ids": "", "private": "false"}
            ),
            generate_string_key="webhook_secret",
            exclude_punctuation=True,
        ),
        removal_policy=RETAINED,
    )
    resource = secret.node.default_child
    assert isinstance(resource, secrets.CfnSecret)  # noqa: S101 - what a Secret is made of
    return resource.attr_id  # the ARN; so is its Ref on AWS, but not on every emulator


def public_api(scope: Construct) -> str:
    """Add the stack's one parameter and return its value: true lets everyone read."""
    parameter = CfnParameter(
        scope,
        "PublicApi",
        type="String",
        default="false",
        allowed_values=["true", "false"],
        description="true: everyone may read, without a token",
    )
    parameter.override_logical_id("PublicApi")
    return parameter.value_as_string


def api_secret(scope: Construct, public_api: str) -> str:
    """Make the secret with the APIs' token and return its ARN.

    AWS generates the token, unless everyone may read.
    """
    public = CfnCondition(
        scope,
        "ApiIsPublic",
        expression=Fn.condition_equals(public_api, "true"),
    )
    public.override_logical_id("ApiIsPublic")
    secret = secrets.CfnSecret(
        scope, "api", description='The API: {"api_token"}; empty lets everyone read'
    )
    secret.apply_removal_policy(RETAINED)
    generated = {
        "SecretStringTemplate": "{}",
        "GenerateStringKey": "api_token",
        "ExcludePunctuation": True,
    }
    token = Fn.condition_if("ApiIsPublic", Aws.NO_VALUE, generated)
    secret.add_property_override("GenerateSecretString", token)
    nothing = Fn.condition_if("ApiIsPublic", '{"api_token": ""}', Aws.NO_VALUE)
    secret.add_property_override("SecretString", nothing)
    return secret.attr_id
