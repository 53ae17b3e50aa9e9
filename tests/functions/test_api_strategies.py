"""Parameter sets in the API: lists of all or of one, shadow only on request, results apart."""

from dataclasses import replace
from functools import partial

import pytest
from signalengine.decisions import decide
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Event, Signal, signal_id
from signalengine.strategy.lifecycle import Registered, changed
from signalengine.strategy.loading import load_shipped
from signalengine.strategy.sets import StrategySet, set_of
from signalengine_aws.api.queries.sets import key_of, name_of, strategy_of
from signalengine_aws.api.queries.strategies import described
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.decisions import DynamoDecisions
from signalengine_aws.stores.events import DynamoEvents
from signalengine_aws.stores.registry import DynamoRegistry
from signalengine_aws.stores.strategies import Strategy

from tests.aws.positions import T, open_signals, signal
from tests.aws.sets import register
from tests.aws.world import World
from tests.core.samples import evaluation
from tests.functions.api_requests import get
from tests.functions.test_serve_api import beat

LIVE, SHADOW = (
    set_of(load_shipped("donchian"), {"name": name, "parameters": {"days": days}})
    for name, days in (("fast", 10), ("slow", 40))
)
TABLES = ("decisions_table", "cooldowns_table", "signals_table")


def of(one: StrategySet, time: int, *, shadow: bool = False, symbol: str = "BTCUSDT") -> Signal:
    """A set's signal."""
    return replace(
        signal(symbol, close_time=time, lifetime=14 * 1440),
        signal_id=signal_id(one.digest, symbol, time, "long"),
        policy_digest=one.digest,
        strategy=one.key,
        shadow=shadow,
    )


def close(one: Signal, price: float) -> None:
    bar = StoredBar(one.close_time, 100.0, max(100.0, price), min(100.0, price), price)
    end = settle(one, [bar])
    assert end is not None
    assert DynamoClosings("signals_table", "performance_table").close(one, end)


@pytest.fixture
def signals(world: World) -> dict[str, Signal]:
    """Three sets' signals; one of the live set opened while it was in shadow."""
    beat(world)
    register(LIVE, "promote")
    register(SHADOW)
    found = {
        "classic": signal(close_time=T),
        "early": of(LIVE, T - 2 * DAY_MS, shadow=True),
        "live": of(LIVE, T),
        "open": of(LIVE, T + MINUTE_MS, symbol="ETHUSDT"),
        "shadow": of(SHADOW, T + 2 * MINUTE_MS, shadow=True),
    }
    open_signals(*found.values())
    for name, price in (("classic", 103.0), ("early", 103.0), ("live", 98.0)):
        close(found[name], price)
    return found


def names(found: dict[str, Signal], **query: str) -> list[str]:
    """The names of the listed signals, over pages of one."""
    by_id = {one.signal_id: name for name, one in found.items()}
    listed, cursor = list[str](), None
    for _ in range(20):
        code, page = get("/signals", limit="1", **query, **({"cursor": cursor} if cursor else {}))
        assert code == 200
        listed += [by_id[one["id"]] for one in page["signals"]]
        for one in page["signals"]:
            assert one["strategy"] == found[by_id[one["id"]]].set_name
            assert one.get("shadow", False) is found[by_id[one["id"]]].shadow
        cursor = page["cursor"]
        if cursor is None:
            return listed
    raise AssertionError("the list has no end")


def test_a_list_without_a_choice_has_what_was_published(signals: dict[str, Signal]) -> None:
    assert names(signals) == ["open", "classic", "live"]
    assert names(signals, symbol="BTCUSDT") == ["classic", "live"]
    assert names(signals, status="open") == ["open"]
    assert names(signals, status="sl_hit") == ["live"]


def test_shadow_signals_come_when_they_are_asked_for(signals: dict[str, Signal]) -> None:
    everything = ["shadow", "open", "classic", "live", "early"]
    assert names(signals, shadow="true") == everything
    assert names(signals, shadow="true", status="open") == ["shadow", "open"]
    assert names(signals, strategy=SHADOW.key) == ["shadow"]
    assert names(signals, strategy=SHADOW.key, status="open") == ["shadow"]
    assert names(signals, strategy=LIVE.key) == ["open", "live", "early"]
    assert names(signals, strategy="classic") == ["classic"]


