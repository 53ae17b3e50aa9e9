"""The deployed system in memory: what invokes which function with what, and a schedule's steps.

Streams are read shard by shard, in order; a batch that fails comes again. Queue messages stay until
they are processed. The topic invokes broadcast, three times at most.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from signalengine.facts.stream import GapFact, encode
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription, change
from signalengine_aws.messaging.records import Change, changes

from .clients import Person, registered
from .foreign import Foreigners
from .invocations import Message, Prepared
from .market import LISTED_AT, NEW, SYMBOLS, Market, defective, gap, heartbeat, other, ticks
from .processes import API_SECRET, CHANNELS_SECRET, HOME, TELEGRAM_SECRET, Context, Processes
from .schedules.schedule import (
    STREAMED,
    Ahead,
    Beat,
    Cold,
    Connect,
    Duplicate,
    Feed,
    Foreign,
    Forget,
    Gap,
    GiveUp,
    Hinder,
    Leave,
    Malformed,
    Meanwhile,
    Minute,
    Repeat,
    Run,
    Schedule,
    Step,
    Subscribe,
    Together,
    Wait,
)
from .services.account import QUEUES, SENDERS, Account, Queued
from .services.faults import Fault
from .services.fibers import Invocation
from .services.outside import Arrivals
from .services.receivers import secret as channels_secret
from .services.scheduler import event_of, target
from .services.stream import Record, Stream

BROADCAST_TRIES: Final = 3
SQS_BATCH: Final = 10
FOLDED: Final = ("bars", "history")
Signals: TypeAlias = Mapping[Any, Mapping[str, Any]]
"""The items of the signals' table, by their keys."""
SHORT: Final = 100
"""Bytes of a malformed record, at most."""


