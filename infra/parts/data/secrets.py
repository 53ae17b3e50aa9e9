"""The secrets: Telegram's bot, destinations, the API's token and the operator's.

They outlive the code.

They are in Secrets Manager, which generates what is not filled in by hand, or in encrypted
parameters, which are free and which CloudFormation cannot write: `signalengine deploy` does.
"""

import json
from dataclasses import dataclass

from aws_cdk import Aws, CfnCondition, CfnParameter, Fn
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.names import SECRETS_IN
from infra.settings import Stage

from .references import find
from .storage import RETAINED

TELEGRAM = "secrets/telegram"
API = "secrets/api"
CHANNELS = "secrets/channels"
OPERATOR = "secrets/operator"
"""References to the secrets."""
PUBLIC = "settings/public"
"""The reference to who may read: true for everyone, false with the token only."""
PLACE = "settings/secrets"
"""The reference to where the secrets are, one of `SECRETS_IN`."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The ARNs of the secrets, as the stack of the code finds them."""

    telegram: str
    api: str
    channels: str
    operator: str


def found_secrets(scope: Construct, stage: Stage) -> Secrets:
    """Return the secrets that the stack of the data has published."""
    return Secrets(*(find(scope, stage, one) for one in (TELEGRAM, API, CHANNELS, OPERATOR)))


class SecretStore(Construct):
    """The secrets, by the stack's two parameters: who may read, and where the secrets are."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.public = self._parameter(
            "PublicApi", ("false", "true"), "true: everyone may read, without a token"
        )
        self.place = self._parameter(
            "SecretsIn", SECRETS_IN, "parameters: free, written by signalengine deploy"
        )
        self._managed = CfnCondition(
            self, "managed", expression=Fn.condition_equals(self.place, SECRETS_IN[0])
        )
        self._managed.override_logical_id("SecretsAreManaged")
        self.telegram = self._telegram()
        self.api = self._api()
        self.channels = self._channels()
        self.operator = self._operator()

    def _parameter(self, name: str, allowed: tuple[str, ...], description: str) -> str:
        """Add a parameter, whose default is the first of its values, and return its value."""
        parameter = CfnParameter(
            self,
            name,
            type="String",
            default=allowed[0],
            allowed_values=list(allowed),
            description=description,
        )
        parameter.override_logical_id(name)
        return parameter.value_as_string

    def _telegram(self) -> str:
        """Make the bot's secret and return its ARN.

        Token and chat are filled in by hand; AWS generates the webhook's secret.
        """
        secret = secrets.Secret(
            self,
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
        return self._arn(_resource(secret), "telegram")

    def _channels(self) -> str:
        """Make the secret with the destinations and return its ARN.

        Destinations are added by `signalengine channel`; AWS generates the key of public ids.
        """
        secret = secrets.Secret(
            self,
            "channels",
            description='Destinations: {"public_id_key", "allowed", "destinations"}',
            generate_secret_string=secrets.SecretStringGenerator(
                secret_string_template=json.dumps({"allowed": [], "destinations": {}}),
                generate_string_key="public_id_key",
                exclude_punctuation=True,
            ),
            removal_policy=RETAINED,
        )
        return self._arn(_resource(secret), "channels")

    def _api(self) -> str:
        """Make the secret with the APIs' token and return its ARN.

        AWS generates the token, unless everyone may read.
        """
        public = CfnCondition(
            self, "ApiIsPublic", expression=Fn.condition_equals(self.public, "true")
        )
        public.override_logical_id("ApiIsPublic")
        secret = secrets.CfnSecret(
            self, "api", description='The API: {"api_token"}; empty lets everyone read'
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
        return self._arn(secret, "api")

    def _operator(self) -> str:
        """Make the secret with the operator's token, which AWS generates, and return its ARN."""
        secret = secrets.CfnSecret(
            self,
            "operator",
            description='The operator: {"operator_token"}; empty lets nobody change anything',
        )
        secret.apply_removal_policy(RETAINED)
        secret.add_property_override(
            "GenerateSecretString",
            {
                "SecretStringTemplate": "{}",
                "GenerateStringKey": "operator_token",
                "ExcludePunctuation": True,
            },
        )
        return self._arn(secret, "operator")

    def _arn(self, secret: secrets.CfnSecret, name: str) -> str:
        """Return the ARN of a secret, or of the parameter that has it."""
        secret.cfn_options.condition = self._managed
        parameter = (
            f"arn:{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}:parameter"
            f"{self._stage.parameter(name)}"
        )
        # the attribute: its Ref is the ARN too, but not on every emulator
        return Fn.condition_if("SecretsAreManaged", secret.attr_id, parameter).to_string()


def _resource(secret: secrets.Secret) -> secrets.CfnSecret:
    resource = secret.node.default_child
    assert isinstance(resource, secrets.CfnSecret)  # noqa: S101 - what a Secret is made of
    return resource
