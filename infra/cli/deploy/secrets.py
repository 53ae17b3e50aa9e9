"""Where a deployment has its secrets: in encrypted parameters, which it writes, or managed by AWS.

CloudFormation cannot write an encrypted parameter. So `signalengine deploy` writes them before the
stacks are changed, from Secrets Manager where an earlier deployment has them, and otherwise anew.
An empty token, which lets everyone read, is written when the limits for that are in place.
"""

import json
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Final

from signalengine_aws.runtime.secrets import parameter_name

from infra.cli.cloud import Cloud, Resource
from infra.names import SECRETS_IN
from infra.settings import Stage

MANAGED, PARAMETERS = SECRETS_IN
OUTPUTS: Final = {
    "telegram": "TelegramSecretArn",
    "api": "ApiSecretArn",
    "channels": "ChannelsSecretArn",
    "operator": "OperatorSecretArn",
}
"""The outputs of either stack that have the ARNs of the secrets."""


def place_of(given: Mapping[str, str], stage: Stage, cloud: Cloud) -> str:
    """Return where the secrets are to be, one of `SECRETS_IN`: as given, or as they are.

    A new stack, and one of a version that did not ask, has them in parameters.
    """
    return given.get("SecretsIn") or _present(cloud, stage, "SecretsIn") or PARAMETERS


def write_secrets(given: Mapping[str, str], stage: Stage, cloud: Cloud) -> int:
    """Write the parameters that are missing, and a token where one is needed; returns 0.

    While a secret of Secrets Manager is in use, its text replaces that of a parameter.
    """
    for name in OUTPUTS:
        path = stage.parameter(name)
        stored = cloud.encrypted(path)
        text = _managed(cloud, stage, name) or stored or _made(name)
        if name == "api" and not is_public(given, stage, cloud) and not _token(text):
            text = _made(name)
        if text != stored:
            cloud.encrypt(path, text)
    return 0


def open_to_all(stage: Stage, cloud: Cloud) -> int:
    """Remove the token, so that everyone may read; returns 0."""
    path = stage.parameter("api")
    if _token(cloud.encrypted(path) or "{}"):
        cloud.encrypt(path, json.dumps({"api_token": ""}))
    return 0


def managed_arns(stage: Stage, cloud: Cloud) -> list[str]:
    """Return the ARNs of secrets in Secrets Manager that the outputs of either stack have."""
    stacks = [cloud.stack(name) for name in stage.stacks]
    found = [one.outputs.get(output, "") for output in OUTPUTS.values() for one in stacks if one]
    return list(dict.fromkeys(arn for arn in found if arn and not parameter_name(arn)))


def encrypted_parameters(outputs: Mapping[str, str]) -> list[Resource]:
    """Return the encrypted parameters of a stack of the data, which outlive it."""
    found = ((name, parameter_name(outputs.get(out, ""))) for name, out in OUTPUTS.items())
    return [
        Resource(name, path, "AWS::SSM::Parameter", retained=True) for name, path in found if path
    ]


def shown(arn: str, region: str) -> str:
    """Return the command that prints a secret."""
    if name := parameter_name(arn):
        return f"aws ssm get-parameter --with-decryption --name {name} --region {region}"
    return f"aws secretsmanager get-secret-value --secret-id {arn}"


def _managed(cloud: Cloud, stage: Stage, name: str) -> str | None:
    """Return the text of a secret that is in use in Secrets Manager; None when none is there."""
    arn = _arn_in_use(cloud, stage, OUTPUTS[name])
    return cloud.secret(arn) if arn and not parameter_name(arn) else None


def _arn_in_use(cloud: Cloud, stage: Stage, output: str) -> str:
    """Return the ARN that the deployed code reads, else that of the stack of the data.

    They differ after a deployment that has failed between the two stacks.
    """
    found = (cloud.stack(name) for name in (stage.code, stage.data))
    arns = (stack.outputs.get(output, "") for stack in found if stack is not None)
    return next((arn for arn in arns if arn), "")


def _made(name: str) -> str:
    if name == "api":
        return json.dumps({"api_token": token_urlsafe(24)})
    if name == "channels":
        made = {"allowed": [], "destinations": {}, "public_id_key": token_urlsafe(24)}
        return json.dumps(made)
    if name == "operator":
        return json.dumps({"operator_token": token_urlsafe(24)})
    empty = {"token": "", "chat_id": "", "admin_ids": "", "private": "false"}
    return json.dumps(empty | {"webhook_secret": token_urlsafe(24)})


def _token(text: str) -> str:
    raw = json.loads(text)
    return str(raw.get("api_token", "")).strip() if isinstance(raw, dict) else ""


def is_public(given: Mapping[str, str], stage: Stage, cloud: Cloud) -> bool:
    """Return whether everyone may read after this deployment."""
    return (given.get("PublicApi") or _present(cloud, stage, "PublicApi")) == "true"


def _present(cloud: Cloud, stage: Stage, name: str) -> str | None:
    """Return a parameter of the stack of the data as it is deployed; None without either."""
    return None if cloud.stack(stage.data) is None else cloud.parameter(stage.data, name)