class World:
    """One run of a schedule, for so many minutes of a market."""

    def __init__(
        self,
        account: Account,
        arrivals: Arrivals,
        processes: Processes,
        market: Market,
        minutes: int,
    ) -> None:
        self.account, self.arrivals = account, arrivals
        self.processes, self.market, self.minutes = processes, market, minutes
        self.stream = Stream(account)
        self.positions: dict[tuple[str, int], int] = {}
        self.people: dict[str, Person] = {}
        self.minute = 0
        self.errors: list[str] = []
        """Unexpected errors of handlers: neither ours nor injected."""
        self.windows: Counter[tuple[str, str]] = Counter()
        """Messages (event, channel) of invocations that were disturbed before they marked them."""
        self.malformed: dict[str, str] = {}
        """Which function has to dead-letter a record, by its sequence number."""
        self.gaps: dict[str, GapFact] = {}
        """The newest entry of the ledger that was sent, by its id."""
        self.scheduled: Callable[[str], None] = lambda _: None
        """Called with the function when a scheduled run has succeeded, with no other beside it."""
        self.published: Callable[[Sequence[Change]], None] = lambda _: None
        """Called with the changes of a batch that publish_signals has published."""
        self.tracked: Callable[[Sequence[Record]], None] = lambda _: None
        """Called with the records of a batch that track_signals has read, nothing beside it."""
        self.lagging = False
        """Whether a run had an index that was behind, by writes instead of by time."""
        self.clocked = False
        """Whether a minute runs by the clock."""
        self.minute_over: Callable[[], None] = lambda: None
        """Called when a minute by the clock is over."""
        self.posted: Callable[[Invocation, str, Mapping[str, int]], None] = lambda *_: None
        """Called after each broadcast with its message, and the clients registered before."""
        self.resumed: Callable[[Invocation, str, int | None, Signals], None] = lambda *_: None
        """Called after each resume with the connection, the cursor and the signals before it."""
        self.broadcast: set[str] = set()  # ids of events that were posted to all clients
        self.tracking, self.tracked_before = 0, 0
        """How many track_signals run now, and how often any has run before."""
        self.foreign = Foreigners(account)
        self.given_up: dict[tuple[str, int], list[Any]] = {}
        """Records that a function's mapping has given up, by function and shard."""
        self._meanwhile: Sequence[Step] | None = None  # while the next invocation stands still
        self._late: dict[str, list[bytes]] = {}
        self._broadcasts: list[Message] = []
        self._seed = 0
        self._received: list[Queued] = []
        """The messages that a run of this step has received."""
        account.secrets = {
            API_SECRET: json.dumps({"api_token": ""}),
            TELEGRAM_SECRET: json.dumps({"token": "1:secret", "chat_id": HOME}),
            CHANNELS_SECRET: channels_secret(),
        }

    @property
    def waiting(self) -> int:
        """How many messages of the topic broadcast has not been invoked with."""
        return len(self._broadcasts) + len(self.account.broadcasts)

    def play(self, schedule: Schedule) -> None:
        """Run all steps of a schedule."""
        for number, step in enumerate(schedule.steps):
            self._seed = number
            self.step(step)

    def step(self, step: Step) -> None:
        match step:
            case Feed():
                for _ in range(step.minutes):
                    self.feed(step.late)
            case Repeat():
                self._repeat(step)
            case Run():
                self.run([step], 0)
            case Together():
                self.run(step.runs, step.seed)
            case Connect():
                self.connect(step.client, step.faults)
            case Meanwhile():
                self._meanwhile = step.steps
                self.step(step.first)
                self._go_on()  # if nothing ran
            case Leave():
                self._person(step.client).leave(self.account)
            case Hinder():
                self._person(step.client).hindrance = step.faults
            case Foreign():
                self.foreign.put(step.kind)
            case Subscribe():
                self._subscribe(step.chat, active=step.active)
            case Wait():
                self.account.now += step.ms
            case Cold():
                self.processes.end(step.function, step.instance)
            case Duplicate():
                self._duplicate(step.messages)
            case Forget():
                self._forget(step.shard)
            case GiveUp():
                self._give_up((step.function, step.shard))
            case Minute():
                self._by_the_clock(step)
            case Beat():
                self.beat(10_000)
            case Ahead():
                self._put_ahead(defect=step.defect)
            case Malformed():
                self._put_malformed(step.claims)
            case Gap():
                self._put_gap()

    def _go_on(self) -> None:
        steps, self._meanwhile = self._meanwhile or (), None
        for step in steps:
            self.step(step)

    # --- the feed --------------------------------------------------------------------------------

    def feed(self, late: str = "") -> None:
        """Put the next minute on the stream: ticks, bars, a heartbeat."""
        if self.minute >= self.minutes:
            return
        number, self.minute = self.minute, self.minute + 1
        facts, close_time = self.market.minutes[number], self.market.close_time(number)
        self.account.now = max(self.account.now + 1_000, close_time + 200)
        self.stream.put("ticks", "ticks", ticks(self.market.minutes[: number + 1], close_time))
        for symbol in facts:
            for history in self.market.listed.get((number, symbol), ()):
                self.stream.put("history", symbol, history)
            self._late.setdefault(symbol, []).append(self.market.bars(number, symbol))
            if symbol != late:
                self._release(symbol)
        self.beat(100)

    def beat(self, after_ms: int) -> None:
        """Put a heartbeat on the stream, so long after the newest minute."""
        time = self.market.close_time(self.minute - 1) + after_ms
        minutes = self.market.minutes[: self.minute]
        self.stream.put("heartbeat", "heartbeat", heartbeat(minutes, time))

    def release_all(self) -> None:
        """Put all bars that are late on the stream."""
        for symbol in list(self._late):
            self._release(symbol)

    def _release(self, symbol: str) -> None:
        for data in self._late.pop(symbol, []):
            self.stream.put("bars", symbol, data)

    def _put_ahead(self, *, defect: bool) -> None:
        symbol, number = (SYMBOLS[0], self.minute) if defect else (NEW, LISTED_AT + 1)
        if number >= self.minutes or symbol not in self.market.minutes[number]:
            return
        if symbol == NEW and self.minute > LISTED_AT:
            return
        data = self.market.bars(number, symbol)
        record = self.stream.put("bars", symbol, defective(data) if defect else data)
        self.malformed[record.sequence_number] = "compute_features"

    def _put_malformed(self, claims: str) -> None:
        text = json.dumps({"v": 1, "kind": claims or 7})
        record = self.stream.put(claims or "unknown", SYMBOLS[0], text.encode())
        owner = "compute_features" if claims in FOLDED else "track_signals"
        self.malformed[record.sequence_number] = owner

    def _put_gap(self) -> None:
        opened = [one for one in self.gaps.values() if one.outcome == "open"]
        at = opened[0].noticed_at if opened else self.account.now + len(self.gaps)
        entry = gap(at, "repaired" if opened else "open")
        self.gaps[entry.gap_id] = entry
        self.stream.put("gap", "gap", encode(entry))

    def _repeat(self, step: Repeat) -> None:
        for shard in self.stream.shards:
            bars = [one for one in shard if one.kind == "bars" and len(one.data) > SHORT]
            for one in bars[-step.records :]:
                data = other(one.data) if step.other else one.data
                self.stream.put("bars", one.key, data)

    def _by_the_clock(self, step: Minute) -> None:
        """Let a minute pass as on AWS: what has failed is tried again in it."""
        self.clocked = True
        self.feed()
        for run in (*step.runs, *(Run(one, shard) for one in STREAMED for shard in (0, 1))):
            if run.function == "publish_signals" and step.forgets:
                for shard, records in enumerate(self._signal_shards()):
                    self.positions["publish_signals", shard] = len(records)
            if run.function != step.away:
                self.run([run], 0)
        if not step.missed:
            self.run([Run("track_signals", scheduled=True)], 0)
        self.run([Run("publish_signals", scheduled=True)], 0)
        self.minute_over()
        self.clocked = False

    def _signal_shards(self) -> list[list[Any]]:
        return self.account.dynamodb.tables["signals_table"].shards

    # --- invocations -----------------------------------------------------------------------------

    def run(self, runs: Sequence[Run], seed: int) -> int:
        """Run invocations, interleaved by the seed; returns how many had something to do."""
        busy: Counter[str] = Counter()
        made, self._received = [], []
        for run in runs:
            prepared = self.prepare(replace(run, instance=run.instance + busy[run.function]))
            busy[run.function] += 2  # an instance has one invocation at a time
            if prepared is not None:
                made.append(prepared)
        alone = len(runs) == 1 and self._meanwhile is None
        if made:
            self._invoke(made, seed)
        if alone and made and not runs[0].lag:
            self._ended_alone(made[0], runs[0])
        self.tracked_before += any(run.function == "track_signals" for run in runs) and bool(made)
        return len(made)

    def _ended_alone(self, made: Prepared, run: Run) -> None:
        """Notify who checks what a run leaves, when it had nothing beside it and succeeded."""
        if made.invocation.crashed or made.invocation.error is not None:
            return
        if run.scheduled:
            self.scheduled(run.function)
        elif run.function == "track_signals":
            self.tracked(made.records)

    def _invoke(self, made: list[Prepared], seed: int) -> None:
        answers: dict[int, Any] = {}

        def work(one: Prepared) -> Callable[[], None]:
            def invoke() -> None:
                handler = self.processes.handler(one.invocation.function)
                context = Context(self.account)
                answers[one.invocation.number] = handler(one.event, context) or {}

            return invoke

        meanwhile = None if self._meanwhile is None else self._go_on
        tracking = sum(one.invocation.function == "track_signals" for one in made)
        self.tracking += tracking
        self.account.hub.run([(one.invocation, work(one)) for one in made], seed, meanwhile)
        self.tracking -= tracking
        for one in made:
            self._note(one.invocation)
            one.ended(answers.get(one.invocation.number))
        for person in self.people.values():
            request = person.read(self.account)
            if request is not None:
                self._resume(person, request)

    def _note(self, invocation: Invocation) -> None:
        disturbed = invocation.crashed or invocation.happened
        stored = self.account.dynamodb.tables["deliveries_table"].items
        for sent in self.arrivals.sent if disturbed else ():
            if sent.invocation == invocation.number and not sent.marked_in(stored):
                self.windows[sent.event_id, sent.channel] += 1
        if invocation.crashed:
            for function, number in self.processes.of(invocation.instance):
                self.processes.end(function, number)
        if invocation.error and not invocation.error.startswith(EXPECTED):
            self.errors.append(f"{invocation.function}: {invocation.error}")

    def prepare(self, run: Run) -> Prepared | None:
        """Return the invocation of a run; None when nothing is there for it."""
        if run.scheduled:
            event = event_of(target(run.function))
            return Prepared(self._invocation(run), event, lambda _: None)
        if run.function in SENDERS:
            return self._prepare_queue(run)
        if run.function == "broadcast":
            return self._prepare_broadcast(run)
        return self._prepare_stream(run)

    def _invocation(self, run: Run) -> Invocation:
        self.lagging |= bool(run.lag)
        return self.processes.invocation(run.function, run.instance, faults=run.faults, lag=run.lag)

    def source(self, function: str, shard: int) -> list[Any]:
        """Return all records of a function's shard."""
        match function:
            case "compute_features":
                return [one for one in self.stream.shards[shard] if one.kind in FOLDED]
            case "track_signals":
                return self.stream.shards[shard]
            case "score_events":
                stored = self.account.dynamodb.tables["events_table"].shards[shard]
                return [one for one in stored if one["eventName"] == "INSERT"]
            case _:
                return self._signal_shards()[shard]

    def _prepare_stream(self, run: Run) -> Prepared | None:
        place = (run.function, run.shard)
        begin = self.positions.get(place, 0)
        batch = self.source(*place)[begin : begin + run.take]
        if run.again:
            batch = self.given_up.get(place, [])
        if not batch:
            return None
        parts = {"once": len(batch), "half": len(batch) // 2, "whole": 0}
        records = [one.event() if isinstance(one, Record) else one for one in batch]

        def ended(answer: Any) -> None:
            if answer is not None and not run.again:
                self.positions[place] = begin + parts[run.redeliver]
            if answer is not None and run.function == "publish_signals":
                self.published(list(changes({"Records": batch})))

        return Prepared(self._invocation(run), {"Records": records}, ended, batch)

    def _forget(self, shard: int) -> None:
        place = ("publish_signals", shard)
        left = self.positions.get(place, 0)
        self.positions[place] = min(left + 1, len(self.source(*place)))

    def _give_up(self, place: tuple[str, int]) -> None:
        begin = self.positions.get(place, 0)
        left = self.source(*place)[begin : begin + 1]
        self.given_up.setdefault(place, []).extend(left)
        self.positions[place] = begin + len(left)

    def _prepare_queue(self, run: Run) -> Prepared | None:
        messages = self._received if run.redeliver == "whole" else []  # SQS may deliver them twice
        queue = SENDERS[run.function]
        messages = messages or self.account.receive(queue, min(run.take, SQS_BATCH))
        self._received = messages
        for one in messages:
            one.received += 1
        if not messages:
            return None
        records = [
            {
                "messageId": one.message_id,
                "receiptHandle": one.message_id,
                "body": one.body,
                "attributes": {"ApproximateReceiveCount": str(one.received)},
            }
            for one in messages
        ]

        def ended(answer: Any) -> None:
            if answer is None:
                return
            retained = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
            done = [one for one in messages if one.message_id not in retained]
            if run.redeliver != "once":
                for one in done:
                    one.visible_at = self.account.now
                return
            for one in done:
                self.account.delete(queue, one.message_id)

        return Prepared(self._invocation(run), {"Records": records}, ended)

    def _prepare_broadcast(self, run: Run) -> Prepared | None:
        self._broadcasts += [Message(text) for text in self.account.broadcasts]
        self.account.broadcasts.clear()
        if not self._broadcasts:
            return None
        one, before = self._broadcasts.pop(0), registered(self.account)
        event = {"Records": [{"Sns": {"Message": one.text}}]}
        invocation = self._invocation(run)

        def ended(answer: Any) -> None:
            self._posts_failed(invocation)
            if answer is not None and not run.faults:
                self.broadcast.add(json.loads(one.text)["event_id"])
            self.posted(invocation, one.text, before)
            one.tries += 1
            if answer is not None and run.redeliver == "once":
                return
            if one.tries < BROADCAST_TRIES:
                self._broadcasts.append(one)
            elif answer is None:
                self._all_disturbed()

        return Prepared(invocation, event, ended)

    def _posts_failed(self, invocation: Invocation) -> None:
        if any("PostToConnection" in one for one in invocation.happened):
            self._all_disturbed()

    def _all_disturbed(self) -> None:
        for person in self.people.values():
            person.disturbed = True

    # --- people ----------------------------------------------------------------------------------

    def connect(self, name: str, faults: tuple[Fault, ...] = ()) -> None:
        """Connect a client, which resumes from its cursor."""
        person = self._person(name)
        person.connect(self.account)
        person.hindrance = faults
        self._resume(person, person.request(person.cursor))

    def _resume(self, person: Person, request: dict[str, Any]) -> None:
        """Serve the request of a client for what changed since a time."""
        faults, person.hindrance = person.hindrance, ()
        event = {
            "requestContext": {"routeKey": "$default", "connectionId": person.connection},
            "body": json.dumps(request),
        }
        invocation = self.processes.invocation("connect_websocket", 0, faults=faults)
        since = None if request["after"] else request["since"]
        stored = dict(self.account.dynamodb.tables["signals_table"].items)

        def ended(answer: Any) -> None:
            person.disturbed |= answer is None or bool(invocation.happened)
            self.resumed(invocation, person.connection or "", since, stored)

        self._invoke([Prepared(invocation, event, ended)], self._seed)

    def _person(self, name: str) -> Person:
        return self.people.setdefault(name, Person(name))

    def _subscribe(self, chat: str, *, active: bool) -> None:
        subscriptions = DynamoSubscriptions("subscriptions_table")
        channel = Subscription(f"telegram:{chat}")
        change(subscriptions, channel, self.account.now, active=active)

    def _duplicate(self, messages: int) -> None:
        for name in QUEUES:
            queue = self.account.queues[name]
            copies = [
                Queued(f"m{self.account.number()}", one.body, one.visible_at)
                for one in queue[-messages:]
            ]
            self.account.queues[name] = [*copies, *queue[::-1]]


EXPECTED: Final = ("TransientError", "PermanentError", "ConflictError", "GoneError")
"""Beginnings of the errors with which a function may fail when AWS does."""
