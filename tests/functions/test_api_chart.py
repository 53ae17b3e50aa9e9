"""A chart has what the live fold had: its numbers equal those that were stored at each close."""

from collections.abc import Iterator
from typing import Any

import pytest
from signalengine.chart.overlays import GROUPS
from signalengine.decisions import decide
from signalengine.facts.stream import BarsFact
from signalengine.intervals import INTERVAL_MS
from signalengine.policy import default_policy
from signalengine.strategy.lifecycle import Running
from signalengine_aws.api.endpoints.market import LEVELS
from signalengine_aws.application.compute_features import ComputeFeatures, read_facts
from signalengine_aws.application.heartbeats import status
from signalengine_aws.messaging.records import kinesis_records
from signalengine_aws.stores.decisions import DynamoDecisionLog, DynamoDecisions
from signalengine_aws.stores.events import DynamoEventLog, DynamoEvents
from signalengine_aws.stores.log.groups import DynamoGroups
from signalengine_aws.stores.log.log import DynamoLog
from signalengine_aws.stores.log.retained_states import DynamoRetainedStates
from signalengine_aws.stores.pagination import EVER
from signalengine_aws.stores.set_states import DynamoSetStates
from signalengine_aws.stores.state import DynamoFeed, DynamoStates
from signalengine_aws.stores.strategies import Strategy

from tests.aws.market import bars_facts, heartbeat, history
from tests.aws.sets import deploy, register
from tests.aws.world import World, emptied, kinesis_event, new_world
from tests.core.strategy.texts import RUNNER, runner_set
from tests.functions.api_requests import ask
from tests.functions.conftest import forget_processes

SYMBOL = "BTCUSDT"
MINUTES = 330
"""The chart begins with history and passes the first state that is retained with a checkpoint."""
INTERVALS = default_policy().intervals
NAMES = [name for names in GROUPS.values() for name in names]


SETS = [runner_set("loose", 0.9)]


class RunsSets:
    """The registry of one set, in shadow."""

    def running(self) -> Running:
        return Running(classic=True, sets=tuple(SETS))

    def park(self, name: str, reason: str) -> None:
        raise AssertionError(reason)


def folding() -> ComputeFeatures:
    return ComputeFeatures(
        log=DynamoLog("bars_table"),
        groups=DynamoGroups("state_table"),
        states=DynamoStates("state_table"),
        events=DynamoEvents("events_table"),
        policy=default_policy(),
        send_letters=len,
        sets=RunsSets(),
        set_states=DynamoSetStates("state_table", "bars_table"),
        retain=DynamoRetainedStates("bars_table").put,
        workers=0,
    )


def fold(facts: list[BarsFact]) -> None:
    """Fold history and bars as the function does, by another process from the half on."""
    half = len(facts) // 2
    number = 0
    for process in ([history(SYMBOL), facts[:half]], [facts[half : half + 1], facts[half + 1 :]]):
        features = folding()
        for batch in process:
            items, _ = read_facts(kinesis_records(kinesis_event(*batch, first=number)))
            assert features.commit(items).failed == {}
            number += len(batch)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """What hours of a symbol have left in the tables."""
    with new_world() as made, pytest.MonkeyPatch.context() as patch, emptied(made, patch):
        forget_processes()
        deploy(patch, runner=RUNNER)
        register(SETS[0])
        facts = bars_facts(SYMBOL, MINUTES)
        fold(facts)
        decisions = DynamoDecisions("decisions_table", "cooldowns_table", "signals_table")
        stored = DynamoEventLog("events_table").of_symbol(SYMBOL, EVER, None, 500).rows
        for _, one in reversed(stored):
            cooldown = decisions.cooldown(SYMBOL)
            decisions.commit(decide(one, cooldown, default_policy(), "test"), cooldown)
        beat = heartbeat(facts[-1].close_time + 2_000, SYMBOL)
        time = facts[-1].close_time
        body = status(beat, watermark=time, received_at=0, up_since=0, open_signals=0)
        DynamoFeed("state_table").put_heartbeat(body)
        yield made
        forget_processes()


def chart(**query: str) -> dict[str, Any]:
    answer = ask("/chart", {"symbol": SYMBOL, **query})
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.body
    return body


def test_the_choices_are_those_of_the_core() -> None:
    assert tuple(GROUPS) == LEVELS


@pytest.mark.parametrize("interval", INTERVALS)
def test_every_overlay_equals_what_the_evaluation_of_that_close_stored(
    world: World, interval: str
) -> None:
    body = chart(interval=interval, limit="500")
    step = INTERVAL_MS[interval]
    at = {bar[0] + step: n for n, bar in enumerate(body["bars"])}
    stored = DynamoEventLog("events_table").of_symbol(SYMBOL, EVER, None, 500).rows
    compared = 0
    for _, one in stored:
        close = one.close_time - one.close_time % step
        if close in at:
            found = {name: body["overlays"][name][at[close]] for name in NAMES}
            assert found == {name: one.features[interval][name] for name in NAMES}
            compared += 1
    assert compared > 3
    assert all(len(column) == len(body["bars"]) for column in body["overlays"].values())


