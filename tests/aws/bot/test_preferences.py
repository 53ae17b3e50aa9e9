"""Preferences as users write them, and as they are shown."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.text.languages import LANGUAGES, in_language
from signalengine_aws.bot.preferences import (
    Filters,
    PreferenceError,
    preferences_buttons,
    preferences_line,
    preferences_text,
    read_filters,
    read_hours,
    read_quiet,
    read_span,
    read_zone,
)
from signalengine_aws.delivery.subscriptions import Subscription

from infra.local.telegram.markup import parse_html
from tests.examples import examples
from tests.telegram_samples import CHANNEL, NOON

FOLLOWED = ("BTCUSDT", "ETHUSDT", "SOLUSDC")
ME = Subscription(CHANNEL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Filters()),
        ("all", Filters()),
        ("BTCUSDT", Filters(("BTCUSDT",))),
        ("btc, eth and sol", Filters(("BTCUSDT", "ETHUSDT", "SOLUSDC"))),
        ("btc BTC", Filters(("BTCUSDT",))),
        ("long", Filters(direction="long")),
        ("BTC short min 60", Filters(("BTCUSDT",), "short", 0.6)),
        ("min 75% long", Filters((), "long", 0.75)),
        ("min 0", Filters()),
    ],
)
def test_filters_are_read_in_any_order(text: str, expected: Filters) -> None:
    assert read_filters(text, FOLLOWED) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("donchian", ("donchian",)),
        ("Donchian@Fast BTC classic", ("donchian@fast", "classic")),
        ("donchian donchian", ("donchian",)),
        ("classic", ("classic",)),
    ],
)
def test_a_strategy_or_one_of_its_sets_is_a_filter(text: str, expected: tuple[str, ...]) -> None:
    assert read_filters(text, FOLLOWED, ("classic", "donchian@fast")).strategies == expected


def test_chosen_strategies_are_shown() -> None:
    mine = replace(ME, strategies=("classic", "donchian@fast"))
    assert "Strategies: classic, donchian@fast" in preferences_text(mine, NOON)
    assert "classic, donchian@fast" in preferences_line(mine)
    assert "Strategies" not in preferences_text(ME, NOON)


@pytest.mark.parametrize("text", ["DOGE", "min", "min 101", "min high", "BTC up", "<b>", "min -5"])
def test_a_word_that_chooses_nothing_is_named(text: str) -> None:
    with pytest.raises(PreferenceError):
        read_filters(text, FOLLOWED)


@given(st.text())
def test_any_text_is_filters_or_refused(text: str) -> None:
    try:
        found = read_filters(text, FOLLOWED)
    except PreferenceError:
        return
    assert set(found.symbols) <= set(FOLLOWED)
    assert 0 <= found.min_score <= 1


@pytest.mark.parametrize(
    ("text", "minutes"), [("", 120), ("2h", 120), ("30m", 30), ("1d", 1440), (" 2 H ", 120)]
)
def test_a_span_is_read(text: str, minutes: int) -> None:
    assert read_span(text) == minutes * 60_000


@pytest.mark.parametrize("text", ["0h", "31d", "2", "h", "-2h", "2 hours", "99999h"])
def test_another_span_is_refused(text: str) -> None:
    with pytest.raises(PreferenceError):
        read_span(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [("23-07", (23, 7)), ("23 - 7", (23, 7)), ("22:00-06:00", (22, 6)), ("off", None),
     ("0-24", None), ("12–14", (12, 14)), ("22-7", (22, 7)), ("22:00–07:00", (22, 7)),
     ("22:00 — 07:00", (22, 7)), ("10pm-7am", (22, 7)), ("10 PM – 7 AM", (22, 7)),
     ("10 p.m. to 7 a.m.", (22, 7)), ("12am-6am", (0, 6)), ("12pm-1pm", (12, 13)),
     ("22h-7h", (22, 7)), ("22h00-7h00", (22, 7)), ("22.00-7.00", (22, 7)), ("2200-0700", (22, 7)),
     ("from 22 to 7", (22, 7)), ("22 Uhr - 7 Uhr", (22, 7)), ("midnight-noon", (0, 12)),
     ("٢٢-٧", (22, 7)), ("22−7", (22, 7)), ("22\u00a0-\u00a07", (22, 7)), ("23-24", (23, 0))],
)  # fmt: skip
def test_hours_are_read(text: str, hours: tuple[int, int] | None) -> None:
    if hours is None and text not in ("off", "OFF", "never"):
        with pytest.raises(PreferenceError):
            read_hours(text)
    else:
        assert read_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10pm-7", "/quiet 22-07 or /quiet 22-19"), ("10-7am", "/quiet 10-07 or /quiet 22-07"),
        ("22:30-7", "/quiet 22-07"), ("22:30-07:15", "/quiet 22-07"), ("13pm-7am", "/quiet 23-07"),
        ("0am-7am", "/quiet 23-07"),
    ],
)  # fmt: skip
def test_hours_with_several_meanings_are_refused_with_the_likely_ones(
    text: str, meant: str
) -> None:
    with pytest.raises(PreferenceError, match=meant):
        read_hours(text)


@given(st.text(alphabet="0123456789 :-–apmh.h", max_size=12))
@examples(100)
def test_any_hours_are_read_or_refused(text: str) -> None:
    try:
        found = read_hours(text)
    except PreferenceError:
        return
    assert found is None or (0 <= found[0] < 24 and 0 <= found[1] < 24 and found[0] != found[1])


@pytest.mark.parametrize("text", ["", "23", "24-7", "7-25", "7-7", "a-b", "23:30-7"])
def test_other_hours_are_refused(text: str) -> None:
    with pytest.raises(PreferenceError):
        read_hours(text)


def test_a_time_zone_is_read_or_refused_with_an_example() -> None:
    assert read_zone(" Europe/Zurich ") == "Europe/Zurich"
    with pytest.raises(PreferenceError, match="Europe/Zurich"):
        read_zone("Zurich, please")
    assert read_zone("UTC+2") == "Etc/GMT-2"
    with pytest.raises(PreferenceError, match="/timezone Europe/Berlin"):
        read_zone("CEST")


def test_a_fixed_offset_is_shown_as_people_write_it() -> None:
    night = replace(ME, quiet=(23, 7), timezone="Etc/GMT-2")
    assert "Quiet 23-07 UTC+2" in preferences_text(night, NOON)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("22-7", {"quiet": (22, 7)}), ("off", {"quiet": None}),
        ("22-7 digest", {"quiet": (22, 7), "digest_after_quiet": True}),
        ("10pm to 7am Digest ", {"quiet": (22, 7), "digest_after_quiet": True}),
    ],
)  # fmt: skip
def test_quiet_hours_may_end_with_a_digest(text: str, changes: dict[str, Any]) -> None:
    assert read_quiet(text) == changes


@pytest.mark.parametrize("text", ["digest", "off digest", "22-7 digests", "22-7 no digest"])
def test_a_digest_needs_hours(text: str) -> None:
    with pytest.raises(PreferenceError, match="23-07 digest"):
        read_quiet(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_switches_the_digest_where_there_are_quiet_hours(language: str) -> None:
    night, said = replace(ME, quiet=(22, 7)), {"en": "then a digest", "es": "después un resumen"}
    with in_language(language):
        assert len(preferences_buttons(ME, NOON)) == 2
        _, ((_, data),), _ = preferences_buttons(night, NOON)
        assert data == "set:digest:on"
        assert said[language] not in preferences_text(night, NOON)
        late = replace(night, digest_after_quiet=True)
        assert preferences_buttons(late, NOON)[1][0][1] == "set:digest:off"
        assert said[language] in preferences_text(late, NOON)


def test_preferences_are_shown_as_text() -> None:
    picky = replace(
        ME, symbols=("BTCUSDT",), direction="long", min_score=0.6, quiet=(11, 14),
        muted_until=NOON + 7_200_000, closed="silent",
    )  # fmt: skip
    assert parse_html(preferences_text(picky, NOON)).text.splitlines() == [
        "🔔 This chat receives", "Symbols: BTCUSDT", "Direction: long", "Score: 60% or more",
        "Openings on, closings silent", "Quiet 11-14 UTC, which is now", "Muted for another 2 h",
    ]  # fmt: skip
    assert "all" in preferences_text(ME, NOON)
    assert "/subscribe" in preferences_text(replace(ME, active=False), NOON)
    assert preferences_line(picky) == "<code>424242</code> BTCUSDT, long, min 60"


def test_buttons_go_round_what_is_on_silent_and_off() -> None:
    seen = []
    preferences = ME
    for _ in range(3):
        (opened, _), (mute, _) = preferences_buttons(preferences, NOON)
        seen.append(opened)
        preferences = replace(preferences, opened=opened[1].split(":")[3])  # type: ignore[arg-type]  # text
        assert mute == ("🔕 Mute 2h", "set:mute:2h")
    assert [data.removeprefix("set:loud:opened:") for _, data in seen] == ["silent", "off", "on"]
    assert preferences_buttons(replace(ME, active=False), NOON) == (
        (("🔔 Subscribe", "set:subscribe"),),
    )
    assert preferences_buttons(replace(ME, muted_until=NOON + 1), NOON)[1][0][1] == "set:unmute"
