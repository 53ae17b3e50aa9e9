"""The sender and the way to it, made once of each version of the settings."""

from functools import cache
from typing import TYPE_CHECKING, cast

from ...delivery.destinations import Destination, Destinations
from ...delivery.subscriptions import DynamoSubscriptions
from ...runtime import clients
from ...runtime.secrets import secret_text
from .client import ONCE, SesTransport, SmtpTransport, Transport
from .contacts import DynamoContacts
from .opt_in import OptIn
from .settings import SENDER, MailSettings, read_settings

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

    from ...ports import RateLimits


def sender_of(destination: Destination | None) -> tuple[MailSettings, Transport] | None:
    """Return settings and transport of the destination `email:sender`; None without it.

    Raises ConfigError for one that cannot be used.
    """
    if destination is None:
        return None
    settings = read_settings(destination.url, destination.fields)
    return settings, transport_of(settings)


@cache
def transport_of(settings: MailSettings) -> Transport:
    """Return the transport of these settings; connections to SES are reused."""
    if settings.transport == "smtp":
        return SmtpTransport(settings)
    session = clients.session()
    client = cast("SESV2Client", session.create_client("sesv2", config=ONCE))
    return SesTransport(client, settings, session.get_config_variable("region"))


def opt_in_of(arn: str, subscriptions_table: str, limits: "RateLimits") -> OptIn | None:
    """Return the use case of the secret `arn`; None while it has no sender."""
    found = sender_of(destinations_of(arn).of(SENDER))
    if found is None:
        return None
    settings, transport = found
    return OptIn(
        settings,
        transport,
        contacts=DynamoContacts(subscriptions_table),
        subscriptions=DynamoSubscriptions(subscriptions_table),
        limits=limits,
    )


@cache
def destinations_of(arn: str) -> Destinations:
    return Destinations(lambda: secret_text(arn))
