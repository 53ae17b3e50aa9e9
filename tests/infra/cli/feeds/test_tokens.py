"""Tokens of feed readers: made, shown and revoked one by one, beside all else of the secret."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from signalengine_aws.runtime.api_token import read_feed_tokens

from infra.cli.feeds.tokens import OPEN, TOO_SHORT, FeedTokens
from infra.errors import CommandError


class Secret:
    """The text of the API's secret."""

    def __init__(self, **fields: Any) -> None:
        self.text = json.dumps({"api_token": "t" * 24, "push_key": "k", **fields})

    def tokens(self, site: str = "https://signals.example/") -> FeedTokens:
        def write(text: str) -> None:
            self.text = text

        return FeedTokens(lambda: self.text, write, site)


def token(address: str) -> str:
    (found,) = parse_qs(urlsplit(address).query)["token"]
    return found


def test_each_reader_has_a_token_that_is_revoked_alone() -> None:
    secret = Secret()
    one, two = (secret.tokens().add(name, {}) for name in ("phone", "office"))
    assert one["atom"].startswith("https://signals.example/api/feed.atom?token=")
    assert token(one["atom"]) == token(one["rss"]) != token(two["atom"])
    assert secret.tokens().rows({}) == [two, one]
    assert set(read_feed_tokens(secret.text)) == {token(one["atom"]), token(two["atom"])}
    secret.tokens().remove("phone")
    assert read_feed_tokens(secret.text) == (token(two["atom"]),)
    kept = json.loads(secret.text)
    assert (kept["api_token"], kept["push_key"]) == ("t" * 24, "k")
    with pytest.raises(CommandError, match="no feed reader"):
        secret.tokens().remove("phone")


def test_filters_are_in_the_address_before_its_token() -> None:
    row = Secret().tokens().add("phone", {"symbol": "BTCUSDT", "min_score": "0.7"})
    query = urlsplit(row["rss"]).query
    assert query == f"symbol=BTCUSDT&min_score=0.7&token={token(row['rss'])}"


def test_a_name_that_is_there_or_none_changes_nothing() -> None:
    secret = Secret()
    secret.tokens().add("phone", {})
    before = secret.text
    for name in ("phone", "", "A", "a b", "x" * 41):
        with pytest.raises(CommandError):
            secret.tokens().add(name, {})
    assert secret.text == before


def test_where_everyone_may_read_there_is_no_token() -> None:
    secret = Secret(api_token="")
    before = secret.text
    expected = {
        "reader": "", "atom": "https://signals.example/api/feed.atom",
        "rss": "https://signals.example/api/feed.rss", "note": OPEN,
    }  # fmt: skip
    assert secret.tokens().add("phone", {}) == expected
    assert secret.tokens().rows({}) == [expected]
    assert secret.text == before


def test_tokens_written_by_hand_are_shown_and_those_that_admit_nobody_are_named() -> None:
    secret = Secret(feed_tokens={"old": "c2Zq1mB0dJ6uUo1y-R8e", "short": "abc", "none": 7})
    old, short = secret.tokens().rows({})
    assert "note" not in old
    assert short["note"] == TOO_SHORT


def test_without_an_address_of_the_dashboard_there_is_no_feed() -> None:
    with pytest.raises(CommandError, match="no address"):
        Secret().tokens(site="").add("phone", {})
