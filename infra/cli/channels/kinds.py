"""The channels whose destinations an operator adds, and what each has to know."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from signalengine_aws.channels.ntfy.client import server_and_topic
from signalengine_aws.channels.webhook.templates import CORNIX, TemplateError, check
from signalengine_aws.delivery.destinations import Destination
from signalengine_aws.delivery.errors import UnreachableError

from infra.errors import USAGE, CommandError

_WEBHOOK: Final = re.compile(r"/api(/v\d+)?/webhooks/\d+/[\w-]+")
_SERVICE: Final = re.compile(r"/services/\w+/\w+/\w+")


def _any_url(_url: str) -> str:
    return ""


def _any_fields(_fields: Mapping[str, str]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A channel: which fields its destinations may have, and what is wrong with them."""

    about: str
    fields: tuple[str, ...] = ()
    """Names of the secret's fields beside the URL that `--field NAME=VALUE` may set."""
    signs: bool = False
    """Requests are signed: a destination has a secret, made where none is given."""
    problem_of_url: Callable[[str], str] = _any_url
    """What is wrong with a URL; "" for a good one."""
    problem_of_fields: Callable[[Mapping[str, str]], str] = _any_fields


def _webhook(fields: Mapping[str, str]) -> str:
    try:
        template = check(fields["template"]) if "template" in fields else ""
    except TemplateError as error:
        return f"the template: {error}"
    leverage = fields.get("leverage", "")
    if leverage and template != CORNIX:
        return "a leverage is for the template cornix"
    if leverage and not (leverage.isdecimal() and leverage.isascii() and 0 < int(leverage) <= 125):
        return "the leverage is not 1 to 125"
    return ""


def _discord(url: str) -> str:
    expected = "the URL is not that of a webhook: https://discord.com/api/webhooks/ID/TOKEN"
    return "" if _WEBHOOK.fullmatch(urlsplit(url).path) else expected


def _guild(fields: Mapping[str, str]) -> str:
    guild = fields.get("guild", "0")
    return "" if guild.isascii() and guild.isdecimal() else "the guild is not a number"


def _slack(url: str) -> str:
    expected = "the URL is not that of a webhook: https://hooks.slack.com/services/T…/B…/…"
    return "" if _SERVICE.fullmatch(urlsplit(url).path) else expected


def _ntfy(url: str) -> str:
    try:
        server_and_topic(Destination("", url))
    except UnreachableError as error:
        return str(error)
    return ""


KINDS: Final[Mapping[str, Kind]] = {
    "webhook": Kind(
        "signed requests with JSON, text, Cornix's format or a template",
        fields=("template", "leverage"),
        signs=True,
        problem_of_fields=_webhook,
    ),
    "discord": Kind(
        "embeds in a Discord channel; the field guild is the server's id",
        fields=("guild",),
        problem_of_url=_discord,
        problem_of_fields=_guild,
    ),
    "slack": Kind("messages in a Slack channel", problem_of_url=_slack),
    "ntfy": Kind("a topic of an ntfy server; the secret is an access token", problem_of_url=_ntfy),
}  # fmt: skip


def kind_of(name: str) -> Kind:
    """Return a channel; raises CommandError."""
    if name not in KINDS:
        raise CommandError(f"there is no channel {name!r}", f"channels: {', '.join(KINDS)}", USAGE)
    return KINDS[name]
