"""What another version has stored is read as far as it is known, or set aside, and others go on."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine.decisions import decide
from signalengine.errors import PermanentError
from signalengine.policy import default_policy
from signalengine.signals import Evaluation, to_json
from signalengine_aws.delivery.deliveries import PACE_KEY, Delivery, DynamoDeliveries
from signalengine_aws.delivery.pacing import AddressState
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.runtime.failures import TRIES
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.runtime.stored_fields import UnreadableError, versioned
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.decisions import DynamoDecisionLog, DynamoDecisions
from signalengine_aws.stores.events import DynamoEventLog, DynamoEvents
from signalengine_aws.stores.log.groups import DynamoGroups
from signalengine_aws.stores.pagination import Span
from signalengine_aws.stores.performance import DynamoPerformance
from signalengine_aws.stores.state import DynamoFeed
from signalengine_aws.stores.strategies import CLASSIC, without_strategy
from signalengine_aws.stores.tables import MODELS

from functions.compute_features import handler as compute_features
from functions.publish_signals import handler as publish_signals
from functions.score_events import handler as score_events
from functions.track_signals import handler as track_signals
from tests.aws.folded import readable
from tests.aws.market import bars_facts, heartbeat, history
from tests.aws.other_versions import ATTRIBUTES, NEWER, bodies, items
from tests.aws.positions import T, minute, open_signals, signal, store_minutes
from tests.aws.world import CHECKS, World, kinesis_event, stream_event
from tests.core.samples import evaluation
from tests.examples import examples
from tests.functions.conftest import Context, forget_processes

OTHER = "ETHUSDT"
AT = evaluation().close_time
REFUSED: Any = {
    "Error": {"Code": "ValidationException", "Message": "too large"},
    "ResponseMetadata": {"HTTPStatusCode": 400},
}


def law(count: int) -> Callable[[Any], Any]:
    """Run with `count` examples on one AWS, which each example empties."""
    return settings(examples(count), suppress_health_check=[HealthCheck.function_scoped_fixture])


def fresh(world: World) -> None:
    world.reset()
    forget_processes()
    world.letters()


def replaced(world: World, variable: str, item: dict[str, Any]) -> None:
    world.dynamodb.put_item(TableName=variable.lower(), Item=item)


def keys(variable: str) -> frozenset[str]:
    """Attributes of a table's key and of its indexes: DynamoDB lets no other type be stored."""
    model = MODELS[variable]
    schemas = [model._get_schema(), *(one._get_schema() for one in model._indexes.values())]
    return frozenset(
        key["AttributeName"]
        for schema in schemas
        for key in schema.get("key_schema", schema.get("KeySchema"))
    )


def decided(world: World) -> set[str]:
    return {without_strategy(row["series"]["S"]) for row in world.rows("DECISIONS_TABLE")}


@law(40)
@given(data=st.data())
def test_any_evaluation_is_decided_or_one_letter_and_the_next_is_decided(
    world: World, data: st.DataObject
) -> None:
    fresh(world)
    events = DynamoEvents("events_table")
    assert events.put(evaluation())
    assert events.put(evaluation(symbol=OTHER, at=AT + 1))
    strange, good = copy.deepcopy(world.stream("EVENTS_TABLE"))
    image = strange["dynamodb"]["NewImage"]
    image["body"] = {"S": data.draw(bodies(text_of(image["body"])))}
    score_events.handler(stream_event([strange, good]), Context())
    assert OTHER in decided(world)
    assert len(world.rows("DECISIONS_TABLE")) + len(world.letters()) == 2


@law(8)
@given(data=st.data())
def test_any_cooldown_lets_its_symbol_and_others_be_decided(
    world: World, data: st.DataObject
) -> None:
    fresh(world)
    events = DynamoEvents("events_table")
    for number in range(3):
        assert events.put(evaluation(at=AT + number))
    assert events.put(evaluation(symbol=OTHER, at=AT + 3))
    first, *others = world.stream("EVENTS_TABLE")
    score_events.handler(stream_event([first]), Context())
    (cooldown,) = world.rows("COOLDOWNS_TABLE")
    replaced(world, "COOLDOWNS_TABLE", data.draw(items(cooldown, keys("COOLDOWNS_TABLE"))))
    score_events.handler(stream_event(others), Context())
    assert OTHER in decided(world)
    assert len(world.rows("DECISIONS_TABLE")) + len(world.letters()) == 4
    known = DynamoDecisions("decisions_table", "cooldowns_table", "signals_table").cooldown
    assert known(OTHER) is not None


