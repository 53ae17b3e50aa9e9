"""Signals of the market at every channel's stand-in, which has failed in each way at first."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from infra.local.replay.report import expected_events

from .conftest import Played
from .stand_ins import AFTER_DELIVERY, FAULTS, GUILD, request
from .waiting import until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
SIGNAL_ID = re.compile(r"\b[0-9a-f]{24}\b")
ENDED = re.compile(r"\b(TP HIT|SL HIT|EXPIRED)\b")
DELIVERED_WITHIN_S = 180.0
"""A time-out takes ten seconds, and pauses double."""


def event_of(arrival: Mapping[str, Any]) -> str | None:
    """Return the event that a message is about; None for one about no signal."""
    found = set(SIGNAL_ID.findall(arrival["text"]))
    if len(found) != 1:
        return None
    return f"{found.pop()}#{'closed' if ENDED.search(arrival['text']) else 'opened'}"


def arrivals(played: Played, channel: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the messages about signals at a stand-in, each with its event."""
    rows = request(played.system, "GET", "/_local/messages")["messages"]
    found = [(event_of(row), row) for row in rows if row["channel"] == channel]
    return [(event, row) for event, row in found if event is not None]


def deliveries(played: Played, channel: str) -> dict[str, dict[str, Any]]:
    """Return the stored delivery of each event to a channel's one destination."""
    found = {}
    for event in expected_events(played.seen.signals):
        for item in played.collector.query("DeliveriesTable", Key("event_id").eq(event)):
            if str(item["channel"]).partition(":")[0] == channel:
                found[event] = item
    return found


def delivered(played: Played, channel: str) -> dict[str, dict[str, Any]]:
    """Wait until every event of the market is delivered by a channel; return the deliveries."""
    due = set(expected_events(played.seen.signals))
    return until(
        partial(deliveries, played, channel),
        lambda found: {e for e, one in found.items() if one["status"] == "delivered"} == due,
        f"delivering {len(due)} events by {channel}",
        DELIVERED_WITHIN_S,
    )


@pytest.mark.parametrize("channel", FAULTS)
def test_each_event_arrives_once_but_in_the_window(played: Played, channel: str) -> None:
    stored = delivered(played, channel)
    arrived = Counter(event for event, _ in arrivals(played, channel))
    assert set(arrived) == set(stored)
    twice = {event: n - 1 for event, n in arrived.items() if n > 1}
    counted = {event: int(one.get("possible_duplicates", 0)) for event, one in stored.items()}
    assert {event: n for event, n in twice.items() if n > counted[event]} == {}
    ordered = sum(fault["kind"] in AFTER_DELIVERY for fault in FAULTS[channel])
    assert sum(twice.values()) >= ordered, "the faults were not met"


def test_every_fault_was_met_and_nothing_was_set_aside(played: Played) -> None:
    for channel in FAULTS:
        delivered(played, channel)
    assert request(played.system, "GET", "/_local/faults")["faults"] == []
    for name in ("ChannelsQueueUrl", "ChannelsDeadLetterQueueUrl"):
        until(partial(played.collector.queued, name), lambda n: n == 0, f"an empty {name}")


def test_a_mail_of_a_closing_is_in_the_thread_of_its_opening(played: Played) -> None:
    stored = delivered(played, "email")
    mails = {event: headers(row) for event, row in arrivals(played, "email")}
    for event in closings(stored):
        opening = event.replace("#closed", "#opened")
        assert mails[event]["In-Reply-To"] == mails[opening]["Message-ID"]
        assert mails[opening]["Message-ID"] == stored[opening]["receipt"]


def headers(arrival: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a mail that the stand-in shows."""
    return {
        "".join(run["text"] for run in name): "".join(run["text"] for (run,) in lines)
        for name, lines in arrival["fields"]
    }


def test_a_closing_on_discord_begins_with_a_link_to_its_opening(played: Played) -> None:
    stored = delivered(played, "discord")
    said = {event: row["payload"].get("content", "") for event, row in arrivals(played, "discord")}
    for event in closings(stored):
        receipt = stored[event.replace("#closed", "#opened")]["receipt"]
        assert f"/{GUILD}/{receipt})" in said[event]


def test_a_pushed_closing_has_the_topic_of_its_opening(played: Played) -> None:
    """So it replaces an opening that has not come yet."""
    delivered(played, "push")
    for event, row in arrivals(played, "push"):
        said = ["".join(run["text"] for run in line) for line in row["footer"]]
        assert f"Topic: {event.partition('#')[0]}" in said


def closings(stored: Mapping[str, Any]) -> list[str]:
    found = [event for event in stored if event.endswith("#closed")]
    assert found
    return found
