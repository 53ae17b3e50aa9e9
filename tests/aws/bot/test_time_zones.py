"""Time zones as people and phones write them: read, or refused with the likely meaning."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.bot.time_zones import ZoneError, read_zone_name, zone_refusal
from signalengine_aws.delivery.subscriptions import zone, zone_name

from tests.examples import examples


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Europe/Zurich", "Europe/Zurich"), (" europe/BERLIN ", "Europe/Berlin"),
        ("America/new york", "America/New_York"), ("new york", "America/New_York"),
        ("Kyiv", "Europe/Kyiv"), ("Kiev", "Europe/Kiev"), ("Europe/Kyiv", "Europe/Kyiv"),
        ("Kyiv/Kiev", "Europe/Kiev"), ("Ukraine/Kyiv", "Europe/Kyiv"), ("berlin", "Europe/Berlin"),
        ("São Paulo", "America/Sao_Paulo"), ("Buenos Aires", "America/Buenos_Aires"),
        ("Japan", "Japan"), ("UTC", "UTC"), ("gmt", "UTC"), ("Z", "UTC"), ("utc+0", "UTC"),
        ("CET", "CET"), ("msk", "Europe/Moscow"), ("JST", "Asia/Tokyo"),
        ("UTC+2", "Etc/GMT-2"), ("GMT+02:00", "Etc/GMT-2"), ("+2", "Etc/GMT-2"),
        ("+02:00", "Etc/GMT-2"), ("+0200", "Etc/GMT-2"), ("utc + 2", "Etc/GMT-2"),
        ("UTC−3", "Etc/GMT+3"), ("-3", "Etc/GMT+3"), ("UTC+14", "Etc/GMT-14"),
        ("UTC+٢", "Etc/GMT-2"), ("(GMT+02:00) Kyiv", "Europe/Kyiv"),
        ("GMT+2, Berlin", "Europe/Berlin"), ("(UTC+01:00) Amsterdam, Berlin", "Europe/Amsterdam"),
        ("Etc/GMT+2", "Etc/GMT+2"),
    ],
)  # fmt: skip
def test_a_zone_is_read(text: str, name: str) -> None:
    assert read_zone_name(text) == name
    zone(name)


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("CEST", "Europe/Berlin"), ("mesz", "Europe/Berlin"), ("EST", "America/New_York"),
        ("CST", "America/Chicago"), ("PST", "America/Los_Angeles"), ("BST", "Europe/London"),
        ("IST", "Asia/Kolkata"), ("AEST", "Australia/Sydney"), ("+5:30", "Asia/Kolkata"),
        ("UTC+05:45", "Asia/Kathmandu"), ("-3:30", "America/St_Johns"),
    ],
)  # fmt: skip
def test_what_has_several_meanings_is_refused_with_the_likely_one(text: str, likely: str) -> None:
    with pytest.raises(ZoneError) as caught:
        read_zone_name(text)
    assert caught.value.likely[0] == likely
    assert f"/timezone {likely}" in zone_refusal(caught.value)
    for name in caught.value.likely:
        assert read_zone_name(name) == name


@pytest.mark.parametrize(
    "text", ["", "Moon/Base", "+25", "UTC+15", "UTC-13", "+2:07", "+2 Moon", "2", "<b>", "a" * 99]
)
def test_what_is_no_zone_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ZoneError) as caught:
        read_zone_name(text)
    assert "/timezone Europe/Zurich" in zone_refusal(caught.value)


@given(st.integers(-12, 14), st.sampled_from(["UTC{}", "GMT{}", "{}", "UTC {}", "{}:00", "{}00"]))
@examples(60)
def test_an_offset_is_that_many_hours_and_is_shown_so(hours: int, form: str) -> None:
    sign, number = "-" if hours < 0 else "+", abs(hours)
    name = read_zone_name(form.format(f"{sign}{number:02d}"))
    there = datetime(2025, 7, 1, tzinfo=UTC).astimezone(zone(name))
    assert there.utcoffset() == timedelta(hours=hours)
    assert zone_name(name) == (f"UTC{sign}{number}" if hours else "UTC")


@given(st.text(max_size=40))
@examples(80)
def test_any_text_is_a_zone_or_refused(text: str) -> None:
    with suppress(ZoneError):
        zone(read_zone_name(text))
