"""Preferences: evaluated purely, and stored with a version."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine_aws.delivery.deliveries import ConflictError, Delivery, DynamoDeliveries, Status
from signalengine_aws.delivery.notifications import Notification, read_notification
from signalengine_aws.delivery.subscriptions import (
    ENDED_S,
    DynamoSubscriptions,
    Notify,
    Subscription,
    Suppress,
    bucket_of,
    change,
    evaluate,
    filtered,
    preferences_of,
    quiet,
    quiet_until,
    zone,
)
from signalengine_aws.messaging.sns import signal_message
from signalengine_aws.stores.alerts import DynamoAlerts

from tests.aws.world import World
from tests.examples import examples
from tests.telegram_samples import (
    CHANNEL,
    NOON,
    body,
    closed,
    signal,
    stepped,
)

ME = Subscription(CHANNEL)
HOUR = 3_600_000


def opened(**changes: Any) -> Notification:
    return read_notification(body(signal(**changes)))


def ended() -> Notification:
    return read_notification(body(closed()))


def delivery(status: Status = Status.DELIVERED, reason: str | None = None) -> Delivery:
    return Delivery("x#opened", CHANNEL, NOON, status=status, reason=reason)


def reason(
    preferences: Subscription, notification: Notification, opening: Delivery | None = None
) -> str:
    verdict = evaluate(preferences, notification, opening, NOON)
    assert isinstance(verdict, Suppress)
    return verdict.reason


# --- evaluated -----------------------------------------------------------------------------------


def test_a_stored_zone_that_is_no_longer_known_is_utc() -> None:
    """One chat's stored value stops no message, neither its own nor another's."""
    gone = replace(ME, quiet=(11, 13), timezone="Mars/Base")
    assert quiet(gone, NOON) == "quiet hours 11-13 Mars/Base"


def test_without_preferences_everything_is_sent() -> None:
    assert evaluate(ME, opened(), None, NOON) == Notify()
    assert evaluate(ME, ended(), delivery(), NOON) == Notify()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"active": False}, "not subscribed"),
        ({"symbols": ("ETHUSDT",)}, "filter: symbol"),
        ({"direction": "short"}, "filter: direction"),
        ({"min_score": 0.66}, "filter: score"),
        ({"muted_until": NOON + 1}, "muted"),
        ({"quiet": (11, 13)}, "quiet hours 11-13 UTC"),
        ({"quiet": (23, 13)}, "quiet hours 23-13 UTC"),
        ({"opened": "off"}, "off: opened"),
    ],
)
def test_an_excluded_opening_is_suppressed_with_the_reason(
    changes: dict[str, Any], words: str
) -> None:
    assert reason(replace(ME, **changes), opened()) == words


@pytest.mark.parametrize(
    "changes",
    [
        {"symbols": ("BTCUSDT", "ETHUSDT")}, {"direction": "long"}, {"min_score": 0.65},
        {"muted_until": NOON}, {"quiet": (23, 7)}, {"quiet": (13, 12)},
    ],
)  # fmt: skip
def test_an_admitted_opening_is_sent(changes: dict[str, Any]) -> None:
    noon = NOON - NOON % (24 * HOUR) + 12 * HOUR
    assert evaluate(replace(ME, **changes), opened(), None, noon + HOUR // 2) != Notify(silent=True)


@pytest.mark.parametrize(
    ("wanted", "strategy", "excluded"),
    [
        ((), "donchian@fast", False), (("classic",), "", False), (("classic",), "donchian", True),
        (("donchian",), "donchian@fast", False), (("donchian@fast",), "donchian", True),
        (("donchian@fast", "classic"), "donchian@fast", False), (("donchian",), "", True),
    ],
)  # fmt: skip
def test_a_strategy_admits_its_sets(wanted: tuple[str, ...], strategy: str, excluded: bool) -> None:
    mine = replace(Subscription("telegram:1"), strategies=wanted)
    expected = "filter: strategy" if excluded else None
    assert filtered(mine, signal(strategy=strategy)) == expected


@pytest.mark.parametrize(
    "changes",
    [{"muted_until": NOON + 1}, {"quiet": (11, 13)}, {"closed": "silent"}, {"symbols": ("X",)}],
)
def test_a_chat_that_received_an_opening_receives_its_closing(changes: dict[str, Any]) -> None:
    verdict = evaluate(replace(ME, **changes), ended(), delivery(), NOON)
    assert verdict == Notify(silent="symbols" not in changes)


def test_steps_go_where_the_opening_went_as_loud_as_closings() -> None:
    step = read_notification(json.dumps(signal_message(stepped(), "stop1", NOON).body))
    assert evaluate(ME, step, delivery(), NOON) == Notify()
    assert evaluate(replace(ME, muted_until=NOON + 1), step, delivery(), NOON) == Notify(
        silent=True
    )
    assert reason(ME, step, delivery(Status.SUPPRESSED, "muted")) == "its opening was withheld"
    assert reason(replace(ME, closed="off"), step, delivery()) == "off: progress"
    assert evaluate(replace(ME, opened="off"), step, None, NOON) == Notify()


def test_a_closing_is_suppressed_where_its_opening_was() -> None:
    assert reason(ME, ended(), delivery(Status.SUPPRESSED, "muted")) == "its opening was withheld"
    assert reason(replace(ME, closed="off"), ended(), delivery()) == "off: closed"


def test_a_chat_with_openings_off_receives_closings() -> None:
    preferences = replace(ME, opened="off")
    withheld = delivery(Status.SUPPRESSED, reason(preferences, opened()))
    assert evaluate(preferences, ended(), withheld, NOON) == Notify()
    picky = replace(preferences, symbols=("ETHUSDT",))
    assert reason(picky, ended(), withheld) == "filter: symbol"


def test_an_announcement_is_sent_to_everyone_and_silently_in_quiet_hours() -> None:
    word = Notification("announcement#1", "announcement", None, NOON, "hello")
    assert evaluate(replace(ME, opened="off", symbols=("X",)), word, None, NOON) == Notify()
    assert evaluate(replace(ME, muted_until=NOON + 1), word, None, NOON) == Notify(silent=True)
    assert isinstance(evaluate(replace(ME, active=False), word, None, NOON), Suppress)


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 2**41))
def test_quiet_hours_are_the_complement_of_the_rest_of_the_day(
    start: int, end: int, now: int
) -> None:
    if start == end:
        return
    night, day = replace(ME, quiet=(start, end)), replace(ME, quiet=(end, start))
    assert (quiet(night, now) is None) != (quiet(day, now) is None)


def test_quiet_hours_follow_the_chats_own_clock_through_summer_time() -> None:
    night = replace(ME, quiet=(23, 7), timezone="Europe/Zurich")

    def ms(*when: int) -> int:
        return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc]  # a date

    assert quiet(night, ms(2026, 1, 10, 21, 59)) is None
    assert quiet(night, ms(2026, 1, 10, 22)) == "quiet hours 23-07 Europe/Zurich"
    assert quiet(night, ms(2026, 7, 10, 21)) is not None
    assert quiet(night, ms(2026, 7, 10, 5)) is None
    assert quiet(night, ms(2026, 1, 10, 5)) is not None


@pytest.mark.parametrize("name", ["", "Mars", "../../etc/passwd", "Europe", "UTC\x00", "x" * 500])
def test_an_unknown_time_zone_is_rejected(name: str) -> None:
    with pytest.raises(ValueError, match="Europe/Zurich"):
        zone(name)


# --- stored --------------------------------------------------------------------------------------


preferences = st.builds(
    Subscription,
    channel=st.integers(-(10**13), 10**12).map(lambda n: f"telegram:{n}"),
    active=st.booleans(),
    symbols=st.lists(st.sampled_from(["BTCUSDT", "ETHUSDT"]), unique=True).map(tuple),
    direction=st.sampled_from([None, "long", "short"]),
    min_score=st.floats(0, 1),
    muted_until=st.integers(0, 10**13),
    quiet=st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23)),
    timezone=st.sampled_from(["UTC", "Europe/Zurich"]),
    opened=st.sampled_from(["on", "silent", "off"]),
    since=st.integers(0, 10**13),
)


def test_a_subscription_is_read_as_it_was_stored(world: World) -> None:
    store = DynamoSubscriptions("subscriptions_table")

    @examples(25)
    @given(preferences)
    def same(given: Subscription) -> None:
        world.reset()
        saved = store.save(given)
        assert saved == replace(given, version=1)
        assert store.get(given.channel) == saved
        assert store.all() == [saved]

    same()


def test_a_subscription_of_another_version_is_read(world: World) -> None:
    """An earlier one stored no moves and no removals; a later one may store more."""
    store = DynamoSubscriptions("subscriptions_table")
    store.save(replace(ME, moved_to="telegram:-1", left_at=5))
    key = {"bucket": {"S": bucket_of(CHANNEL)}, "channel": {"S": CHANNEL}}
    item = world.dynamodb.get_item(TableName="subscriptions_table", Key=key)["Item"]
    stored = json.loads(item["body"]["S"])
    assert (stored.pop("moved_to"), stored.pop("left_at")) == ("telegram:-1", 5)
    later = item | {"body": {"S": json.dumps(stored | {"later": 1})}}
    world.dynamodb.put_item(TableName="subscriptions_table", Item=later)
    assert store.get(CHANNEL) == replace(ME, version=1)


def test_of_two_changes_at_once_none_is_lost(world: World) -> None:
    store = DynamoSubscriptions("subscriptions_table")
    first = change(store, ME, NOON, muted_until=5)
    with pytest.raises(ConflictError):
        store.save(replace(ME, quiet=(1, 2)))
    change(store, ME, NOON, quiet=(1, 2))
    assert store.get(CHANNEL) == replace(first, quiet=(1, 2), version=2)
    assert (first.since, store.get("telegram:1")) == (NOON, None)


def test_an_audience_is_stored_once_and_is_no_receipt(world: World) -> None:
    deliveries = DynamoDeliveries("deliveries_table", lambda: world.now)
    assert deliveries.audience("e#opened") is None
    deliveries.save_audience("e#opened", ("telegram:1", "telegram:2"))
    assert deliveries.audience("e#opened") == ("telegram:1", "telegram:2")
    with pytest.raises(ConflictError):
        deliveries.save_audience("e#opened", ())
    deliveries.save_audience("e#closed", ())
    assert deliveries.audience("e#closed") == ()
    assert deliveries.of("e#opened") == []
    assert json.dumps(world.rows("DELIVERIES_TABLE")).count('"ttl"') == 2


# --- expiring ------------------------------------------------------------------------------------


def times_to_live(world: World) -> dict[str, int | None]:
    """Return the time to live (s) of each stored subscription, None without one."""
    return {
        row["channel"]["S"]: int(row["ttl"]["N"]) if "ttl" in row else None
        for row in world.rows("SUBSCRIPTIONS_TABLE")
    }


def test_alerts_go_before_the_address_is_stored_as_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first try that fails between the two is tried again whole: nothing inherits the alerts."""
    subscriptions = DynamoSubscriptions("subscriptions_table")
    known = subscriptions.save(Subscription("push:1"))

    def throttled(_: DynamoAlerts, channel: str) -> int:
        raise TransientError(channel)

    monkeypatch.setattr(DynamoAlerts, "forget", throttled)
    with pytest.raises(TransientError):
        subscriptions.save(replace(known, active=False))
    assert subscriptions.get("push:1").active