@law(10)
@given(data=st.data())
def test_any_signal_holds_up_no_other_s_settlement_and_publication(
    world: World, data: st.DataObject
) -> None:
    fresh(world)
    open_signals(signal(), signal(OTHER), now=T)
    opened = world.stream("SIGNALS_TABLE").copy()
    item = next(row for row in world.rows("SIGNALS_TABLE") if "BTC" in row["series"]["S"])
    replaced(world, "SIGNALS_TABLE", data.draw(items(item, keys("SIGNALS_TABLE"))))
    facts = [minute(symbol, 0, high=103.0) for symbol in ("BTCUSDT", OTHER)]
    store_minutes(*facts)
    publish_signals.handler(stream_event(opened), Context())
    track_signals.handler(kinesis_event(*facts, heartbeat(T, OTHER)), Context())
    publish_signals.handler(stream_event(world.stream("SIGNALS_TABLE")), Context())
    publish_signals.handler({"republish": True}, Context())
    other = f"{signal(OTHER).signal_id}#"
    assert {f"{other}opened", f"{other}closed"} <= set(world.event_ids())


@law(12)
@given(data=st.data())
def test_any_heartbeat_is_replaced_by_the_next(world: World, data: st.DataObject) -> None:
    fresh(world)
    track_signals.handler(kinesis_event(heartbeat(T, "BTCUSDT")), Context())
    (item,) = world.rows("STATE_TABLE")
    texts = bodies(text_of(item["body"])).map(lambda text: {"S": text})
    replaced(world, "STATE_TABLE", {**item, "body": data.draw(texts | ATTRIBUTES)})
    track_signals.handler({"sweep": True}, Context())
    track_signals.handler(kinesis_event(heartbeat(T + 10_000, "BTCUSDT")), Context())
    beat = DynamoFeed("state_table").heartbeat()
    assert beat is not None
    assert (beat["time"], beat["symbols"]) == (T + 10_000, ["BTCUSDT"])


@law(6)
@given(data=st.data())
def test_any_statistics_let_a_signal_close(world: World, data: st.DataObject) -> None:
    fresh(world)
    open_signals(signal(), now=T)
    store_minutes(minute("BTCUSDT", 0, high=103.0))
    row = DynamoPerformance("performance_table")
    assert row.read(signal().stats_key, "BTCUSDT").closed == 0
    track_signals.handler({"sweep": True}, Context())
    item = next(one for one in world.rows("PERFORMANCE_TABLE") if "best" in one)
    removed = data.draw(st.sampled_from(sorted(item.keys() - keys("PERFORMANCE_TABLE"))))
    replaced(world, "PERFORMANCE_TABLE", {n: v for n, v in item.items() if n != removed})
    later = signal(close_time=T + 60_000)
    open_signals(later, now=T)
    store_minutes(minute("BTCUSDT", 1, high=103.0))
    forget_processes()
    track_signals.handler({"sweep": True}, Context())
    assert all("settlement" in one for one in world.rows("SIGNALS_TABLE"))


@law(12)
@given(data=st.data())
def test_any_preferences_state_and_delivery_are_refused_by_themselves(
    world: World, data: st.DataObject
) -> None:
    """Refused by their one error, for which a message is set aside; lists have all others."""
    fresh(world)
    chats, ids = ("telegram:1", "telegram:2"), ("a#opened", "b#opened")
    subscriptions, deliveries = (
        DynamoSubscriptions("subscriptions_table"),
        DynamoDeliveries("deliveries_table"),
    )
    for chat in chats:
        subscriptions.save(Subscription(chat, symbols=("BTCUSDT",), quiet=(22, 6)))
        deliveries.save_address_state(AddressState(chat))
        deliveries.save(Delivery(ids[0], chat, T))
    variable = data.draw(st.sampled_from(("SUBSCRIPTIONS_TABLE", "DELIVERIES_TABLE")))
    mine = [row for row in world.rows(variable) if row["channel"]["S"] == chats[0]]
    item = data.draw(st.sampled_from(mine))
    replaced(world, variable, data.draw(items(item, keys(variable))))
    for chat in chats:
        for read in (
            partial(subscriptions.get, chat),
            partial(deliveries.address_state, chat),
            partial(deliveries.get, ids[0], chat),
        ):
            try:
                read()
            except UnreadableError:
                assert chat == chats[0]
    assert chats[1] in {one.channel for one in subscriptions.all()}
    assert chats[1] in {one.channel for one in deliveries.address_states()}
    assert chats[1] in {one.channel for one in deliveries.of(ids[0])}
    assert PACE_KEY  # the key of the states among them


