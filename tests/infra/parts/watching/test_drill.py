"""The alarm drill: each condition is provoked, or its metric asserted, and raises its alarm.

docs/runbook.md has the table. The alarms are those of the template, the functions the deployed
ones.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine_aws.application.probe_service import ProbeError

from functions.compute_features import handler as compute_features
from functions.probe_service import handler as probe
from functions.publish_signals import handler as publish_signals
from infra.assets import ROOT
from infra.parts.watching.alarms import ROWS
from ingest_task.metrics import MinuteLine
from tests.aws.market import bars_facts
from tests.aws.positions import open_signals, signal
from tests.aws.world import Trouble, World, emptied, kinesis_event, new_world, stream_event
from tests.functions.conftest import forget_processes
from tests.functions.test_compute_features import store_warm_states
from tests.functions.test_send_channels import Stack as ChannelsStack
from tests.functions.test_send_channels import forget as forget_channels
from tests.functions.test_send_telegram import Stack, forget
from tests.infra.template import Template
from tests.public_api import running_api
from tests.receiver import status
from tests.telegram_samples import signal as sample
from tests.telegram_server import running_telegram

from .cloudwatch import Alarm, embedded, filtered, fires

pytestmark = pytest.mark.enable_socket

ASSERTED = "asserted: only AWS measures it"
CONTEXT = SimpleNamespace(aws_request_id="drill")


@dataclass
class Site:
    """Where a drill happens: an AWS in memory, this test's output, the template."""

    world: World
    template: Template
    read_log: Callable[[], str]
    patch: pytest.MonkeyPatch

    def errors(self) -> float:
        """The errors of the log since the last call, as the filters count them."""
        filters = self.template.of_type("AWS::Logs::MetricFilter").values()
        patterns = sorted({one["FilterPattern"] for one in filters})
        return filtered(self.read_log(), patterns)

    def depth(self, url: str) -> float:
        name = "ApproximateNumberOfMessages"
        found = self.world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return float(found["Attributes"][name])


Points = list[float | None]


@dataclass(frozen=True)
class Drill:
    """One row of the table. `points` are the metric's, one a period."""

    alarm: str
    condition: str
    how: str
    seen: str
    points: Callable[[Site], Points]


def silent_stream(site: Site) -> Points:
    out = io.StringIO()
    line = MinuteLine("SignalEngine", out)
    status = {"reconnects": 0, "ledger": {}, "sink": {"backlog": 0}}
    for _ in range(5):
        line.write(status, 75.0)
    return [*embedded(out.getvalue(), "FeedSilence")]


def late_publication(site: Site) -> Points:
    open_signals(signal(close_time=site.world.now - 130_000), now=site.world.now)
    changes = site.world.stream("SIGNALS_TABLE")
    publish_signals.handler(stream_event(changes), CONTEXT)
    return [*embedded(site.read_log(), "PublicationLag")]


def failing_function(site: Site) -> Points:
    store_warm_states()
    points: Points = [0]
    for _ in range(2):
        site.world.trouble = Trouble(0, "throttled")
        with pytest.raises(TransientError):
            compute_features.handler(kinesis_event(*bars_facts("ETHUSDT", 1)), CONTEXT)
        forget_processes()
        points.append(site.errors())
    return points


def ended_function(site: Site) -> Points:
    filters = site.template.of_type("AWS::Logs::MetricFilter").values()
    patterns = {one["FilterPattern"] for one in filters}
    lines = (
        "2026-11-29T00:00:00.000Z 8a5c Task timed out after 60.00 seconds",
        "RequestId: 8a5c Error: Runtime exited with error: signal: killed",
        "[ERROR] Runtime.ImportModuleError: Unable to import module 'handler'",
    )
    return [filtered(line, patterns) for line in lines]


def failing_probe(site: Site, **broken: Any) -> Points:
    with running_api() as api:
        for name, value in broken.items():
            setattr(api, name, value)
        site.patch.setenv("HTTP_URL", api.http)
        site.patch.setenv("WEBSOCKET_URL", api.websocket)
        points: Points = [0]
        for _ in range(2):
            probe.probe_service.cache_clear()
            with pytest.raises(ProbeError):
                probe.handler({}, CONTEXT)
            points.append(site.errors())
    return points


