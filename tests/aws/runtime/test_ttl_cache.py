"""The cache with a time to live."""

from signalengine.errors import TransientError
from signalengine_aws.runtime.ttl_cache import CACHED_MS, TtlCache


def test_a_value_is_cached_for_minutes_and_longer_while_fetching_fails() -> None:
    time, found = [0], ["one", "two", TransientError("away"), "three"]

    def fetch() -> str:
        value = found.pop(0)
        if isinstance(value, TransientError):
            raise value
        return value

    cached = TtlCache(fetch, lambda: time[0])
    assert [cached(), cached()] == ["one", "one"]
    for expected in ("two", "two", "three"):
        time[0] += CACHED_MS
        assert cached() == expected