def test_only_what_is_inactive_expires(world: World) -> None:
    store = DynamoSubscriptions("subscriptions_table", lambda: world.now, home="telegram:1")

    @examples(25)
    @given(st.lists(st.booleans(), min_size=1, max_size=6), st.integers(0, 40 * 86_400_000))
    def law(states: list[bool], apart: int) -> None:
        world.reset()
        for active in states:
            world.now += apart
            for channel in (CHANNEL, "telegram:1"):
                change(store, Subscription(channel), world.now, active=active)
            expected = None if active else world.now // 1000 + ENDED_S
            assert times_to_live(world) == {CHANNEL: expected, "telegram:1": None}

    law()


def test_who_subscribes_again_gets_the_preferences_of_before(world: World) -> None:
    """Also where the row expires between the read and the write."""
    store = DynamoSubscriptions("subscriptions_table")
    change(store, ME, NOON, quiet=(1, 2), symbols=("BTCUSDT",))
    change(store, ME, NOON, active=False)
    read = store.get(CHANNEL)
    assert read is not None
    again = change(store, read, NOON + 5, active=True)
    assert (again.quiet, again.symbols, again.since) == ((1, 2), ("BTCUSDT",), NOON)
    assert times_to_live(world) == {CHANNEL: None}
    world.reset()
    anew = change(store, read, NOON + 5, active=True)
    assert (anew.quiet, anew.symbols, anew.since) == ((1, 2), ("BTCUSDT",), NOON + 5)
    assert times_to_live(world) == {CHANNEL: None}


