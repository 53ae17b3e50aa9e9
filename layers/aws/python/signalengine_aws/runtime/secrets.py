"""Reading a secret of Secrets Manager."""

from . import clients
from .aws_errors import mapped


def secret_text(arn: str) -> str:
    """Return a secret's text; raises TransientError or PermanentError without any of it."""
    with mapped("read a secret"):
        return clients.secrets().get_secret_value(SecretId=arn)["SecretString"]