def test_what_a_retired_set_published_stays_listed(signals: dict[str, Signal]) -> None:
    to = partial(changed, action="retire", now=T)
    DynamoRegistry("strategies_table").change(LIVE.key, "ann", to)
    assert names(signals) == ["open", "classic", "live"]


def test_a_set_that_is_not_registered_is_refused(world: World) -> None:
    for path in ("/signals", "/decisions", "/events", "/performance", "/equity", "/signals/stats"):
        code, body = get(path, strategy="donchian@none")
        assert (code, body["detail"][:32]) == (400, "strategy: donchian@none is not r")
    assert get("/signals", strategy="Donchian")[0] == 400


def test_each_set_has_its_own_results(signals: dict[str, Signal]) -> None:
    """What it closed in shadow, before it was promoted, is not among them."""
    assert get("/signals/stats")[1]["by_status"]["tp_hit"] == 1
    mine = get("/signals/stats", strategy=LIVE.key)[1]
    assert (mine["policy_digest"], mine["n"], mine["wins"]) == (LIVE.digest, 1, 0)
    assert (mine["open_signals"], mine["total_signals"]) == (1, 2)
    record = get("/performance", strategy=LIVE.key)[1]
    assert [one["n"] for one in record["policies"]] == [1]
    assert len(record["equity"]) == record["n"] == 1
    assert get("/performance")[1]["n"] == get("/performance", strategy="classic")[1]["n"] == 1
    assert get("/performance", strategy=SHADOW.key, symbol="BTCUSDT")[1]["n"] == 0
    assert len(get("/equity", strategy=LIVE.key)[1]["equity"]) == 1
    assert get("/performance/stats", strategy=LIVE.key)[1]["BTCUSDT"]["total_signals"] == 1
    assert get("/signals/stats", strategy=SHADOW.key)[1]["open_signals"] == 1


def test_sets_are_compared_side_by_side(signals: dict[str, Signal]) -> None:
    register(set_of(load_shipped("donchian"), {"parameters": {"days": 30}}), "park")
    body = get("/strategies")[1]
    rows = {row["name"]: row for row in body["strategies"]}
    assert [*rows] == ["classic", LIVE.key, SHADOW.key, "donchian"]
    assert (body["count"], body["market"]) == (4, "live")
    classic, live, shadow, parked = rows.values()
    assert (classic["digest"], classic["since"], classic["closed"]) == (
        default_policy().digest, None, 1,
    )  # fmt: skip
    assert (live["status"], live["strategy"], live["set"]) == ("live", "donchian", "fast")
    assert (live["open"], live["closed"], live["wins"], live["win_rate"]) == (1, 1, 0, 0.0)
    assert live["total_return"] == pytest.approx(-1.12)
    assert live["avg_return_low"] is None
    assert live["last_signal"] == T + MINUTE_MS
    assert live["parameters"]["days"] == 10
    assert classic["evidence"] == "no edge shown (the default policy, docs/evidence.md)"
    assert (classic["promotion"], shadow["promotion"], shadow["evidence"]) == (None, None, "")
    assert live["evidence"] == "promoted without evidence: on trial"
    assert live["promotion"] == {
        "verdict": None, "override": "on trial", "parameter_set": "", "registration": "",
        "head": "", "start": None, "end": None,
    }  # fmt: skip
    assert (shadow["open"], shadow["closed"], shadow["win_rate"]) == (1, 0, None)
    assert shadow["last_signal"] == T + 2 * MINUTE_MS
    assert (parked["status"], parked["reason"]) == ("parked", "runner.py, line 7: ValueError")
    assert parked["last_signal"] is None
    only = {row["name"]: row for row in get("/strategies", market="recording")[1]["strategies"]}
    assert {(row["open"], row["closed"]) for row in only.values()} == {(0, 0)}


