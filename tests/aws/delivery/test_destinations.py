"""Destinations of a secret: found by their channel keys, and never shown."""

import json
from typing import Any

import pytest
from signalengine_aws.delivery.destinations import (
    AGAIN_MS,
    NAME,
    Destination,
    Destinations,
    read_destinations,
)
from signalengine_aws.runtime.config import ConfigError

from tests.aws.fakes import ManualClock

URL = "https://hooks.example.com/secret-path"
BOT = {"url": URL, "secret": "signing-key"}


def text(*names: str, **more: Any) -> str:
    return json.dumps({"destinations": {f"x:{name}": BOT for name in names}} | more)


def test_a_destination_has_its_url_and_the_fields_of_its_channel() -> None:
    found = read_destinations(text("my-bot", allowed=["ntfy.lan"], public_id_key="k"))
    one = found.destinations["x:my-bot"]
    assert (one.name, one.url, one.get("secret"), one.get("other")) == (
        "my-bot", URL, "signing-key", "",
    )  # fmt: skip
    assert (found.allowed, found.public_id_key) == ({"ntfy.lan"}, b"k")
    for shown in (repr(one), repr(found)):
        assert "secret" not in shown
        assert "signing" not in shown
        assert "lan" not in shown


@pytest.mark.parametrize(
    "broken",
    ["", "signing-key", "[]", "null", '{"destinations": []}', '{"allowed": "signing-key"}',
     '{"destinations": {"x:a": "signing-key"}}'],
)  # fmt: skip
def test_a_secret_of_another_form_is_refused_without_repeating_it(broken: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_destinations(broken)
    assert "signing" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_an_empty_secret_has_no_destinations() -> None:
    assert read_destinations("{}").destinations == {}


def test_a_new_destination_is_found_before_the_cache_expires() -> None:
    clock, texts, read = ManualClock(), [text()], list[int]()

    def fetch() -> str:
        read.append(clock.now)
        return texts[-1]

    destinations = Destinations(fetch, clock)
    assert destinations.of("x:a") is None
    texts.append(text("a", allowed=["h"], public_id_key="k"))
    assert destinations.of("x:a") is None
    clock.now += AGAIN_MS
    assert destinations.of("x:a") == Destination("a", URL, {"secret": "signing-key"})
    assert [destinations.of("x:a") is not None for _ in range(5)] == [True] * 5
    assert len(read) == 2
    assert (destinations.allowed, destinations.public_id_key) == ({"h"}, b"k")


@pytest.mark.parametrize(
    ("name", "good"),
    [("my-bot", True), ("a", True), ("a" * 40, True), ("a" * 41, False), ("", False),
     ("My", False), ("-a", False), ("a:b", False), ("a b", False), ("é", False)],
)  # fmt: skip
def test_names_are_short_and_plain(name: str, good: bool) -> None:
    assert bool(NAME.fullmatch(name)) == good
