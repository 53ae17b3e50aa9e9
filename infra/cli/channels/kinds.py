"""The channels whose destinations an operator adds, and what each has to know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from signalengine_aws.channels.webhook.templates import CORNIX, TemplateError, check

from infra.errors import USAGE, CommandError


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


KINDS: Final[Mapping[str, Kind]] = {
    "webhook": Kind(
        "signed requests with JSON, text, Cornix's format or a template",
        fields=("template", "leverage"),
        signs=True,
        problem_of_fields=_webhook,
    ),
}  # fmt: skip


def kind_of(name: str) -> Kind:
    """Return a channel; raises CommandError."""
    if name not in KINDS:
        raise CommandError(f"there is no channel {name!r}", f"channels: {', '.join(KINDS)}", USAGE)
    return KINDS[name]
