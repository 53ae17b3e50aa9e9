"""`signalengine doctor`: everything that a deployment needs, each with its fix.

`signalengine deploy` makes the same checks before it starts.
"""

import os
from collections.abc import Iterator

from signalengine.errors import PermanentError

from infra.cli.cloud import AwsCloud, StackState
from infra.errors import CommandError
from infra.settings import Stage

from .account import account_checks
from .channels import LISTED, NAME, address_states, channels_check, destination_secret
from .checks import Check, looked_up
from .deployment import checked
from .machine import machine_checks
from .mail import NAME as MAIL
from .mail import mail_checks
from .services import exchange_check, parsed_secret, telegram_check


def examine(cloud: AwsCloud, stage: Stage) -> list[Check]:
    """Return all checks: this machine, the account, the services outside."""
    return list(_checks(cloud, stage))


def _checks(cloud: AwsCloud, stage: Stage) -> Iterator[Check]:
    yield _region(cloud.region)
    yield from machine_checks()
    data: StackState | None = None
    try:
        account, stack, data = cloud.account(), *map(cloud.stack, (stage.code, stage.data))
    except CommandError as error:
        yield Check("AWS account", str(error), error.fix or "see docs/deploy.md")
    else:
        yield Check("AWS account", account)
        yield from account_checks(cloud, account, stage, stack, data)
    yield looked_up("Telegram", lambda: _telegram(cloud, data))
    if data is not None and "ChannelsSecretArn" in data.outputs:
        yield from _channels(cloud, stage, data)
        yield from _mail(cloud, stage, data)
    yield exchange_check(cloud.region)


def _channels(cloud: AwsCloud, stage: Stage, data: StackState) -> Iterator[Check]:
    """Yield whether the destinations of the stack can be reached, if it has any."""
    states = address_states(cloud.client("dynamodb"), data.outputs["DeliveriesTable"])
    try:
        check = channels_check(stage, cloud, states)
    except (CommandError, PermanentError) as error:
        check = Check(NAME, f"unknown: {error}", LISTED, required=False)
    if check is not None:
        yield check


def _mail(cloud: AwsCloud, stage: Stage, data: StackState) -> Iterator[Check]:
    """Yield the checks of e-mail, if the stack has a sender of it."""
    try:
        found = destination_secret(stage, cloud)
        if found is not None:
            yield from mail_checks(cloud, stage, found, data.outputs["SubscriptionsTable"])
    except (CommandError, PermanentError) as error:
        yield Check(MAIL, f"unknown: {error}", LISTED, required=False)


def _region(region: str) -> Check:
    try:
        return Check("region", checked(region))
    except CommandError as error:
        return Check("region", str(error), error.fix)


def _telegram(cloud: AwsCloud, data: StackState | None) -> Check:
    """The bot of the stack's secret; before the first deployment the environment's."""
    if data is not None and "TelegramSecretArn" in data.outputs:
        text = cloud.secret(data.outputs["TelegramSecretArn"])
        return telegram_check(parsed_secret(text), "by the stack's secret")
    names = {"token": "TELEGRAM_BOT_TOKEN", "chat_id": "TELEGRAM_CHAT_ID"}
    given = {key: os.environ.get(variable, "") for key, variable in names.items()}
    return telegram_check(given, "by TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID")