@law(10)
@given(data=st.data())
def test_any_connection_lets_others_be_found(world: World, data: st.DataObject) -> None:
    fresh(world)
    connections = DynamoConnections("connections_table")
    for name in ("a", "b"):
        connections.resume(name, "mark")
    item = next(row for row in world.rows("CONNECTIONS_TABLE") if row["connection_id"]["S"] == "a")
    replaced(world, "CONNECTIONS_TABLE", data.draw(items(item, keys("CONNECTIONS_TABLE"))))
    assert connections.all()["b"] == "mark"


def test_every_stored_body_has_its_version(world: World) -> None:
    assert DynamoEvents("events_table").put(evaluation())
    score_events.handler(stream_event(world.stream("EVENTS_TABLE")), Context())
    open_signals(signal(), now=T)
    store_minutes(minute("BTCUSDT", 0, high=103.0))
    track_signals.handler(kinesis_event(minute("BTCUSDT", 0), heartbeat(T, "BTCUSDT")), Context())
    DynamoSubscriptions("subscriptions_table").save(Subscription("telegram:1"))
    found = {
        (variable, name): json.loads(text_of(value)).get("v")
        for variable in MODELS.keys() - {"BARS_TABLE"}
        for row in world.rows(variable)
        for name, value in row.items()
        if {"S", "B"} & value.keys() and name != "data" and text_of(value).startswith("{")
    }
    assert set(found.values()) == {1}
    assert {variable for variable, _ in found} == {
        "EVENTS_TABLE", "DECISIONS_TABLE", "SIGNALS_TABLE", "STATE_TABLE", "SUBSCRIPTIONS_TABLE",
    }  # fmt: skip
    assert len(found) == 7


def test_plain_texts_of_earlier_versions_are_decided_listed_and_found(world: World) -> None:
    """Evaluations and decisions are packed; 4.0.0 stored them as they are."""
    close, at = (
        evaluation(),
        {"series": {"S": CLASSIC.key("BTCUSDT")}, "close_time": {"N": f"{AT}"}},
    )
    at |= {"day": {"S": CLASSIC.key(day_of(AT))}, "ttl": {"N": "9999999999"}}
    made = decide(close, None, default_policy(), "then").decision
    for variable, item in (("EVENTS_TABLE", close), ("DECISIONS_TABLE", made)):
        replaced(world, variable, at | {"body": {"S": versioned(to_json(item))}})
    span, kind = Span(AT, AT + 1), close.events[0].kind
    events, decisions = DynamoEventLog("events_table"), DynamoDecisionLog("decisions_table")
    assert events.at("BTCUSDT", AT) == close
    assert decisions.at("BTCUSDT", AT) == made
    for chosen, listed in ((kind, [close]), ("other", [])):
        found = (
            events.of_day(day_of(AT), span, None, 9, chosen),
            events.of_symbol("BTCUSDT", span, None, 9, chosen),
        )
        assert [[row for _, row in chunk.rows] for chunk in found] == [listed, listed]
    for verdict, ruled in ((made.verdict, [made]), ("none", [])):
        chunk = decisions.of_day(day_of(AT), span, None, 9, verdict)
        assert [row for _, row in chunk.rows] == ruled
    (record,) = world.stream("EVENTS_TABLE")
    world.dynamodb.delete_item(
        TableName="decisions_table", Key={name: at[name] for name in ("series", "close_time")}
    )
    score_events.handler(stream_event([record]), Context())
    assert decided(world) == {"BTCUSDT"}


def test_a_newer_version_is_one_letter_that_names_it(world: World) -> None:
    assert DynamoEvents("events_table").put(evaluation())
    (record,) = copy.deepcopy(world.stream("EVENTS_TABLE"))
    image = record["dynamodb"]["NewImage"]
    image["body"] = {"S": json.dumps(json.loads(text_of(image["body"])) | {"v": NEWER})}
    score_events.handler(stream_event([record]), Context())
    (letter,) = world.letters()
    assert letter["reason"] == "evaluation: UnreadableError: schema version 99"
    assert letter["partition_key"] == f"BTCUSDT#{AT}"
    assert CLASSIC.key("BTCUSDT") in json.dumps(image)


