"""Operational data: metrics, latency of each hop, queues, clients, cost."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from signalengine.errors import SignalEngineError
from signalengine.intervals import DAY_MS
from signalengine.stats.ratios import quantile

from ...costs.report import cost
from ...delivery.deliveries import Delivery, DynamoDeliveries, Status, due_after_quiet
from ...messaging.sqs import SqsDepths
from ...runtime import clients
from ...runtime.channels import CHANNELS, QUEUES, served_by, title
from ...runtime.clock import Clock, wall_ms
from ...runtime.ttl_cache import TtlCache
from ...stores.connections import DynamoConnections
from ...stores.gaps import DynamoGaps
from ...stores.outbox import DynamoOutbox
from ...stores.pagination import Span, days, walk
from ...stores.signals import DynamoSignals
from ...stores.state import DynamoFeed
from .exposition import Numbers, legacy, metrics
from .feed import FeedQueries, newest_time
from .latencies import Histogram, Latencies, Series
from .performance import PerformanceQueries

if TYPE_CHECKING:
    from ..services import Services

RECEIPTS: Final = 40
"""Latencies are computed from the receipts of this many newest signals."""
WORKERS: Final = 8
PARKED_MS: Final = 60_000
"""The states of all addresses are read at most once in so long: there may be thousands."""
TO_COMMIT: Final = "bar close to commit"
TO_PUBLICATION: Final = "commit to publication"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the data comes from."""

    feed: DynamoFeed
    performance: PerformanceQueries
    signals: DynamoSignals
    deliveries: Mapping[str, DynamoDeliveries]
    """By channel; the receipts of all of them are in one table."""
    connections: DynamoConnections
    gaps: DynamoGaps
    queues: SqsDepths
    outbox: DynamoOutbox
    health: Callable[[], Mapping[str, Any]]
    billed: bool = True
    """False on an emulator."""


class OperationsQueries:
    """Metrics, latencies, queues, clients and cost."""

    def __init__(self, sources: Sources, *, policy_digest: str, clock: Clock = wall_ms) -> None:
        self._of = sources
        self._policy_digest = policy_digest
        self._clock = clock
        self._pool = ThreadPoolExecutor(WORKERS)
        (any_channel, *_) = sources.deliveries.values()
        self._latencies = Latencies(sources.signals.of_day, any_channel.of, self._pool, clock=clock)
        self._parked = TtlCache(self._count_parked, clock, PARKED_MS)

    @classmethod
    def of(cls, services: "Services") -> Self:
        env = services.env
        urls: dict[str, str] = {}
        for name, of_channel in services.queues.items():
            urls |= {name: of_channel.queue_url, f"{name}_dead": of_channel.dead_letter_url}
        urls |= {"dead_letters": env.dead_letter_url}
        sources = Sources(
            feed=services.feed,
            performance=services.query(PerformanceQueries),
            signals=services.signals,
            deliveries={
                name: DynamoDeliveries(env.deliveries_table, audiences=key)
                for name, key in QUEUES.items()
            },
            connections=DynamoConnections(env.connections_table),
            gaps=services.gaps,
            queues=SqsDepths(clients.sqs(), urls),
            outbox=DynamoOutbox(env.signals_table),
            health=services.query(FeedQueries).health,
            billed=not env.aws_endpoint_url,
        )
        return cls(sources, policy_digest=services.policy.digest)

    def numbers(self) -> Numbers:
        """Gather the stored numbers; a source that cannot be read is left out."""
        beat, now = self._of.feed.heartbeat(), self._clock()
        sent, clients = self._sent(), len(self._of.connections.all())
        return Numbers(
            beat=beat,
            now=now,
            progress=self._of.feed.progress(),
            policy_digest=self._policy_digest,
            statistics=self._of.performance.stats(),
            sent=sent,
            websocket_clients=clients,
            queues=_known(self._of.queues.depths, {}),
            gaps={} if beat is None else self._of.gaps.summary(int(beat["time"]))._asdict(),
            components=self._of.health()["components"],
            unpublished=_known(self._of.outbox.size, None),
            parked=self._parked(),
            cost=cost(
                beat,
                now,
                deliveries=sum(sent.values()),
                clients=clients,
                billed=self._of.billed,
            ),
            latencies={} if beat is None else self._latencies_of(beat),
        )

    def exposition(self, accept: str) -> tuple[str, str]:
        """Return Prometheus' exposition in a format that `accept` allows, and its content type."""
        return exposed(self.numbers(), accept)

    def legacy(self) -> dict[str, Any]:
        """Return the JSON metrics of earlier versions."""
        return legacy(self.numbers(), _known(self._of.outbox.size, None))

    def system(self) -> dict[str, Any]:
        """Return latencies, queues, clients and the feed's own report."""
        beat, connected = self._of.feed.heartbeat(), len(self._of.connections.all())
        return {
            "hops": hops(self._receipts(), live=beat is not None and beat["market"] == "live"),
            "queues": _known(self._of.queues.depths, {}),
            "cost": cost(
                beat,
                self._clock(),
                deliveries=sum(self._sent().values()),
                clients=connected,
                billed=self._of.billed,
            ),
            "feed": None if beat is None else feed_report(beat, self._clock()),
            "websocket_clients": connected,
        }

    def _sent(self) -> dict[str, int]:
        """Return how many messages of each queue were delivered."""
        return {name: deliveries.sent() for name, deliveries in self._of.deliveries.items()}

    def _latencies_of(self, beat: Mapping[str, Any]) -> Mapping[Series, Histogram]:
        return self._latencies.read(int(beat["watermark"]), live=beat["market"] == "live")

    def _count_parked(self) -> dict[str, int]:
        """Return how many addresses of each channel are paused."""
        (any_channel, *_) = self._of.deliveries.values()
        now = self._clock()
        found = dict.fromkeys(CHANNELS, 0)
        for address in any_channel.address_states():
            if address.moved_to is None and now < address.parked_until:
                channel = address.channel.partition(":")[0]
                found[channel] = found.get(channel, 0) + 1
        return found

    def _receipts(self) -> list[Delivery]:
        """Return the deliveries of the newest signals' openings, within 24 h."""
        end = newest_time(self._of.feed, self._clock)
        page = walk(self._of.signals.of_day, days(Span(end - DAY_MS, end)), None, RECEIPTS)
        ids = [f"{stored.signal.signal_id}#opened" for stored in page.rows]
        (any_channel, *_) = self._of.deliveries.values()
        found = self._pool.map(any_channel.of, ids)
        return [delivery for deliveries in found for delivery in deliveries]


