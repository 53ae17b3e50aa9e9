"""The same burst on the AWS account in memory: the real functions, with time that is computed.

Functions run in lanes, as many as AWS would run at once; a call takes a fixed time, so depth and
drain time are those of the calls that the functions make, whatever else this machine does.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine_aws.stores.decisions import DynamoDecisions

from infra.local.benchmarks.burst.comparison import Burst, compared
from infra.local.benchmarks.burst.signals import burst, signal_id
from infra.local.benchmarks.sampling import Sample
from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.invariants.watch import Watch
from infra.local.chaos.model.market import begins, market, policy
from infra.local.chaos.model.processes import HOME
from infra.local.chaos.model.schedules.schedule import Run
from infra.local.chaos.model.services.account import TELEGRAM_QUEUE
from infra.local.chaos.model.world import World

CALL_MS: Final = 5
"""Time that a call to AWS takes, and its share of the function's own work."""
SEND_MS: Final = 150
"""Time that Telegram takes to accept a message."""
LANES: Final[Sequence[Run]] = (
    Run("publish_signals", shard=0),
    Run("publish_signals", shard=1),
    *(Run("broadcast", instance=n) for n in range(8)),
    *(Run("send_telegram", instance=n) for n in range(2)),
)
"""Two shards of the table's stream, one invocation a message, and the queue's concurrency."""
IDLE_MS: Final = 200
"""How long a lane without work waits before it looks again."""
EVERY_MS: Final = 1_000
CLIENT: Final = "browser"
DIGEST_AFTER_S: Final = "30"


@dataclass(slots=True)
class Model:
    """A burst under way. Times are ms of the account's clock."""

    world: World
    begin: int
    stored: int = 0
    samples: list[Sample] = field(default_factory=list)

    def play(self, count: int, decided: Iterator[Any]) -> bool:
        """Store `count` decisions within a minute and run all lanes; False when it never ends."""
        store = DynamoDecisions("decisions_table", "cooldowns_table", "signals_table")
        account, free = self.world.account, dict.fromkeys(range(len(LANES)), self.begin)
        while account.now < self.begin + DAY_MS:
            lane = min(free, key=lambda number: (free[number], number))
            account.now = max(account.now, free[lane])
            self._sample()
            due = min(count, (account.now - self.begin) * count // MINUTE_MS + 1)
            for _ in range(due - self.stored):
                store.commit(next(decided), None)
                self.stored += 1
            free[lane] = account.now + self._run(LANES[lane])
            if self.stored == count and self._drained():
                return True
        return False

    def _run(self, run: Run) -> int:
        """Invoke a lane's function if there is something for it; return how long that takes."""
        world = self.world
        calls, sent, now = world.account.count.calls, len(world.arrivals.sent), world.account.now
        if not world.run([run], 0):
            return IDLE_MS
        world.account.now = now  # other lanes run meanwhile
        calls, sent = world.account.count.calls - calls, len(world.arrivals.sent) - sent
        return max(1, (calls - sent) * CALL_MS + sent * SEND_MS)

    def _sample(self) -> None:
        at = self.world.account.now - self.begin
        if self.samples and at < self.samples[-1].at_s * 1000 + EVERY_MS:
            return
        self.samples.append(Sample(at / 1000, (), self.gauges()))

    def gauges(self) -> dict[str, float]:
        """Return how much of the burst is where."""
        account = self.world.account
        queue = account.queues[TELEGRAM_QUEUE]
        due = sum(one.visible_at <= account.now for one in queue)
        return {
            "stored": float(self.stored),
            "outbox": float(self.stored - len({one["event_id"] for one in account.published})),
            "websocket": float(len(self.received())),
            "queue_due": float(due),
            "queue_hidden": float(len(queue) - due),
            "telegram": float(len(self.world.arrivals.sent)),
        }

    def received(self) -> Counter[str]:
        """Return how often the WebSocket client received each event."""
        client = self.world.account.clients[f"{CLIENT}0"]
        return Counter(one["event_id"] for one in client.received if "event_id" in one)

    def _drained(self) -> bool:
        account = self.world.account
        published = len(account.published) >= self.stored
        return published and not account.queues[TELEGRAM_QUEUE] and not self.world.waiting


def play_model(count: int, report: Callable[[str], None]) -> Burst:
    """Send `count` signals of one minute through the functions, in memory."""
    bench = Bench()
    with bench.installed():
        os.environ["TELEGRAM_DIGEST_AFTER_S"] = DIGEST_AFTER_S
        begin = begins(0)
        bench.account.reset({name: {} for name in bench.account.dynamodb.tables}, begin)
        world = World(bench.account, bench.arrivals, bench.processes, market(0), 1)
        watch = Watch(world, policy(0))
        watch.begin()
        world.connect(CLIENT)
        report(f"Storing {count:,} signals of one minute")
        model = Model(world, begin)
        complete = model.play(count, burst(count, begin // MINUTE_MS * MINUTE_MS))
        found = _report(model, count, complete=complete)
        found["errors"] = [*world.errors, *watch.violations]
        return Burst(found, model.samples)


def _report(model: Model, count: int, *, complete: bool) -> dict[str, Any]:
    world = model.world
    events = [f"{signal_id(number)}#opened" for number in range(count)]
    items = world.account.dynamodb.tables["deliveries_table"].items.values()
    rows = [_plain(item) for item in items if item["channel"]["S"] == f"telegram:{HOME}"]
    by_event = {str(row["event_id"]): row for row in rows}
    digests = {event: row for event, row in by_event.items() if "summary" in row}
    of_events = {event: by_event[event] for event in events if event in by_event}
    chat = compared(events, of_events, digests, [one.event_id for one in world.arrivals.sent])
    received = model.received()
    missing = sum(event not in received for event in events)
    return {
        "signals": count,
        "drained_s": round((world.account.now - model.begin) / 1000, 1),
        "complete": complete,
        "calls": world.account.count.calls,
        "telegram_messages": len(world.arrivals.sent),
        "digests": len(digests),
        "in_digests": sum("digest" in row for row in of_events.values()),
        "lost": chat["lost"] + missing,
        "duplicated": chat["duplicated"],
        "websocket_repeats": sum(n - 1 for n in received.values()),
        "leaks": [],
    }


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: next(iter(value.values())) for name, value in item.items()}