@contextmanager
def refusing(text: str) -> Iterator[None]:
    """AWS refuses every write that names a symbol or an id, for good."""

    def refuse(*, model: Any, params: Any, **_: Any) -> None:
        if model.name in ("PutItem", "TransactWriteItems") and text in str(params):
            raise ClientError(REFUSED, model.name)

    CHECKS.append(refuse)
    yield
    CHECKS.remove(refuse)


def tries(handler: Callable[[Any, Any], None], event: Any) -> int:
    """Return how often a batch failed before it was done."""
    for number in range(TRIES + 1):
        try:
            handler(event, Context())
        except PermanentError:
            continue
        return number
    raise AssertionError("the shard stands still")


def test_a_symbol_that_aws_refuses_holds_up_no_other_s_scoring(world: World) -> None:
    events = DynamoEvents("events_table")
    assert events.put(evaluation())
    assert events.put(evaluation(symbol=OTHER, at=AT + 1))
    event = stream_event(world.stream("EVENTS_TABLE"))
    with refusing("BTCUSDT"):
        assert tries(score_events.handler, event) == TRIES - 1
    assert decided(world) == {OTHER}
    (letter,) = world.letters()
    assert letter["reason"] == "commit decision: ValidationException"


def test_a_group_that_aws_refuses_holds_up_no_other_s_bars(world: World) -> None:
    DynamoGroups("state_table").add(["BTCUSDT", *(f"S{n:02}USDT" for n in range(15))])
    facts = [fact for symbol in ("BTCUSDT", OTHER) for fact in history(symbol)]
    compute_features.handler(kinesis_event(*facts), Context())
    bars = [bars_facts(symbol, 1)[0] for symbol in ("BTCUSDT", OTHER)]
    with refusing("0#log"):
        assert tries(compute_features.handler, kinesis_event(*bars, first=len(facts))) == TRIES - 1
    (letter,) = world.letters()
    assert letter["reason"] == "given up: put 0#log: ValidationException"
    assert (OTHER, "1m", bars[1].bars[0].open_time) in readable(world)["bars"]


def test_what_everybody_is_refused_is_no_letter(world: World) -> None:
    """A right that a deployment is about to give: the shard waits, and loses nothing."""
    assert DynamoEvents("events_table").put(evaluation())
    event = stream_event(world.stream("EVENTS_TABLE"))
    with refusing("USDT"):
        for _ in range(2 * TRIES):
            with pytest.raises(PermanentError):
                score_events.handler(event, Context())
    assert world.letters() == []


def test_a_signal_that_cannot_be_closed_holds_up_no_other_and_the_schedule_says_so(
    world: World,
) -> None:
    open_signals(signal(), signal(OTHER), now=T)
    facts = [minute(symbol, 0, high=103.0) for symbol in ("BTCUSDT", OTHER)]
    store_minutes(*facts)
    with refusing(signal().signal_id):
        track_signals.handler(kinesis_event(*facts), Context())
        with pytest.raises(PermanentError, match="ValidationException"):
            track_signals.handler({"sweep": True}, Context())
    closed = [row for row in world.rows("SIGNALS_TABLE") if "settlement" in row]
    assert [without_strategy(row["series"]["S"]) for row in closed] == [OTHER]


def test_a_defect_in_scoring_is_one_letter_and_the_next_close_is_decided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = DynamoEvents("events_table")
    assert events.put(evaluation())
    assert events.put(evaluation(symbol=OTHER, at=AT + 1))

    def broken(close: Evaluation, *rest: Any) -> Any:
        if close.symbol == "BTCUSDT":
            raise ZeroDivisionError("a bug")
        return decide(close, *rest)

    monkeypatch.setattr("signalengine_aws.application.score_events.decide", broken)
    event = stream_event(world.stream("EVENTS_TABLE"))
    reason = "scoring failed: ZeroDivisionError: a bug"
    assert score_events.handler({**event, "redrive": True}, Context()) == {"refused": [reason]}
    assert world.letters() == []  # whoever replays it keeps the letter that there is
    assert score_events.handler(event, Context()) is None
    assert decided(world) == {OTHER}
    assert [letter["reason"] for letter in world.letters()] == [reason]
