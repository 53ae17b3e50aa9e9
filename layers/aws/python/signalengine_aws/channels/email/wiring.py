"""The sender and the way to it, made once of each version of the settings.

What only some invocations use is imported by them.
"""

from functools import cache
from typing import TYPE_CHECKING, cast

from ...delivery.destinations import Destination, Destinations
from ...delivery.subscriptions import DynamoSubscriptions
from ...runtime import clients
from ...runtime.clock import wall_ms
from ...runtime.config import ConfigError
from ...runtime.secrets import secret_text
from .contacts import DynamoContacts
from .opt_in import OptIn
from .settings import SENDER, MailSettings, read_settings

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

    from ...ports import Deliveries, RateLimits
    from .channel import EmailChannel
    from .client import Transport
    from .feedback import FeedbackHandler


def sender_of(destination: Destination | None) -> "tuple[MailSettings, Transport] | None":
    """Return settings and transport of the destination `email:sender`; None without it.

    Raises ConfigError for one that cannot be used.
    """
    if destination is None:
        return None
    settings = read_settings(destination.url, destination.fields)
    return settings, transport_of(settings)


@cache
def transport_of(settings: MailSettings) -> "Transport":
    """Return the transport of these settings; connections to SES are reused."""
    from .client import ONCE, SesTransport, SmtpTransport  # a third of a cold start

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


def channel_of(
    destinations: Destinations, subscriptions_table: str, dashboard: str
) -> "EmailChannel":
    """Return the channel; while its sender cannot be used its mail waits, and no other's does."""
    from .channel import EmailChannel

    found, unusable = None, ""
    try:
        found = sender_of(destinations.of(SENDER))
    except ConfigError as error:
        unusable = str(error)
    settings, transport = found or (None, None)
    contacts = DynamoContacts(subscriptions_table)
    return EmailChannel(settings, transport, contacts, dashboard=dashboard, unusable=unusable)


def feedback_handler(deliveries: "Deliveries", subscriptions_table: str) -> "FeedbackHandler":
    """Return what applies SES's reports."""
    from .feedback import FeedbackHandler

    return FeedbackHandler(
        deliveries=deliveries,
        contacts=DynamoContacts(subscriptions_table),
        subscriptions=DynamoSubscriptions(subscriptions_table),
        clock=wall_ms,
    )


@cache
def destinations_of(arn: str) -> Destinations:
    return Destinations(lambda: secret_text(arn))
