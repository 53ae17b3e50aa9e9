"""E-mail as the doctor sees it: what SES would refuse, or delivers to a folder of spam."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from signalengine_aws.channels.email.contacts import BUCKET
from signalengine_aws.channels.email.settings import SENDER, MailSettings, read_settings
from signalengine_aws.costs.usage import RECORDED
from signalengine_aws.delivery.destinations import DestinationSecret
from signalengine_aws.runtime.config import ConfigError

from infra.cli.cloud import AwsCloud, aws_errors, code_of
from infra.settings import Stage

from .checks import Check

NAME: Final = "e-mail"
REPORTED: Final = {"BOUNCE", "COMPLAINT"}
IDENTITY: Final = "EmailIdentity"
"""The parameter by which the functions may send as an identity."""
SYMBOLS: Final = 20
MAILS_A_DAY: Final = round(2 * RECORDED.opened * SYMBOLS * 24 * 60)
"""Openings and closings of one subscriber to everything, at the pace of recordings."""
SET_SENDER: Final = "signalengine channel add email sender ses: --field from=signals@example.com"


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified or unverified domain or address of SES; `dkim` is SES's status."""

    name: str
    verified: bool
    dkim: str


def mail_checks(
    cloud: AwsCloud, stage: Stage, found: DestinationSecret, table: str
) -> Iterator[Check]:
    """Yield what is wrong with e-mail, each with its fix; nothing where it is not configured.

    `table` has the subscribers. Raises CommandError where AWS does not answer.
    """
    sender = found.destinations.get(SENDER)
    if sender is None:
        return
    try:
        settings = read_settings(sender.url, sender.fields)
    except ConfigError as error:
        yield _advice(str(error), SET_SENDER)
        return
    people = _count(cloud, table)
    if people >= settings.most:
        yield _advice(
            f"the list is full: {people} of {settings.most} addresses have confirmed",
            "signalengine channel add email sender … --field most=N, as SES's quota allows",
        )
    if settings.transport == "smtp":
        yield Check(NAME, f"by {settings.host}:{settings.port}, to {people} confirmed")
        return
    problems = [
        *_account(cloud, people),
        *_identity(cloud, settings, cloud.parameter(stage.code, IDENTITY) or ""),
        *_reports(cloud, settings, stage),
    ]
    yield from problems
    if not problems:
        yield Check(
            NAME, f"SES of {cloud.region} sends as {settings.domain}, to {people} confirmed"
        )


def _count(cloud: AwsCloud, table: str) -> int:
    """Return how many addresses have confirmed."""
    with aws_errors("the count of the subscribers by e-mail", cloud.region):
        pages = (
            cloud.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=table,
                Select="COUNT",
                KeyConditionExpression="#bucket = :contacts",
                ExpressionAttributeNames={"#bucket": "bucket"},
                ExpressionAttributeValues={":contacts": {"S": BUCKET}},
            )
        )
        return sum(page["Count"] for page in pages)


def _account(cloud: AwsCloud, people: int) -> Iterator[Check]:
    with aws_errors("the request for the account of SES", cloud.region):
        account: Mapping[str, Any] = cloud.client("sesv2").get_account()
    if not account.get("SendingEnabled", False):
        status = str(account.get("EnforcementStatus", "")).lower() or "unknown"
        yield _advice(
            f"SES has paused sending (status: {status})",
            "answer AWS's review in the console of SES; or, if it was paused by hand: "
            "aws sesv2 put-account-sending-attributes --sending-enabled "
            f"--region {cloud.region}",
        )
    if not account.get("ProductionAccessEnabled", False):
        yield _advice(
            "SES is in its sandbox: it sends to verified addresses only, 200 mails a day",
            "ask for production access: aws sesv2 put-account-details --production-access-enabled "
            "--mail-type TRANSACTIONAL --website-url https://YOUR-SITE "
            f"--use-case-description TEXT --region {cloud.region}",
        )
    yield from _quota(account.get("SendQuota", {}), people, cloud.region)


