"""Feeds of the API: Atom and RSS, with filters, caching and tokens of their own."""

import json
from dataclasses import replace

import feedparser
import pytest
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine_aws.api.endpoints.feeds import ROUTES
from signalengine_aws.stores.closings import DynamoClosings

from tests.aws.positions import T, open_signals, signal
from tests.aws.world import World
from tests.functions.api_requests import Answer, ask
from tests.functions.conftest import forget_processes
from tests.functions.test_serve_api import beat

FEEDS = {route.path: kind for route in ROUTES for kind in route.kinds}
TOKEN = "a token, made up"
PHONE = "phone-3f9c1d2b7a60e84c"


@pytest.fixture
def stored(world: World) -> World:
    """Three signals: one won, one open, one open with a low score."""
    beat(world)
    won = signal("BTCUSDT", close_time=T)
    weak = replace(signal("SOLUSDT", close_time=T + 2 * MINUTE_MS), score=0.51)
    open_signals(won, signal("ETHUSDT", "short", close_time=T + MINUTE_MS), weak)
    bars = [
        StoredBar(T + n * MINUTE_MS, 100.0, 103.0 if n == 4 else 100.2, 99.8, 100.0)
        for n in range(5)
    ]
    end = settle(won, bars)
    assert end is not None
    assert DynamoClosings("signals_table", "performance_table").close(won, end)
    return world


def titles(answer: Answer) -> list[str]:
    """The titles of a feed's entries as a reader sees them."""
    assert answer.status == 200, answer.text
    found = feedparser.parse(answer.text.encode())
    assert not found.bozo, found.bozo_exception
    return [entry.title for entry in found.entries]


@pytest.mark.parametrize("path", FEEDS)
def test_openings_and_closings_are_entries_the_newest_first(stored: World, path: str) -> None:
    answer = ask(path)
    assert answer.kind == FEEDS[path] == f"application/{path.removeprefix('/feed.')}+xml"
    assert titles(answer) == [
        "✅ TP HIT - LONG BTCUSDT", "🟢 LONG SOLUSDT", "🔴 SHORT ETHUSDT", "🟢 LONG BTCUSDT",
    ]  # fmt: skip


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        ({"symbol": "btc"}, ["BTC", "BTC"]),
        ({"direction": "short"}, ["ETH"]),
        ({"min_score": "0.6"}, ["BTC", "ETH", "BTC"]),
        ({"min_score": "0.99"}, []),
        ({"strategy": "classic", "limit": "1"}, ["SOL"]),
        ({"limit": "1", "min_score": "0.6"}, ["ETH"]),
    ],
)
def test_filters_are_the_apis(
    stored: World, path: str, query: dict[str, str], symbols: list[str]
) -> None:
    found = titles(ask(path, query))
    assert [title.split()[-1].removesuffix("USDT") for title in found] == symbols


@pytest.mark.parametrize(
    "query", [{"min_score": "2"}, {"min_score": "1e-1"}, {"limit": "101"}, {"strategy": "none"}]
)
def test_other_values_are_refused(stored: World, query: dict[str, str]) -> None:
    assert ask("/feed.atom", query).status == 400


def test_an_unknown_parameter_set_is_refused(stored: World) -> None:
    assert ask("/feed.rss", {"strategy": "none@x"}).status == 400


def test_a_signal_in_shadow_has_no_entry(stored: World) -> None:
    open_signals(replace(signal("XRPUSDT", close_time=T + 3 * MINUTE_MS), shadow=True))
    assert len(titles(ask("/feed.atom", {"strategy": "classic"}))) == 4