def test_a_set_is_named_by_its_key_and_what_cannot_be_read_is_empty() -> None:
    for name, key in (("classic", ""), ("donchian@fast", "donchian@fast")):
        assert (key_of(name), name_of(key)) == (key, name)
        assert strategy_of(key).name == name
    row = described(Registered("donchian@fast", "off", "no JSON"))
    assert (row["strategy"], row["set"], row["parameters"]) == ("donchian", "fast", {})


def test_a_stack_without_sets_has_classic_alone(world: World) -> None:
    beat(world)
    (row,) = get("/strategies")[1]["strategies"]
    assert (row["name"], row["status"], row["closed"]) == ("classic", "live", 0)


def test_decisions_and_entries_name_their_set(signals: dict[str, Signal]) -> None:
    found = evaluation()
    for one in (LIVE, SHADOW):
        entry = replace(
            found, strategy=one.key, digest=one.digest, values={"highest": 101.5},
            events=(Event("entry", "1d", "long", 1.0, {}),),
        )  # fmt: skip
        assert DynamoEvents("events_table").put(entry)
        decided = decide(entry, None, replace(default_policy(), digest=one.digest), "test")
        DynamoDecisions(*TABLES, strategy=Strategy(one.key)).commit(decided, None)
    for path, rows in (("/decisions", "decisions"), ("/events", "events")):
        for query, expected in (
            ({}, [LIVE.key]),
            ({"shadow": "true"}, [LIVE.key, SHADOW.key]),
            ({"strategy": SHADOW.key}, [SHADOW.key]),
            ({"strategy": "classic"}, []),
        ):
            page = get(path, **query)[1]
            assert [row["strategy"] for row in page[rows]] == expected
    assert get("/events", type="entry", symbol=found.symbol)[1]["count"] == 1
    opened = decided.decision.signal_id
    detail = get(f"/signals/{opened}")[1]
    assert detail["decision"]["policy_digest"] == SHADOW.digest
    assert detail["values"] == {"highest": 101.5}


def test_one_set_is_shown_in_full_without_who_changed_it(world: World) -> None:
    beat(world)
    register(LIVE, "promote")
    code, form = get("/strategies/donchian@fast")
    assert code == 200
    days = next(one for one in form["fields"] if one["name"] == "days")
    assert (days["value"], days["default"], days["least"], days["most"]) == (10.0, 20.0, 5.0, 60.0)
    assert (days["differs"], days["whole"], days["kind"]) == (True, True, "parameter")
    assert [one["name"] for one in form["fields"] if one["differs"]] == ["days"]
    assert "fee_bps" in {one["name"] for one in form["fields"] if one["kind"] == "rule"}
    assert [one["status"] for one in form["history"]] == ["live", "shadow"]
    assert form["history"][0]["evidence"].startswith("promoted without evidence")
    assert "ann" not in str(form["history"])
    assert (form["editable"], form["problem"]) == (True, "")
    assert get("/strategies/unknown")[0] == 404


def test_the_policy_is_shown_in_full(world: World) -> None:
    beat(world)
    code, form = get("/strategies/classic")
    assert code == 200
    assert form["editable"] is False
    fields = {one["name"]: one for one in form["fields"]}
    assert fields["threshold"]["value"] == 0.5
    assert fields["events.ema_cross.intervals"]["value"] == ["5m", "15m", "1h"]
    assert not any(one["differs"] for one in fields.values())
    assert form["digest"] == default_policy().digest


def test_a_set_without_its_code_is_shown_with_the_problem(world: World) -> None:
    beat(world)
    gone = Registered("gone", "parked", '{"strategy": "gone", "parameters": {"x": 1}}', "0" * 12)
    DynamoRegistry("strategies_table").change("gone", "ann", lambda _: replace(gone, version=1))
    form = get("/strategies/gone")[1]
    assert "gone" in form["problem"]
    assert [(one["name"], one["value"]) for one in form["fields"]] == [("x", 1)]