def unreadable_record(site: Site) -> Points:
    compute_features.handler(kinesis_event(b'{"v": 1, "kind": "bars"}'), CONTEXT)
    return [site.depth(site.world.dead_letter_url)]


def with_telegram(site: Site, drill: Callable[[Stack], Points]) -> Points:
    with running_telegram() as telegram:
        forget()
        stack = Stack(site.world, telegram)
        for key, value in stack.environment().items():
            site.patch.setenv(key, value)
        try:
            return drill(stack)
        finally:
            stack.remove()


def rejected_message(site: Site) -> Points:
    def drill(stack: Stack) -> Points:
        stack.telegram.fault("error", description="Bad Request: message is too long")
        stack.put(sample())
        stack.drain()
        return [site.depth(stack.letters_url)]

    return with_telegram(site, drill)


def telegram_away(site: Site) -> Points:
    """Received often, so that SQS's own age of it would be gone."""

    def drill(stack: Stack) -> Points:
        put_at, points = site.world.now, list[float | None]()
        stack.put(sample(), came=put_at)
        for minute in (0, 5, 10, 15, 20):
            site.world.now = put_at + minute * 60_000
            stack.telegram.fault("500")
            stack.show_hidden()
            assert stack.drain() == (1, 1)
            points.append(max(embedded(site.read_log(), "OldestMessage"), default=None))
        return points

    return with_telegram(site, drill)


def with_destination(site: Site, drill: Callable[[ChannelsStack], Points]) -> Points:
    with ExitStack() as servers:
        forget_channels()
        stack = ChannelsStack(site.world, servers)
        for key, value in stack.environment().items():
            site.patch.setenv(key, value)
        stack.add("one")
        try:
            return drill(stack)
        finally:
            stack.remove()


def rejected_by_destination(site: Site) -> Points:
    def drill(stack: ChannelsStack) -> Points:
        stack.receivers["one"].orders.append(status(404))
        stack.put(sample())
        stack.drain()
        return [site.depth(stack.letters_url)]

    return with_destination(site, drill)


def destination_away(site: Site) -> Points:
    def drill(stack: ChannelsStack) -> Points:
        put_at, points = site.world.now, list[float | None]()
        stack.put(sample())
        for minute in (0, 5, 10, 15, 20):
            site.world.now = put_at + minute * 60_000
            stack.receivers["one"].orders.append(b"")
            stack.pass_s(0)
            assert stack.drain(put_at) == (1, 1)
            points.append(max(embedded(site.read_log(), "OldestMessage"), default=None))
        return points

    return with_destination(site, drill)


