"""Days and TTLs."""

from signalengine_aws.runtime.clock import day_number, day_of, ttl


def test_a_time_has_a_utc_day() -> None:
    assert day_of(1747612799999) == "2025-05-18"
    assert day_of(1747612800000) == "2025-05-19"
    assert day_number("2025-05-19") == 1747612800000 // 86_400_000


def test_a_ttl_is_in_seconds() -> None:
    assert ttl(lambda: 5_999, 10) == 15