def exposed(numbers: Numbers, accept: str) -> tuple[str, str]:
    """Return the exposition and its content type (pure). Imports its library when called."""
    from prometheus_client import CollectorRegistry, Metric
    from prometheus_client.exposition import choose_encoder

    families: dict[str, Metric] = {}
    for one in metrics(numbers):
        family = families.setdefault(one.name, Metric(one.name, one.about, one.kind))
        suffix = "_total" if one.kind == "counter" else one.part
        family.add_sample(one.name + suffix, dict(one.labels), float(one.value))

    class Gathered:
        def collect(self) -> Iterable[Metric]:
            return families.values()

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Gathered())
    encode, kind = choose_encoder(accept)
    return encode(registry).decode(), kind


def hops(receipts: Iterable[Delivery], *, live: bool) -> list[dict[str, Any]]:
    """Return latencies of delivered openings by hop (pure); null where none was delivered.

    Times after the commit are wall time. A bar's close is market time, which differs in a replay,
    so the hop from it is reported for live markets only.
    """
    done = [
        one
        for one in receipts
        if one.status is Status.DELIVERED and not due_after_quiet(one.digest)
    ]
    commits = _between(done, "close_latency_ms", "commit_latency_ms") if live else []
    found = [
        _hop(TO_COMMIT, commits),
        _hop(TO_PUBLICATION, _between(done, "commit_latency_ms", "publish_latency_ms")),
    ]
    for queue in QUEUES:
        channels = served_by(queue)
        of_channel = [one for one in done if one.channel.partition(":")[0] in channels]
        name = title(queue)
        found += [
            _hop(f"publication to {name}", _known_of(of_channel, "publish_latency_ms")),
            _hop(f"commit to {name}", _known_of(of_channel, "commit_latency_ms")),
        ]
    return found


def _between(done: Iterable[Delivery], start: str, end: str) -> list[int]:
    """Return the times between two stages, each stored as its distance to the answer."""
    pairs = ((getattr(one, start), getattr(one, end)) for one in done)
    return [first - last for first, last in pairs if first is not None and last is not None]


def _known_of(done: Iterable[Delivery], latency: str) -> list[int]:
    found = (getattr(one, latency) for one in done)
    return [value for value in found if value is not None]


def _hop(name: str, values: Sequence[int]) -> dict[str, Any]:
    return {
        "name": name,
        "p50_ms": quantile(values, 0.5),
        "p95_ms": quantile(values, 0.95),
        "n": len(values),
    }


def feed_report(beat: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return the public part of the ingest task's heartbeat (pure)."""
    names = ("task", "market", "stream_ages_ms", "reconnects", "backlog", "gaps", "sent", "metrics")
    more = ("silent", "silent_symbols", "halted", "skew_ms", "holder")
    return {name: beat.get(name) for name in (*names, *more)} | {
        "age_seconds": (now - int(beat["received_at"])) / 1000,
        "time": beat["time"],
        "watermark": beat["watermark"],
    }


def _known(read: Callable[[], Any], otherwise: Any) -> Any:
    """Return what `read` returns, or `otherwise` when its source is not available."""
    try:
        return read()
    except SignalEngineError:
        return otherwise