DRILLS = (
    Drill(
        "IngestStopped", "the task is gone", ASSERTED, "no sample of `CPUUtilization`",
        lambda _: [1, 1, None, None, None, None, None],
    ),
    Drill(
        "FeedSilent", "a stream is silent for 75 s", "the ingest task writes its line of metrics",
        "`FeedSilence` 75", silent_stream,
    ),
    Drill(
        "FeedLate", "compute_features is 61 s behind", ASSERTED, "`IteratorAge` 61,000",
        lambda _: [61_000] * 5,
    ),
    Drill(
        "FeedLate", "no bar arrives", ASSERTED, "no `IteratorAge`", lambda _: [900, *[None] * 5],
    ),
    Drill(
        "SettlementLate", "track_signals is 121 s behind", ASSERTED, "`IteratorAge` 121,000",
        lambda _: [121_000] * 5,
    ),
    Drill(
        "PublicationLate", "a signal is published 130 s after its bar's close",
        "publish_signals publishes it", "`PublicationLag` 130,000", late_publication,
    ),
    Drill(
        "FunctionErrors", "DynamoDB throttles a function twice", "compute_features fails",
        "`FunctionErrors` 1, 1", failing_function,
    ),
    Drill(
        "FunctionErrors", "Lambda ends a function: time, memory, import", "Lambda's log lines",
        "`FunctionErrors` 1, 1, 1", ended_function,
    ),
    Drill(
        "FunctionErrors", "the WebSocket takes no client", "probe_service fails",
        "`FunctionErrors` 1, 1", lambda site: failing_probe(site, behaviour="forbids"),
    ),
    Drill(
        "FunctionErrors", "`/health` is degraded", "probe_service fails", "`FunctionErrors` 1, 1",
        lambda site: failing_probe(
            site,
            received_at=site.world.now,
            health={"status": "degraded", "components": {"scoring": "not scored: BTCUSDT at 1"}},
        ),
    ),
    Drill(
        "Throttles", "Lambda refuses to start functions", ASSERTED, "`Throttles` in 3 of 5 minutes",
        lambda _: [4, 0, 9, 0, 1],
    ),
    Drill(
        "DeadLetters", "a record cannot be read", "compute_features sets it aside",
        "`ApproximateNumberOfMessagesVisible` 1", unreadable_record,
    ),
    Drill(
        "TelegramDeadLetters", "Telegram rejects a message", "send_telegram sets it aside",
        "`ApproximateNumberOfMessagesVisible` 1", rejected_message,
    ),
    Drill(
        "TelegramDelayed", "Telegram is away for 20 minutes", "send_telegram keeps the message",
        "`OldestMessage` 1,200", telegram_away,
    ),
    Drill(
        "ChannelsDeadLetters", "a destination rejects a message", "send_channels sets it aside",
        "`ApproximateNumberOfMessagesVisible` 1", rejected_by_destination,
    ),
    Drill(
        "ChannelsDelayed", "a destination is away for 20 minutes",
        "send_channels keeps the message", "`OldestMessage` 1,200", destination_away,
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with new_world() as made:
        yield made


@pytest.fixture
def site(
    aws: World,
    template: Template,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    forget_processes()
    with emptied(aws, monkeypatch) as world:
        yield Site(world, template, lambda: capsys.readouterr().out, monkeypatch)
    forget_processes()


def alarm_of(template: Template, name: str) -> Alarm:
    found = template.of_type("AWS::CloudWatch::Alarm").values()
    return next(one for one in found if one["AlarmName"] == f"SignalEngine-{name}")


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: f"{drill.alarm}: {drill.condition}")
def test_a_condition_raises_its_alarm(site: Site, drill: Drill) -> None:
    alarm = alarm_of(site.template, drill.alarm)
    points = drill.points(site)
    assert fires(alarm, points), points
    assert drill.seen.split("`")[1] == alarm["MetricName"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_alarm_is_quiet_while_all_is_well(template: Template, row: Any) -> None:
    alarm = alarm_of(template, row.name)
    well = {"IngestStopped": 1.0, "FeedSilent": 3.0, "FeedLate": 900.0, "PublicationLate": 5_000.0}
    assert not fires(alarm, [well.get(row.name, 0.0)] * 5)


def test_one_bad_data_point_raises_no_alarm_that_may_pass_by_itself(template: Template) -> None:
    at_once = {
        "PublicationLate", "DeadLetters", "TelegramDeadLetters", "TelegramDelayed",
        "ChannelsDeadLetters", "ChannelsDelayed",
    }  # fmt: skip
    for row in ROWS:
        alarm, well = alarm_of(template, row.name), 1.0 if row.name == "IngestStopped" else 0.0
        bad = 0.0 if row.name == "IngestStopped" else 10.0**9
        assert fires(alarm, [well, well, well, well, bad]) == (row.name in at_once), row.name


def test_every_alarm_is_drilled_and_the_runbook_has_the_table() -> None:
    assert list(dict.fromkeys(drill.alarm for drill in DRILLS)) == [row.name for row in ROWS]
    rows = [(one.alarm, one.condition, one.how, one.seen) for one in DRILLS]
    head = "| alarm | condition | how it is provoked | seen |\n|---|---|---|---|\n"
    table = head + "".join(f"| {' | '.join(row)} |\n" for row in rows)
    assert table in (ROOT / "docs" / "runbook.md").read_text()