@pytest.mark.parametrize("path", FEEDS)
def test_a_reader_that_has_the_feed_gets_no_body(stored: World, path: str) -> None:
    first = ask(path)
    assert first.headers["Last-Modified"] == "Mon, 19 May 2025 12:05:00 GMT"
    assert first.headers["Cache-Control"] == "public, max-age=60"
    changed = {"if-modified-since": first.headers["Last-Modified"]}
    known = {"if-none-match": first.headers["ETag"]}
    for headers in (changed, known):
        again = ask(path, headers=headers)
        assert (again.status, again.text) == (304, "")
    for headers in (known | {"if-none-match": '"another"'} | changed, {"if-modified-since": "x"}):
        assert ask(path, headers=headers).status == 200


def test_entries_link_to_the_dashboard_that_cloudfront_names(
    stored: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONT_KEY", "k1")
    forget_processes()
    headers = {"x-front-key": "k1", "x-viewer-host": "signals.example"}
    query = {"symbol": "BTCUSDT", "min_score": "0.6"}
    found = feedparser.parse(ask("/feed.atom", query, headers=headers).text.encode())
    page = f"https://signals.example/signals/{signal().signal_id}"
    assert {entry.link for entry in found.entries} == {page}
    links = {one.rel: one.href for one in found.feed.links}
    assert links == {
        "self": "https://signals.example/api/feed.atom?min_score=0.6&symbol=BTCUSDT",
        "alternate": "https://signals.example/",
    }


def test_answers_that_dashboards_share_differ_by_site(
    stored: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONT_KEY", "k1")
    monkeypatch.setenv("PUBLIC_USD_A_DAY", "1")
    forget_processes()
    for host in ("a.example", "b.example"):
        answer = ask("/feed.rss", headers={"x-front-key": "k1", "x-viewer-host": host})
        assert answer.headers["Cache-Control"] == "public, max-age=60, s-maxage=15"
        assert feedparser.parse(answer.text.encode()).feed.link == f"https://{host}/"


# --- tokens --------------------------------------------------------------------------------------


def guard(world: World, **feed_tokens: object) -> None:
    """Configure a token for the API, and tokens of feeds."""
    text = json.dumps({"api_token": TOKEN, "feed_tokens": feed_tokens})
    world.secrets.put_secret_value(SecretId=world.api_secret_arn, SecretString=text)
    forget_processes()


@pytest.mark.parametrize("path", FEEDS)
def test_a_feeds_token_reads_feeds_and_nothing_else(stored: World, path: str) -> None:
    guard(stored, phone=PHONE)
    answer = ask(path, {"token": PHONE})
    assert len(titles(answer)) == 4
    assert answer.headers["Cache-Control"] == "private, max-age=60"
    assert PHONE not in answer.text, "an entry that is passed on would pass on the token"
    assert len(titles(ask(path, headers={"x-api-key": TOKEN}))) == 4
    assert ask(path).status == 401
    assert ask("/signals", {"token": PHONE}).status == 401
    for headers in ({"x-api-key": PHONE}, {"authorization": f"Bearer {PHONE}"}):
        assert ask("/signals", headers=headers).status == 401
        assert ask(path, headers=headers).status == 401


@pytest.mark.parametrize(
    "token", ["", "x", PHONE[:-1], f"{PHONE}x", TOKEN, "é" * 24, "\udc80" * 24]
)
def test_another_token_is_refused(stored: World, token: str) -> None:
    guard(stored, phone=PHONE, short="x", wrong=7)
    answer = ask("/feed.atom", {"token": token})
    assert answer.status == 401
    assert PHONE not in answer.text


def test_a_removed_token_is_refused(stored: World) -> None:
    guard(stored, phone=PHONE, desk="desk-0123456789abcdef")
    assert ask("/feed.atom", {"token": PHONE}).status == 200
    guard(stored, desk="desk-0123456789abcdef")
    assert ask("/feed.atom", {"token": PHONE}).status == 401
    assert ask("/feed.atom", {"token": "desk-0123456789abcdef"}).status == 200


def test_where_everyone_may_read_a_token_changes_nothing(stored: World) -> None:
    shared = ask("/feed.atom", {"token": PHONE})
    assert len(titles(shared)) == 4
    assert shared.headers["Cache-Control"] == "public, max-age=60"
