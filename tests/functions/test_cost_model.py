"""The cost model against what the functions really call, in a market played minute by minute."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import pytest
from signalengine.facts.stream import Bar, BarsFact, encode
from signalengine.intervals import MINUTE_MS
from signalengine.text.messages import Buttons
from signalengine_aws.channels.telegram.channel import TelegramChannel
from signalengine_aws.costs import model
from signalengine_aws.costs.metering import Meter
from signalengine_aws.costs.prices import Unit
from signalengine_aws.costs.report import used
from signalengine_aws.delivery.deliveries import DynamoDeliveries
from signalengine_aws.delivery.notifier import Notifier
from signalengine_aws.delivery.queue import QueueMessage
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions
from signalengine_aws.stores.state import DynamoFeed, DynamoStates

from functions.broadcast import handler as broadcast
from functions.compute_features import handler as compute_features
from functions.publish_signals import handler as publish_signals
from functions.score_events import handler as score_events
from functions.track_signals import handler as track_signals
from tests.aws.capacity import Capacity, size
from tests.aws.market import START, bars_facts, heartbeat, history, ticks
from tests.aws.world import World, emptied, kinesis_event, new_world, storable, stream_event
from tests.functions.conftest import Context, forget_processes
from tests.telegram_samples import CHANNEL, body, signal

pytestmark = pytest.mark.slow

SYMBOLS = ("ETHUSDT", "HHUSDT")
MINUTES = 50
"""In these minutes each of the two opens a signal, one of which ends."""
SLACK = 0.25
"""How far the model may be from what is counted."""
COUNTS = dict.fromkeys(
    (
        "bars_missed", "bars_repaired", "bars_lost", "entries", "malformed", "differing", "retried",
        "spooled", "dropped", "threads",
    ),
    0,
)  # fmt: skip
"""What the ingest task's report counts beside."""
Work = Callable[[], object]


