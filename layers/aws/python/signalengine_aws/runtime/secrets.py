"""Reading a secret: an encrypted parameter of Systems Manager, or a secret of Secrets Manager.

The parameter is free, but CloudFormation cannot write it: `signalengine deploy` does.
"""

from collections.abc import Callable
from typing import Any, Final

from . import clients
from .aws_errors import mapped

PARAMETER: Final = ":parameter/"
"""In the ARN of a parameter, before its name, which has the slash."""


def secret_text(arn: str) -> str:
    """Return a secret's text; raises TransientError or PermanentError without any of it."""
    with mapped("read a secret"):
        return secret_by(_client, arn)


def secret_by(client: Callable[[str], Any], arn: str) -> str:
    """Return a secret's text, read by the client of its service; raises the client's errors."""
    if name := parameter_name(arn):
        found = client("ssm").get_parameter(Name=name, WithDecryption=True)
        return str(found["Parameter"]["Value"])
    return str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def parameter_name(arn: str) -> str:
    """Return the name of the parameter with this ARN; "" for the ARN of something else."""
    _, found, name = arn.partition(PARAMETER)
    return f"/{name}" if found else ""


def _client(service: str) -> Any:
    return clients.ssm() if service == "ssm" else clients.secrets()