def test_pages_are_the_whole_chart(world: World) -> None:
    whole = chart(limit="500", overlays="ema,profile")
    assert whole["cursor"] is None
    pages: list[dict[str, Any]] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        more = {} if cursor is None else {"cursor": cursor}
        pages.insert(0, chart(limit="35", overlays="ema,profile", **more))
        cursor = pages[0]["cursor"]
    assert len(pages) > 2
    assert [bar for page in pages for bar in page["bars"]] == whole["bars"]
    for name, column in whole["overlays"].items():
        assert [value for page in pages for value in page["overlays"][name]] == column


def test_the_scores_of_minutes_are_those_of_the_decisions(world: World) -> None:
    scores = chart(limit="500", overlays="scores")["scores"]
    assert scores["basis"] == "closes"
    places = {at: n for n, at in enumerate(scores["close_times"])}
    assert len(places) > 100
    rows = DynamoDecisionLog("decisions_table").of_symbol(SYMBOL, EVER, None, 500).rows
    assert len(rows) > 3
    for _, one in rows:
        for side in ("long", "short"):
            at, mine = places[one.close_time], scores[side]
            assert mine["score"][at] == one.scores[side].score
            found = {name: column[at] for name, column in mine["components"].items()}
            assert found == dict(one.scores[side].components)
    longer = chart(interval="15m", overlays="scores")["scores"]
    assert longer["basis"] == "decisions"
    first = chart(interval="15m", overlays="")["bars"][0][0]
    assert set(longer["close_times"]) == {t for _, one in rows if (t := one.close_time) > first}


def test_events_are_those_of_the_interval_and_longer_ones(world: World) -> None:
    every = chart(limit="500", overlays="events")["events"]
    assert {row["interval"] for row in every["rows"]} > {"1m", "5m"}
    longer = chart(interval="15m", limit="500", overlays="events")["events"]["rows"]
    assert longer
    assert {row["interval"] for row in longer} <= {"15m", "1h"}
    times = [row["close_time"] for row in every["rows"]]
    assert times == sorted(times)


def test_a_chart_that_ends_earlier_knows_nothing_of_what_came_later(world: World) -> None:
    whole = chart(limit="500", overlays="ema,events,scores")
    end = whole["bars"][60][0]
    cut = chart(limit="500", overlays="ema,events,scores", to=str(end))
    assert cut["bars"] == whole["bars"][:60]
    assert cut["overlays"] == {name: col[:60] for name, col in whole["overlays"].items()}
    assert max(row["close_time"] for row in cut["events"]["rows"]) <= end
    assert max(cut["scores"]["close_times"]) == end


@pytest.mark.parametrize("interval", ["1m", "15m", "1h"])
def test_a_chart_has_the_bars_that_have_closed_by_its_end(world: World, interval: str) -> None:
    """Also where the end is not on a bar's: the bar around it was open then."""
    whole, step = chart(interval=interval, limit="500", overlays="ema"), INTERVAL_MS[interval]
    opens = [bar[0] for bar in whole["bars"]]
    close = opens[-2] + step
    for end, count in ((close - 1, -2), (close, -1), (close + 1, -1), (close + step - 1, -1)):
        cut = chart(interval=interval, limit="500", overlays="ema", to=str(end))
        assert cut["bars"] == whole["bars"][:count]
        assert cut["overlays"] == {n: col[:count] for n, col in whole["overlays"].items()}
        paged = chart(interval=interval, limit="2", overlays="", to=str(end))
        assert paged["bars"] == cut["bars"][-2:]


def test_only_what_is_chosen_is_there(world: World) -> None:
    body = chart(overlays="vwap")
    assert list(body["overlays"]) == ["vwap"]
    assert (body["events"], body["scores"], body["strategies"]) == (None, None, None)
    assert chart(overlays="")["overlays"] == {}
    refused = ask("/chart", {"symbol": SYMBOL, "overlays": "ema,rsi"})
    assert refused.status == 400
    assert refused.body["detail"].startswith("overlays: expected some of ema, vwap,")
    assert ask("/chart", {"symbol": SYMBOL, "limit": "501"}).status == 400


@pytest.mark.parametrize("interval", ["1m", "5m", "1h"])
def test_the_values_of_a_set_equal_what_its_evaluations_stored(world: World, interval: str) -> None:
    body = chart(interval=interval, limit="500", overlays="strategies")
    (one,) = body["strategies"]
    assert (one["strategy"], one["status"], one["every"]) == (SETS[0].key, "shadow", "5m")
    stored = DynamoEventLog("events_table", strategy=Strategy(SETS[0].key))
    rows = stored.of_symbol(SYMBOL, EVER, None, 500).rows
    assert len(rows) > 3
    places = {at: n for n, at in enumerate(one["close_times"])}
    assert min(places) <= body["bars"][0][0] + INTERVAL_MS["1h"]
    for _, evaluation in rows:
        if evaluation.close_time <= body["bars"][0][0]:
            continue
        at = places[evaluation.close_time]
        found = {value["name"]: value["points"][at] for value in one["values"]}
        assert found == evaluation.values
    assert any(value["price"] for value in one["values"])


def test_a_symbol_without_bars_has_an_empty_chart(world: World) -> None:
    body = ask("/chart", {"symbol": "FOOUSDT", "overlays": "ema,events,scores"}).body
    assert (body["bars"], body["overlays"], body["cursor"]) == ([], {}, None)


def test_a_cursor_of_another_symbol_is_refused(world: World) -> None:
    cursor = chart(limit="35")["cursor"]
    assert ask("/chart", {"symbol": "ETHUSDT", "cursor": cursor}).status == 400