class Play:
    """One played market: what each kind of invocation was billed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.capacity = Capacity(world)
        self.invocations: Counter[str] = Counter()
        self.writes: dict[str, Counter[str]] = {}
        self.reads: dict[str, Counter[str]] = {}
        self.calls: dict[str, Counter[str]] = {}
        self._seen: Counter[str] = Counter()

    def bill(self, kind: str, work: Work) -> None:
        """Do an invocation's work and note what it takes."""
        self.capacity.take()
        before = Counter(self.capacity.calls)
        work()
        self.invocations[kind] += 1
        self.writes.setdefault(kind, Counter()).update(self.capacity.writes)
        self.reads.setdefault(kind, Counter()).update(self.capacity.reads)
        self.calls.setdefault(kind, Counter()).update(self.capacity.calls - before)

    def written(self, kind: str, *tables: str) -> float:
        return sum(self.writes[kind][f"{table}_table"] for table in tables)

    def read(self, kind: str, *tables: str) -> float:
        return sum(self.reads[kind][f"{table}_table"] for table in tables)

    def everything(self) -> None:
        """Play it: what comes each ten seconds, each minute, and what follows from that."""
        past = [rounded(fact) for symbol in SYMBOLS for fact in history(symbol)]
        self.bill("history", lambda: compute_features.handler(kinesis_event(*past), Context()))
        facts = {symbol: [rounded(f) for f in bars_facts(symbol, MINUTES)] for symbol in SYMBOLS}
        for number in range(MINUTES):
            self._minute([facts[symbol][number] for symbol in SYMBOLS])

    def _minute(self, facts: list[BarsFact]) -> None:
        end = facts[0].close_time
        for time in range(end - MINUTE_MS + 10_000, end + 1, 10_000):
            self.world.now = time
            beat = kinesis_event(self._ticks(time, facts), self._beat(time))
            self.bill("beat", lambda beat=beat: track_signals.handler(beat, Context()))  # type: ignore[misc]  # a default binds
        self.world.now = end + 500
        batch = kinesis_event(*facts, first=end)
        self.bill("fold", lambda: compute_features.handler(batch, Context()))
        self._follow("EVENTS_TABLE", "score", score_events.handler)
        self.bill("look", lambda: track_signals.handler(batch, Context()))
        self._follow("SIGNALS_TABLE", "publish", publish_signals.handler)
        self.bill("sweep", lambda: track_signals.handler({"sweep": True}, Context()))
        self._follow("SIGNALS_TABLE", "publish", publish_signals.handler)
        self.bill("sweep", lambda: publish_signals.handler({"republish": True}, Context()))

    def _ticks(self, time: int, facts: list[BarsFact]) -> Any:
        """Ticks of a minute that has not moved yet: bars settle."""
        return ticks(time, **{fact.symbol: (fact.bars[0].open,) * 4 for fact in facts})

    def _beat(self, time: int) -> Any:
        minutes = (time - START) // MINUTE_MS
        sent = {"ticks": (time - START) // 1000, "bars": minutes * len(SYMBOLS)}
        more = {"gap": 1, "heartbeat": (time - START) // 10_000, "history": 12}
        beat = heartbeat(time, *SYMBOLS)
        return replace(beat, sent=sent | more, holder="ingest-0e082da3", counts=COUNTS)

    def _follow(self, table: str, kind: str, handler: Callable[..., object]) -> None:
        """Hand over what a table's stream says, a change at a time."""
        records = self.world.stream(table)
        news, self._seen[table] = records[self._seen[table] :], len(records)
        for record in news:
            if kind == "score" and record["eventName"] != "INSERT":
                continue
            event = stream_event([record])
            self.bill(kind, lambda event=event: handler(event, Context()))  # type: ignore[misc]  # a default binds

    def items(self, table: str) -> list[Mapping[str, Any]]:
        return self.world.rows(table)


def rounded(fact: Any) -> Any:
    """Return a fact with prices as an exchange has them; the walk's own have all their digits."""
    return replace(fact, bars=tuple(_rounded(bar) for bar in fact.bars))


def _rounded(bar: Bar) -> Bar:
    prices = {name: round(getattr(bar, name), 2) for name in ("open", "high", "low", "close")}
    return replace(
        bar, **prices, volume=round(bar.volume, 3), quote_volume=round(bar.quote_volume or 0, 2)
    )


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    """The market, played once for all tests."""
    with new_world() as world, pytest.MonkeyPatch.context() as patch, emptied(world, patch):
        forget_processes()
        world.now = START
        played = Play(world)
        with redirect_stdout(io.StringIO()), played.capacity.listening():
            played.everything()
        yield played
        forget_processes()


def amount(unit: Unit, *parts: model.Amounts) -> float:
    return model.total(parts).get(unit, 0.0)


def near(counted: float, modelled: float, slack: float = SLACK) -> None:
    assert counted > 0, "nothing was counted: the test would prove nothing"
    assert abs(modelled / counted - 1) <= slack, f"the model says {modelled}, counted {counted}"


CLOSES = MINUTES * len(SYMBOLS)
BEATS = MINUTES * 6


def test_a_close_writes_its_shares_of_its_groups_items(play: Play) -> None:
    """Both symbols come in one batch; each has a checkpoint in twenty minutes."""
    progress, units = play.invocations["fold"], _checkpoint_units()
    checkpoints = play.written("fold", "state") - progress
    assert checkpoints in (units * 2 * (MINUTES // 20 + n) for n in (0, 1))
    written = play.written("fold", "state", "bars") - progress
    smaller = (model.CHECKPOINT_WRITES - units) * model.CHECKPOINTS_A_CLOSE
    near(written / CLOSES, amount(Unit.WRITE, *model.per_close(2, batches=1)) - smaller, 0.1)


def _checkpoint_units() -> int:
    """Write units of a checkpoint; of prices with few digits it is smaller than the model's."""
    stored = DynamoStates("state_table").of(SYMBOLS).values()
    (units,) = {-(-(len(state.data) + model.ENTRY_BYTES) // model.KB) for state in stored}
    assert units <= model.CHECKPOINT_WRITES
    return units


def test_an_event_is_written_decided_and_counted(play: Play) -> None:
    events = play.invocations["score"]
    written = play.written("fold", "events") + play.written("score", "decisions", "cooldowns")
    near(written / events, amount(Unit.WRITE, *model.PER_EVENT))
    progress = play.invocations["fold"]  # read by each, whether there are events or not
    read = play.read("fold", "state") - progress + play.read("score", "cooldowns")
    near(read / events + model.COUNTED_AGAIN, amount(Unit.READ, *model.PER_EVENT), 0.1)


def test_counting_the_day_reads_what_is_new(play: Play) -> None:
    """How far events are stored, and two queries that are paid for when they find nothing, too."""
    at_most = play.invocations["score"] * model.COUNTED_AGAIN
    least = MINUTES * model.COUNTING_READS
    read = play.read("beat", "events", "state") - BEATS  # each reads the heartbeat before it
    assert 0.9 * least <= read <= 1.1 * least + at_most


def test_a_heartbeat_is_stored_with_few_reads(play: Play) -> None:
    assert play.written("beat", "state") / BEATS == amount(Unit.WRITE, *model.per_beat(2)) == 1
    assert play.calls["beat"]["Publish"] == 0, "nobody listens"
    before = 1.0  # the heartbeat before it, one unit for few symbols
    read = play.read("beat", "performance", "signals", "connections") / BEATS + before
    near(read, amount(Unit.READ, *model.per_beat(2)), 0.1)
    near(_listeners(play), amount(Unit.READ, *model.PER_STATUS), 0.0)


def _stored_beat(play: Play) -> dict[str, Any]:
    key = {"symbol": {"S": "#heartbeat"}}
    return dict(play.world.dynamodb.get_item(TableName="state_table", Key=key)["Item"])


def _listeners(play: Play) -> float:
    """Read units of the list of connections, for one broadcast."""
    event = {"Records": [{"Sns": {"Message": '{"kind": "status", "status": {}}'}}]}
    with pytest.MonkeyPatch.context() as patch, play.capacity.listening():
        patch.setenv("AWS_REGION", "ap-northeast-1")
        with redirect_stdout(io.StringIO()):
            play.bill("broadcast", lambda: broadcast.handler(event, Context()))
    return play.reads["broadcast"]["connections_table"]


def test_a_minute_reads_for_its_schedules(play: Play) -> None:
    """The sweeps, the count of the day, the listeners; bars of open signals are the signals'."""
    read = play.read("sweep", "state", "signals") + play.read("look", "signals")
    read += model.COUNTING_READS * MINUTES
    read += 2 * MINUTES  # the progress, by each of two batches
    near(read / MINUTES, amount(Unit.READ, *model.per_hour(2)) / 60, 0.1)
    progress = play.invocations["fold"] / MINUTES
    assert amount(Unit.WRITE, *model.per_hour(2)) / 60 == 2 * progress  # two batches a minute


def test_a_signal_is_stored_tracked_published_and_closed(play: Play) -> None:
    kept = play.items("SIGNALS_TABLE")
    closed = [one for one in kept if "settlement" in one]
    assert (len(kept), len(closed)) == (2, 1)
    ends = sum(play.written(kind, "signals", "performance") for kind in ("beat", "look", "sweep"))
    told = play.written("publish", "signals") / (len(kept) + len(closed))
    opened = play.written("score", "signals") / len(kept) + told
    near(opened, amount(Unit.WRITE, *model.PER_OPENED), 0.35)  # one of the two is of one KB
    near(ends / len(closed) + told, amount(Unit.WRITE, *model.PER_CLOSED), 0.35)
    assert play.calls["publish"]["Publish"] == len(kept) + len(closed)


def test_an_open_signals_bars_are_read_twice_a_minute(play: Play) -> None:
    end = START + MINUTES * MINUTE_MS
    minutes = []
    for item in play.items("SIGNALS_TABLE"):
        closing = json.loads(item["settlement"]["S"]) if "settlement" in item else {}
        lived_ms = closing.get("closed_at", end) - int(item["close_time"]["N"])
        minutes.append(lived_ms // MINUTE_MS)
    modelled = sum(map(model.followed, minutes))
    near(sum(play.read(kind, "bars") for kind in ("beat", "look", "sweep")), modelled)


def test_a_delivery_takes_the_units_of_the_model(play: Play) -> None:
    notifier = Notifier(
        deliveries=DynamoDeliveries("deliveries_table", lambda: play.world.now),
        subscriptions=DynamoSubscriptions("subscriptions_table"),
        queue=NoQueue(), channels=[TelegramChannel(Bot())], home=CHANNEL, key=b"made up",
        paced=True, clock=lambda: play.world.now,
    )  # fmt: skip
    message = QueueMessage("m1", "r1", body(signal(), committed_at=play.world.now))
    with play.capacity.listening():
        play.bill("deliver", lambda: notifier.handle(message))
    near(sum(play.writes["deliver"].values()), amount(Unit.WRITE, *model.PER_DELIVERY))
    near(sum(play.reads["deliver"].values()), amount(Unit.READ, *model.PER_DELIVERY))


class NoQueue:
    """A queue that is not used."""

    def hide(self, message: QueueMessage, seconds: int) -> None:
        raise AssertionError("this message has nothing to wait for")

    def dead_letter(self, message: QueueMessage, reason: str) -> None:
        raise AssertionError(reason)

    def forward(self, bodies: Sequence[str]) -> None:
        assert not bodies, "there is one chat"


class Bot:
    """Takes everything."""

    def send_message(
        self,
        chat_id: int | str,
        text: str,
        *,
        reply_to: int | None = None,
        silent: bool = False,
        buttons: Buttons = (),
        topic: int | None = None,
    ) -> int:
        return 7


def test_the_meter_counted_what_happened(play: Play) -> None:
    beat = DynamoFeed("state_table").heartbeat()
    assert beat is not None
    meter = Meter.read(beat)
    assert meter is not None
    unsettled = 3 * len(SYMBOLS)  # of the last minutes the index is not asked for good yet
    assert play.invocations["score"] - unsettled <= meter.events <= play.invocations["score"]
    assert (meter.closes, meter.opened, meter.beats) == (CLOSES, 2, BEATS - 1)
    assert meter.market_ms == (BEATS - 1) * 10_000
    usage = used(meter, beat, play.world.now, deliveries=3)
    assert (usage.opened, usage.closed) == (2, 1)


def test_sizes_are_those_of_real_records_and_items(play: Play) -> None:
    facts = [rounded(f) for symbol in SYMBOLS for f in bars_facts(symbol, MINUTES)]
    mean = sum(len(encode(fact)) for fact in facts) / len(facts)
    assert mean <= model.BARS_RECORD_BYTES <= 2 * mean  # a live one has more fields, and a path
    for series, row in (("0#log", model.ROW_BYTES), ("0#5m", model.LONGER_BYTES)):
        bars = [size(one) for one in play.items("BARS_TABLE") if one["series"]["S"] == series]
        mean = sum(bars[3:]) / len(bars[3:])  # the first ones are of history
        assert 0.8 * mean <= model.ENTRY_BYTES + len(SYMBOLS) * row <= 1.7 * mean
    for table, modelled in (
        ("EVENTS_TABLE", model.EVENT_BYTES),
        ("DECISIONS_TABLE", model.DECISION_BYTES),
    ):
        sizes = [size(storable(one)) for one in play.items(table)]
        assert sum(sizes) / len(sizes) <= modelled <= 1.5 * max(sizes)
    beat = size(_stored_beat(play))
    assert beat <= model.stored_beat_bytes(len(SYMBOLS)) <= 1.5 * beat
    stored = DynamoFeed("state_table").heartbeat() or {}
    published = len(json.dumps(stored, separators=(",", ":")))
    assert published <= model.beat_bytes(len(SYMBOLS)) <= 1.5 * published
