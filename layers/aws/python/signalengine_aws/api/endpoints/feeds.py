"""Signals for feed readers: Atom and RSS."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from signalengine.signals import DIRECTIONS

from ...runtime.api_token import FEED_PARAMETER
from .. import parameters as p
from ..routing import Request, Route, Text
from ..services import Services

ATOM: Final = "application/atom+xml"
RSS: Final = "application/rss+xml"
MAX_AGE_S: Final = 60
"""A reader that asks more often learns nothing: signals open at the close of a minute."""
MOST: Final = 100


def atom(services: Services, request: Request, **values: Any) -> Text:
    """An Atom feed (RFC 4287): an entry for each opening and each closing of the newest `limit`
    signals, the newest entry first, with the text of a chat's message. An entry's id and its times
    never change. Times are the market's. Entries link to the dashboard where its address is known.

    A reader that cannot send the API's token has one of its own in the address, as `token`; it
    reads feeds and nothing else ([security.md](security.md#tokens-of-feeds)).
    """
    from ..syndication import atom as written

    return _feed(services, request, written, "feed.atom", ATOM, values)


def rss(services: Services, request: Request, **values: Any) -> Text:
    """The same entries as `/feed.atom`, with the same ids, as RSS 2.0."""
    from ..syndication import rss as written

    return _feed(services, request, written, "feed.rss", RSS, values)


def _feed(
    services: Services,
    request: Request,
    written: Callable[..., str],
    name: str,
    kind: str,
    values: Mapping[str, Any],
) -> Text:
    from ..queries.feeds import FeedEvents
    from ..syndication import Feed, http_date

    chosen = {key: value for key, value in values.items() if key != FEED_PARAMETER}
    feed = Feed(
        title=_title(chosen),
        kind=kind,
        site=request.site,
        path=_path(name, chosen),
        entries=services.query(FeedEvents).newest(**chosen),
    )
    return Text(written(feed), kind, {"Last-Modified": http_date(feed.updated)})


def _title(chosen: Mapping[str, Any]) -> str:
    words = [chosen["symbol"], chosen["direction"], chosen["strategy"]]
    if chosen["min_score"]:
        words.append(f"{chosen['min_score']:.0%} or more")
    named = [word for word in words if word]
    return "SignalEngine" + (f": {', '.join(named)}" if named else ": signals")


def _path(name: str, chosen: Mapping[str, Any]) -> str:
    """Return a feed's path with what was chosen, without a token."""
    given = {key: value for key, value in chosen.items() if value and value != DEFAULTS.get(key)}
    return f"api/{name}" + (f"?{urlencode(sorted(given.items()))}" if given else "")


def _min_score() -> p.Parameter:
    about, expected = "Only scores from this on, as a fraction", "a number below 1, like 0.6"
    text = p.matching("min_score", about, _FRACTION, expected)
    return replace(text, read=lambda given: float(text.read(given)), default=0.0)


def _token() -> p.Parameter:
    about = "The token of a feed, where one is needed"
    return p.matching(FEED_PARAMETER, about, _TOKEN, "such a token")


_FRACTION: Final = re.compile(r"0([.][0-9]{1,4})?")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")
PARAMETERS: Final = (
    p.symbol(),
    p.choice("direction", "Only this side", DIRECTIONS),
    p.matching("strategy", "Only this parameter set", p.SET, "a strategy, or strategy@set"),
    _min_score(),
    p.limit(high=MOST),
    _token(),
)
DEFAULTS: Final = {one.name: one.default for one in PARAMETERS}
ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/feed.atom", "Openings and closings as an Atom feed", "Feeds", atom,
        parameters=PARAMETERS, kinds=(ATOM,), max_age_s=MAX_AGE_S, shared=True,
    ),
    Route(
        "/feed.rss", "Openings and closings as an RSS feed", "Feeds", rss,
        parameters=PARAMETERS, kinds=(RSS,), max_age_s=MAX_AGE_S, shared=True,
    ),
)  # fmt: skip