def _quota(quota: Mapping[str, float], people: int, region: str) -> Iterator[Check]:
    most, sent = quota.get("Max24HourSend", 0.0), quota.get("SentLast24Hours", 0.0)
    needed = people * MAILS_A_DAY
    fix = (
        f"ask for more: SES in the console of {region}, service quotas, sending quota; or narrow "
        "preferences: signalengine channel edit email:ID --min-score 70"
    )
    if most < 0:  # without a limit
        return
    if sent >= most:
        yield _advice(f"the daily quota of {most:,.0f} mails is used up", fix)
    elif most < needed:
        yield _advice(
            f"the quota is {most:,.0f} mails a day; {people} addresses get some {needed:,} of "
            f"{SYMBOLS} symbols",
            fix,
        )


def _identity(cloud: AwsCloud, settings: MailSettings, permitted: str) -> Iterator[Check]:
    """Yield what is wrong with the sender's domain, or with its address where that is verified."""
    names = (settings.domain, settings.sender)
    found = [one for name in names if (one := _looked_up(cloud, name)) is not None]
    usable = next((one for one in found if one.verified), None)
    region = cloud.region
    if usable is None:
        verify = f"aws sesv2 create-email-identity --email-identity {settings.domain}"
        state = "is not verified yet" if found else "is not known to SES"
        yield _advice(
            f"the sender's domain {settings.domain} {state}",
            f"{verify} --region {region}" if not found
            else f"publish the DNS records of {found[0].name} that SES shows, and wait",
        )  # fmt: skip
    elif usable.dkim != "SUCCESS":
        yield _advice(
            f"DKIM of {settings.domain} is {usable.dkim.replace('_', ' ').lower()}: mails may be "
            "taken for spam",
            f"publish the three CNAME records of: aws sesv2 get-email-identity "
            f"--email-identity {settings.domain} --region {region}",
        )
    if permitted not in names:
        what = f"is {permitted}" if permitted else "is not set"
        yield _advice(
            f"the stack may not send as {settings.domain}: {IDENTITY} {what}",
            f"signalengine deploy -p {IDENTITY}={settings.domain}",
        )


def _reports(cloud: AwsCloud, settings: MailSettings, stage: Stage) -> Iterator[Check]:
    """Yield what keeps SES from reporting bounces and complaints to the stack."""
    own, name = f"{stage.code}-email", settings.configuration_set
    use = f"signalengine channel add email sender ses: --field configuration_set={own}"
    if name != own:
        what = f"{name} is none of the stack's" if name else "there is no configuration set"
        yield _advice(f"bounces and complaints of mails are not reported: {what}", use)
        return
    make = f"signalengine deploy -p {IDENTITY}={settings.domain}"
    with aws_errors("the request for a configuration set of SES", cloud.region):
        try:
            found = cloud.client("sesv2").get_configuration_set(ConfigurationSetName=name)
            reported = cloud.client("sesv2").get_configuration_set_event_destinations(
                ConfigurationSetName=name
            )
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            yield _advice(f"SES has no configuration set {name}: no mail can be sent", make)
            return
    if not found.get("SendingOptions", {}).get("SendingEnabled", True):
        yield _advice(
            f"the configuration set {name} has paused sending",
            "aws sesv2 put-configuration-set-sending-options --sending-enabled "
            f"--configuration-set-name {name} --region {cloud.region}",
        )
    missing = sorted(REPORTED - _reported(reported.get("EventDestinations", []), own))
    if missing:
        yield _advice(
            f"SES does not report {' and '.join(missing)} of mails to the topic {own}",
            f"restore the event destination of {name}: its topic is {own}, its events bounces "
            f"and complaints; or delete {name} and: {make}",
        )


def _reported(destinations: Sequence[Mapping[str, Any]], topic: str) -> set[str]:
    """Return which events are reported to a topic."""
    return {
        event
        for one in destinations
        if one.get("Enabled")
        and str(one.get("SnsDestination", {}).get("TopicArn", "")).rpartition(":")[2] == topic
        for event in one.get("MatchingEventTypes", [])
    }


def _looked_up(cloud: AwsCloud, name: str) -> Identity | None:
    """Return an identity of SES; None for one that it does not know."""
    with aws_errors("the request for an identity of SES", cloud.region):
        try:
            found = cloud.client("sesv2").get_email_identity(EmailIdentity=name)
        except ClientError as error:
            if code_of(error) == "NotFoundException":
                return None
            raise
    dkim = str(found.get("DkimAttributes", {}).get("Status", "NOT_STARTED"))
    return Identity(name, bool(found.get("VerifiedForSendingStatus", False)), dkim)


def _advice(found: str, fix: str) -> Check:
    return Check(NAME, found, fix, required=False)
