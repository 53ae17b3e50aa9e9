"""Feeds as documents: what readers make of them, and what RFC 4287 requires."""

from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.api.syndication import ATOM, Entry, Feed, atom, rss

from tests.examples import examples

SITE = "https://signals.example/"
NAME = f"{{{ATOM}}}"
TEXTS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Z", "Cc", "Co", "Cn"]),
    max_size=60,
)
ENTRIES = st.lists(
    st.builds(
        Entry,
        event_id=st.from_regex(r"[0-9a-f]{24}#(opened|closed)", fullmatch=True),
        signal_id=st.from_regex(r"[0-9a-f]{24}", fullmatch=True),
        published=st.integers(0, 4_000_000_000_000),
        text=TEXTS,
        categories=st.tuples(TEXTS),
    ),
    max_size=4,
    unique_by=lambda entry: entry.event_id,
)
ONE = Entry(
    "5c1e0b7a94d25c1e0b7a94d2#opened", "5c1e0b7a94d25c1e0b7a94d2", 1_747_656_000_000,
    "🟢 <b>LONG A&amp;B&lt;C&gt;</b>\n\nEntry: <code>1</code>", ("A&B<C>", "long"),
)  # fmt: skip


def feed(*entries: Entry, site: str = SITE, kind: str = "application/atom+xml") -> Feed:
    return Feed("SignalEngine: <all> & more", kind, site, "api/feed.atom?a=1&b=2", entries)


def read(document: str) -> ElementTree.Element:
    return ElementTree.fromstring(document.encode())  # noqa: S314 - a document of our own


def required(root: ElementTree.Element) -> None:
    """Check what RFC 4287 requires of a feed and its entries (4.1.1, 4.1.2)."""
    for name in ("id", "title", "updated"):
        assert len(root.findall(NAME + name)) == 1
    assert root.find(f"{NAME}author/{NAME}name") is not None
    ids = [one.text for one in root.iter(f"{NAME}id")]
    assert len(ids) == len(set(ids))
    assert all(text is not None and text.startswith("urn:uuid:") for text in ids)
    for entry in root.findall(f"{NAME}entry"):
        for name in ("id", "title", "updated", "published", "content"):
            assert len(entry.findall(NAME + name)) == 1
        content = entry.find(f"{NAME}content")
        assert content is not None
        assert content.get("type") == "html"


@pytest.mark.parametrize("site", [SITE, ""])
@examples(60)
@given(entries=ENTRIES)
def test_any_text_makes_a_valid_feed(site: str, entries: list[Entry]) -> None:
    root = read(atom(feed(*entries, site=site)))
    required(root)
    assert len(root.findall(f"{NAME}entry")) == len(entries)
    channel = read(rss(feed(*entries, site=site))).find("channel")
    assert channel is not None
    assert all(channel.find(name) is not None for name in ("title", "link", "description"))
    assert len(channel.findall("item")) == len(entries)


@pytest.mark.parametrize("write", [atom, rss])
def test_a_reader_sees_what_was_written(write: object) -> None:
    document = atom(feed(ONE)) if write is atom else rss(feed(ONE))
    found = feedparser.parse(document.encode())
    assert not found.bozo
    assert found.feed.title == "SignalEngine: <all> & more"
    (entry,) = found.entries
    assert entry.title == "🟢 LONG A&B<C>"
    assert entry.link == f"{SITE}signals/5c1e0b7a94d25c1e0b7a94d2"
    assert entry.published_parsed[:5] == (2025, 5, 19, 12, 0)
    assert [one.term for one in entry.tags] == ["A&B<C>", "long"]
    text = entry.content[0].value if write is atom else entry.description
    assert "<b>LONG A&amp;B&lt;C&gt;</b>" in text
    assert "<br" in text


def test_both_forms_have_the_same_ids_by_every_address() -> None:
    forms = [atom(feed(ONE)), rss(feed(ONE)), atom(feed(ONE, site="")), rss(feed(ONE, site=""))]
    ids = {feedparser.parse(one.encode()).entries[0].id for one in forms}
    assert ids == {"urn:uuid:77e4d4a2-319a-5c7b-af5e-3549d3ae627f"}


def test_a_feed_without_entries_is_one() -> None:
    found = feedparser.parse(atom(feed()).encode())
    assert not found.bozo
    assert found.entries == []
    assert found.feed.updated == "1970-01-01T00:00:00Z"
