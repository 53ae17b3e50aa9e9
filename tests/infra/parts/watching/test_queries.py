"""The saved queries: a bar's whole path is found by one of them, in what the functions log."""

import json
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from signalengine_aws.application import send_telegram
from signalengine_aws.channels.telegram import wiring
from signalengine_aws.runtime.observability import LogLine

from functions.broadcast import handler as broadcast
from functions.compute_features import handler as compute_features
from functions.publish_signals import handler as publish_signals
from functions.score_events import handler as score_events
from functions.send_telegram import handler as telegram
from functions.track_signals import handler as track_signals
from infra.parts.watching.queries import QUERIES
from tests.aws.market import bars_facts, history
from tests.aws.world import REGION, World, emptied, kinesis_event, new_world, stream_event
from tests.functions.conftest import forget_processes
from tests.infra.template import Template

from .cloudwatch import selected

SYMBOL = "ETHUSDT"
MINUTES = 45
"""Of a market with one signal in it."""
PATH = ["compute_features", "score_events", "publish_signals", "broadcast", "send_telegram"]
CONTEXT = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 60_000)
Lines = list[dict[str, Any]]


def test_the_queries_read_the_logs_of_all_functions_on_aws(template: Template) -> None:
    found = [
        resource
        for resource in template.body["Resources"].values()
        if resource["Type"] == "AWS::Logs::QueryDefinition"
    ]
    assert {one["Condition"] for one in found} == {"OnAws"}
    names = {one["Properties"]["Name"]: one["Properties"] for one in found}
    assert set(names) == {f"SignalEngine/{title}" for title in QUERIES}
    groups = {f["LoggingConfig"]["LogGroup"]["Ref"] for f in template.functions().values()}
    for one in names.values():
        assert {group["Ref"] for group in one["LogGroupNames"]} == groups


def test_a_query_reads_fields_that_are_written() -> None:
    """Of `LogLine`, and those that the functions count and note."""
    line = LogLine()
    line.trace("BTCUSDT", 1, "id")
    known = {"service", "message", "level", "request_id", "ms", "error", *line.written()}
    known |= {"lag_ms", "errors", "dead_letters", "dead_lettered", "unreadable"}
    known |= {"unreadable_reason", "heartbeat_age_ms", "degraded"}
    known |= {"invocations", "p50_ms", "p95_ms"}  # made by the query
    for text in QUERIES.values():
        for names in re.findall(r"^fields (.*)$", text, re.MULTILINE):
            assert {name.strip() for name in names.split(",") if "@" not in name} <= known


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with new_world() as made:
        yield made


@pytest.fixture
def world(aws: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    forget_processes()
    with emptied(aws, monkeypatch) as fresh:
        secret = boto3.client("secretsmanager", REGION).create_secret(Name="t", SecretString="{}")
        monkeypatch.setenv("TELEGRAM_SECRET_ARN", secret["ARN"])
        for cached in (send_telegram._config, wiring.secret_of, send_telegram.deliveries_of):
            cached.cache_clear()
        yield fresh
        send_telegram._config.cache_clear()
    forget_processes()


def logged(capsys: pytest.CaptureFixture[str], name: str, run: Callable[[], object]) -> Lines:
    """The lines of one function's invocations; here all have the service's name of the test."""
    run()
    lines = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    return [line | {"service": name} for line in lines if "_aws" not in line]


def live_through(world: World, capsys: pytest.CaptureFixture[str]) -> Lines:
    """What all functions log of a market's minutes, each in an invocation of its own."""

    def each(handler: Any, events: Any) -> Callable[[], object]:
        return lambda: [handler(event, CONTEXT) for event in events]

    def run(name: str, handler: Any, events: Any) -> Lines:
        return logged(capsys, name, each(handler, events))

    facts = [*history(SYMBOL), *bars_facts(SYMBOL, MINUTES)]
    lines = run("compute_features", compute_features.handler, map(kinesis_event, facts))
    changes = [stream_event([one]) for one in world.stream("EVENTS_TABLE")]
    lines += run("score_events", score_events.handler, changes)
    changes = [stream_event([one]) for one in world.stream("SIGNALS_TABLE")]
    lines += run("publish_signals", publish_signals.handler, changes)
    bodies = [json.dumps(message) for message in world.published()]
    lines += run(
        "broadcast", broadcast.handler, ({"Records": [{"Sns": {"Message": one}}]} for one in bodies)
    )
    queued = ({"messageId": "m", "receiptHandle": "r", "body": one} for one in bodies)
    lines += run("send_telegram", telegram.handler, ({"Records": [one]} for one in queued))
    lines += run("track_signals", track_signals.handler, map(kinesis_event, facts))
    return lines


def test_one_query_finds_a_bars_whole_path(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = live_through(world, capsys)
    (opened,) = [message["signal"] for message in world.published()]
    query = QUERIES["a bar's path"].replace("BTCUSDT", SYMBOL)
    query = query.replace("1747620059999", str(opened["close_time"]))
    found = selected(query, lines)
    assert [line["service"] for line in found[: len(PATH)]] == PATH
    assert found[0]["symbols"] == SYMBOL
    # what came of the signal is found by its opening's bar too
    assert {line["service"] for line in found[len(PATH) :]} <= {"track_signals"}
    other = query.replace(str(opened["close_time"]), "1")
    assert selected(other, lines) == []
    by_id = QUERIES["a signal's path"].replace("0123456789abcdef01234567", opened["id"])
    assert {line["service"] for line in selected(by_id, lines)} >= set(PATH[1:])


def test_a_symbol_is_not_found_in_a_longer_one() -> None:
    line = LogLine()
    line.trace("XBTCUSDT", 1747620059999)
    line.trace("1000SHIBUSDT", 1747620059999)
    assert selected(QUERIES["a bar's path"], [line.written()]) == []
    line.trace("BTCUSDT", 1747620119999)
    assert len(selected(QUERIES["a bar's path"], [line.written()])) == 1
