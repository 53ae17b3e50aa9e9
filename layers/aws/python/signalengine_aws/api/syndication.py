"""Events as a feed for feed readers: Atom (RFC 4287) and RSS 2.0. Pure.

An entry's id is made of its event's id alone, so it is the same in both forms, by every address of
the stack and after every change of its text; a reader shows it once. Texts are those of a chat's
messages: their HTML has `b`, `i` and `code` only, and everything from outside is escaped in it.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import urljoin
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

ATOM: Final = "http://www.w3.org/2005/Atom"
NAMESPACE: Final = UUID("b6f7b3a0-6f0c-5e0e-9d3a-2b1f6c1a7d10")
"""Of the ids of entries. Another one would make all entries new for every reader."""
AUTHOR: Final = "SignalEngine"
ABOUT: Final = "Trading signals as they open and close. Not advice."
NOWHERE: Final = "about:blank"
"""RSS requires a page of the feed: this, where the dashboard's address is not known."""
_TAG: Final = re.compile(r"<[^>]*>")
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot contain in any form."""
register_namespace("atom", ATOM)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: times in ms."""

    event_id: str
    signal_id: str
    published: int
    text: str
    """HTML of a message, with line breaks."""
    categories: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The text's first line."""
        return html.unescape(_TAG.sub("", self.text.partition("\n")[0])).strip()

    @property
    def content(self) -> str:
        """The text as HTML for a page."""
        return self.text.replace("\n", "<br>\n")


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `site` is the dashboard's address, "" where it is unknown, and `path` the feed's."""

    title: str
    kind: str
    """Its media type."""
    site: str
    path: str
    entries: Sequence[Entry]
    """The newest first."""

    @property
    def address(self) -> str:
        """Its own address; "" where that is not known."""
        return urljoin(self.site, self.path) if self.site else ""

    @property
    def updated(self) -> int:
        """When its newest entry was made (ms); 0 without any."""
        return max((entry.published for entry in self.entries), default=0)


def urn(name: str) -> str:
    """Return the id of something by its name: an entry by its event's, a feed by its path."""
    return uuid5(NAMESPACE, name).urn


def atom(feed: Feed) -> str:
    """Return a feed as an Atom document."""
    root = Element("feed", {"xmlns": ATOM})
    _add(root, "title", feed.title)
    _add(root, "subtitle", ABOUT)
    _add(root, "id", urn(feed.path))
    _add(root, "updated", _rfc3339(feed.updated))
    _add(SubElement(root, "author"), "name", AUTHOR)
    if feed.site:
        SubElement(root, "link", {"rel": "self", "href": feed.address, "type": feed.kind})
        SubElement(root, "link", {"rel": "alternate", "href": feed.site, "type": "text/html"})
    for entry in feed.entries:
        one = SubElement(root, "entry")
        _add(one, "title", entry.title)
        _add(one, "id", urn(entry.event_id))
        _add(one, "published", _rfc3339(entry.published))
        _add(one, "updated", _rfc3339(entry.published))
        if feed.site:
            page = {"rel": "alternate", "href": _page(feed, entry), "type": "text/html"}
            SubElement(one, "link", page)
        for category in entry.categories:
            SubElement(one, "category", {"term": _clean(category)})
        _add(one, "content", entry.content).set("type", "html")
    return _document(root)


def rss(feed: Feed) -> str:
    """Return a feed as an RSS 2.0 document."""
    root = Element("rss", {"version": "2.0"})
    channel = SubElement(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.site or NOWHERE)
    _add(channel, "description", ABOUT)
    if feed.site:
        itself = {"rel": "self", "href": feed.address, "type": feed.kind}
        SubElement(channel, f"{{{ATOM}}}link", itself)
    _add(channel, "lastBuildDate", http_date(feed.updated))
    for entry in feed.entries:
        one = SubElement(channel, "item")
        _add(one, "title", entry.title)
        if feed.site:
            _add(one, "link", _page(feed, entry))
        _add(one, "guid", urn(entry.event_id)).set("isPermaLink", "false")
        _add(one, "pubDate", http_date(entry.published))
        for category in entry.categories:
            _add(one, "category", category)
        _add(one, "description", entry.content)
    return _document(root)


def http_date(time: int) -> str:
    """Return a time (ms) as HTTP's headers and RSS write it."""
    return format_datetime(_utc(time), usegmt=True)


def _rfc3339(time: int) -> str:
    return _utc(time).strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(time: int) -> datetime:
    return datetime.fromtimestamp(time // 1000, UTC)


def _page(feed: Feed, entry: Entry) -> str:
    return urljoin(feed.site, f"signals/{entry.signal_id}")


def _add(parent: Element, name: str, text: str) -> Element:
    one = SubElement(parent, name)
    one.text = _clean(text)
    return one


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _document(root: Element) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"
