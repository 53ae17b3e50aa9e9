"""Subscriptions by e-mail: asking for one, confirming it, ending it."""

import html
import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Protocol, TypedDict

from ...runtime.config import DashboardUrl
from ...stores.rate_limits import TooManyCallsError
from .. import parameters as p
from ..routing import MissingError, Request, Route, Text
from .chat import read_body

if TYPE_CHECKING:
    from ...channels.email.opt_in import OptIn


class Services(Protocol):
    """What these endpoints use."""

    @property
    def env(self) -> DashboardUrl: ...

    @property
    def opt_in(self) -> "OptIn | None":
        """Subscriptions by e-mail; None where no sender is configured."""
        ...


HTML: Final = "text/html"
LANGUAGES: Final = ("en", "es")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}
"""The page's address has the token: no other site receives it."""
ABSENT: Final = "e-mail: not offered here"
FULL: Final = "the list is full"
FULL_S: Final = 86_400
"""After so long it may be worth asking again."""
FULL_PAGE: Final = (
    "The list is full: no more addresses can subscribe now, and nothing is stored. The link stays "
    "valid for 48 hours after the mail, and works when there is a place again."
)
SENT: Final = "If this address can be subscribed, a mail with a link to confirm it is on its way."


class Accepted(TypedDict):
    """The same for every address."""

    message: str


class Offer(TypedDict):
    """What is offered here."""

    open: bool
    full: bool


def subscribe(services: Services, request: Request) -> dict[str, Any]:
    """Sends a mail that asks the address for its confirmation; until its link is used, nothing is
    stored and nothing else is sent. The answer is the same for an address that is subscribed, one
    that is not, and one that is sent nothing. Ten requests an hour and network, then 429; three
    mails a day to an address. Only where the operator has opened it, else 404; 429 too while the
    list is full. The body is `{"address": "ada@example.com"}`, with an optional `language` (`en`,
    `es`), and `preferences` as those of [Web Push](#post-pushsubscriptions) but the language, which
    the link sets once it is used; without them an address that comes back has those of before.
    """
    from ...channels.email.address import AddressError, read_address
    from ...channels.email.contacts import FullError

    raw = read_body(request.body)
    language = raw.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise p.QueryError(f"language: expected one of {', '.join(LANGUAGES)}")
    try:
        address = read_address(str(raw.get("address", "")))
    except AddressError as error:
        raise p.QueryError(f"address: {error}") from None
    site = request.site or services.env.dashboard_url
    wanted = _wanted(raw.get("preferences"))
    opt_in = _opt_in(services)
    if not opt_in.is_open or not site:
        raise MissingError(ABSENT)
    try:
        opt_in.request(address, site, language, caller=request.client, wanted=wanted)
    except FullError:
        raise TooManyCallsError(FULL_S, FULL) from None
    return {"message": SENT}


def _wanted(raw: Any) -> dict[str, Any]:
    from ...channels.preferences import PreferenceError, read_preferences

    try:
        return {} if raw is None else read_preferences(raw)
    except PreferenceError as error:
        raise p.QueryError(str(error)) from None


def offered(services: Services, request: Request) -> dict[str, Any]:
    """Whether everyone may ask for signals by e-mail here, and whether the list is full."""
    opt_in = services.opt_in
    is_open = opt_in is not None and opt_in.is_open
    is_open = is_open and bool(request.site or services.env.dashboard_url)
    return {"open": is_open, "full": is_open and opt_in is not None and opt_in.is_full}


def confirm_page(_services: Services, _: Request, **_values: Any) -> Text:
    """The page that the link of a confirmation mail opens: a button, and nothing happens before it
    is pressed, whatever opens links of mails.
    """
    return _page("Confirm the subscription", "Send trading signals to this address?")


def confirm(services: Services, _: Request, *, token: str) -> Text:
    """Subscribes the address in the link. Again is harmless; after two days the link is void. While
    the list is full, the page says so with status 409, and the link stays valid.
    """
    from ...channels.email.contacts import FullError
    from ...channels.email.tokens import TokenError

    try:
        _opt_in(services).confirm(token)
    except FullError:
        return replace(_said(FULL_PAGE), status=HTTPStatus.CONFLICT)
    except TokenError as error:
        raise p.QueryError(f"token: {error}") from None
    return _said("The address is subscribed. Every mail has a link that ends this.")


def unsubscribe_page(_services: Services, _: Request, **_values: Any) -> Text:
    """The page that the link in every mail opens: a button."""
    return _page("Unsubscribe", "Send no more trading signals to this address?")


def unsubscribe(services: Services, _: Request, *, token: str) -> Text:
    """Ends the subscription and removes the stored address; mail programs post here by themselves
    (RFC 8058). Again is harmless, and the link stays valid.
    """
    from ...channels.email.tokens import TokenError

    try:
        _opt_in(services).unsubscribe(token)
    except TokenError as error:
        raise p.QueryError(f"token: {error}") from None
    return _said("The subscription has ended, and the address is no longer stored.")


def _opt_in(services: Services) -> "OptIn":
    found = services.opt_in
    if found is None:
        raise MissingError(ABSENT)
    return found


def _page(button: str, question: str) -> Text:
    """Return a page with a button; it says nothing about the token, so it needs no check."""
    action = f'<form method="post"><button>{html.escape(button)}</button></form>'
    return _said(question, action)


def _said(words: str, more: str = "") -> Text:
    body = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>SignalEngine</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"></head>'
        f"<body><main><h1>SignalEngine</h1><p>{html.escape(words)}</p>{more}</main></body></html>\n"
    )
    return Text(body, HTML, HEADERS)


def subscribe_body() -> dict[str, Any]:
    """Return the JSON schema of the request's body."""
    from .push import preferences_schema

    return {
        "type": "object",
        "required": ["address"],
        "properties": {
            "address": {"type": "string", "format": "email", "maxLength": 254},
            "language": {"enum": list(LANGUAGES)},
            "preferences": {"type": "object", "properties": preferences_schema()},
        },
    }


_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{40,4000}")
TOKEN: Final = (
    p.matching("token", "The token of the mail's link", _TOKEN, "that of a link", required=True),
)
EXAMPLE: Final = f'{{"message": "{SENT}"}}'
ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/email/subscribe", "Whether signals by e-mail are offered", "E-mail", offered, Offer,
        raises=("503",), open=True, example='{"open": true, "full": false}',
    ),
    Route(
        "/email/subscribe", "Ask for signals by e-mail", "E-mail", subscribe, Accepted,
        method="POST", body=subscribe_body, raises=("404", "429", "503"), open=True,
        example=EXAMPLE,
    ),
    Route(
        "/email/confirm", "The page of a confirmation link", "E-mail", confirm_page,
        parameters=TOKEN, kinds=(HTML,), open=True,
    ),
    Route(
        "/email/confirm", "Confirm a subscription", "E-mail", confirm, parameters=TOKEN,
        method="POST", kinds=(HTML,), raises=("404", "503"), open=True,
    ),
    Route(
        "/email/unsubscribe", "The page of an unsubscribe link", "E-mail", unsubscribe_page,
        parameters=TOKEN, kinds=(HTML,), open=True,
    ),
    Route(
        "/email/unsubscribe", "End a subscription", "E-mail", unsubscribe, parameters=TOKEN,
        method="POST", kinds=(HTML,), raises=("404", "503"), open=True,
    ),
)  # fmt: skip