def test_the_configured_chat_stays_unsubscribed(world: World) -> None:
    """Without a row it would receive everything again."""
    store = DynamoSubscriptions("subscriptions_table", lambda: world.now, home=CHANNEL)
    change(store, preferences_of(store, CHANNEL, CHANNEL), world.now, active=False)
    assert times_to_live(world) == {CHANNEL: None}
    assert not preferences_of(store, CHANNEL, CHANNEL).active


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
    ],
    ids=["an hour shorter", "an hour longer"],
)
def test_quiet_hours_end_by_the_clock_of_a_night_that_changes_it(
    now: datetime, until: datetime
) -> None:
    night = replace(ME, quiet=(22, 7), timezone="Europe/Zurich")
    assert quiet_until(night, int(now.timestamp() * 1000)) == int(until.timestamp() * 1000)


@given(
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe"]),
    st.integers(1_700_000_000_000, 1_800_000_000_000),
)
def test_quiet_hours_end_when_they_say(start: int, stop: int, zone: str, now: int) -> None:
    one = Subscription("x:1", quiet=(start, stop) if start != stop else None, timezone=zone)
    until = quiet_until(one, now)
    if quiet(one, now) is None:
        assert until == 0
        return
    assert now < until <= now + 25 * 3_600_000
    assert quiet(one, until) is None
    assert quiet(one, until - 1) is not None
