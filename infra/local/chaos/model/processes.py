"""The real functions, in several warm instances each, on the account in memory.

A function's handler is imported as Lambda imports it. What a process keeps (the parts that a
handler composes, once) belongs to an instance here, so that two instances have caches of their own.
While this is installed, clients, clocks, pools, sleeps and logs of this process are replaced, and
nothing else: use cases, adapters and PynamoDB are the deployed ones.
"""

import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

from signalengine.facts.stream import BarsFact
from signalengine.fold import SymbolState, advance
from signalengine.policy import Policy
from signalengine_aws.application import (
    compute_features,
    folding,
    post_messages,
    score_events,
    send_channels,
    send_telegram,
    track_signals,
)
from signalengine_aws.application.broadcast import Broadcast
from signalengine_aws.application.score_events import ScoreEvents
from signalengine_aws.application.sets import compared_closes
from signalengine_aws.application.sets.compared_closes import ComparedCloses
from signalengine_aws.channels.named import Poster
from signalengine_aws.channels.telegram import wiring
from signalengine_aws.channels.telegram.limits import INSTANCES, PER_SECOND
from signalengine_aws.delivery import queue, results
from signalengine_aws.delivery.sender import Gate
from signalengine_aws.runtime import clients, clock, observability, retries
from signalengine_aws.stores import tables
from signalengine_aws.stores.tables import MODELS

from .market import DEFECT
from .services.account import CHANNELS_QUEUE, LETTERS, TELEGRAM_QUEUE, Account, Session
from .services.fibers import Invocation, Pool
from .services.telegram import TelegramServer

FUNCTIONS: Final = (
    "compute_features", "score_events", "track_signals", "publish_signals", "send_telegram",
    "send_channels", "broadcast", "connect_websocket",
)  # fmt: skip
API_SECRET: Final = "api"  # noqa: S105 - a name
TELEGRAM_SECRET: Final = "telegram"  # noqa: S105 - a name
CHANNELS_SECRET: Final = "channels"  # noqa: S105 - a name
HOME: Final = "1001"
TIME_LEFT_MS: Final = 60_000
LOOK_S: Final = 4.0
"""How long score_events waits between two looks at other symbols: fewer calls than deployed."""


@dataclass(slots=True, eq=False)
class Instance:
    """A warm container: what the functions have cached in it."""

    parts: dict[Any, Any] = field(default_factory=dict)


class Processes:
    """The instances of every function."""

    def __init__(self, account: Account, telegram: TelegramServer, receivers: Poster) -> None:
        self._account = account
        self._telegram = telegram
        self.receivers = receivers
        """What `send_channels` sends requests with."""
        self._instances: dict[tuple[str, int], Instance] = {}

    def invocation(self, function: str, instance: int, **more: Any) -> Invocation:
        """Return an invocation in an instance, which is started cold where there is none."""
        self._account.count.invocations += 1
        warm = self._instances.setdefault((function, instance), Instance())
        number, now = self._account.number(), self._account.now
        return Invocation(function, number, warm, began=now, **more)

    def end(self, function: str, instance: int) -> None:
        """End an instance."""
        self._instances.pop((function, instance), None)

    def of(self, instance: Any) -> list[tuple[str, int]]:
        """Return where an instance is, if it has not ended."""
        return [place for place, one in self._instances.items() if one is instance]

    def end_all(self) -> None:
        self._instances.clear()

    def handler(self, function: str) -> Callable[[Any, Any], Any]:
        """Return a function's handler."""
        found: Callable[[Any, Any], Any] = _module(function).handler
        return found

    @contextmanager
    def installed(self, policy: Callable[[], Policy]) -> Iterator[None]:
        """Make the functions of this process use the account, with a policy.

        An instance that starts uses the one that `policy` returns then.
        """
        _forget_clients()
        patches = _Patches()
        for owner, name, value in self._replacements(policy):
            patches.set(owner, name, value)
        environment = dict(os.environ)
        os.environ.update(variables())
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(environment)
            patches.undo()
            _forget_clients()

    def _replacements(self, policy: Callable[[], Policy]) -> Iterator[tuple[Any, str, Any]]:
        account, hub = self._account, self._account.hub
        session = Session(account)

        def sleep(seconds: float) -> None:
            account.now += int(seconds * 1000)
            hub.pause()

        yield clients, "session", lambda: session
        yield folding, "advance", _with_defect(advance)
        yield clock, "time", SimpleNamespace(time_ns=lambda: account.now * 1_000_000)
        pool = type("FiberPool", (Pool,), {"hub": hub})
        for owner in (compute_features, post_messages, queue, results):
            yield owner, "ThreadPoolExecutor", pool
        yield observability, "logger", lambda: _Silent()
        yield observability, "Metrics", _Silent
        yield retries.attempts, "__defaults__", (retries.TRIES, sleep)
        yield Broadcast.__init__, "__kwdefaults__", {"sleep": sleep}
        timed = {"sleep": sleep, "clock": lambda: account.now / 1000}
        defaults: dict[str, Any] = ScoreEvents.__init__.__kwdefaults__ or {}
        yield ScoreEvents.__init__, "__kwdefaults__", defaults | timed
        for name in ("secret_of", "deliveries_of", "_config"):
            yield send_telegram, name, self._cached(getattr(send_telegram, name))
        yield send_telegram, "client_of", self._cached(self._client)
        for name in ("destinations_of", "deliveries_of", "_config"):
            yield send_channels, name, self._cached(getattr(send_channels, name))
        yield send_channels, "client_of", lambda _arn: self.receivers
        timed_gate = partial(Gate, PER_SECOND / INSTANCES, lambda: account.now / 1000, sleep)
        yield send_telegram, "gate", self._cached(timed_gate)
        yield track_signals, "default_policy", policy
        for module in (score_events, compared_closes):
            yield module, "LOOK_S", LOOK_S
        waits = ComparedCloses.__init__.__kwdefaults__ or {}
        yield ComparedCloses.__init__, "__kwdefaults__", waits | timed
        for function in FUNCTIONS:
            module = _module(function)
            for name, value in list(vars(module).items()):
                if name == "default_policy":
                    yield module, name, policy
                elif hasattr(value, "cache_clear") and value.__module__ == module.__name__:
                    yield module, name, self._cached(value.__wrapped__)

    def _client(self, *arguments: Any) -> Any:
        client: Any = wiring.client_of.__wrapped__(*arguments)
        client._pool = self._telegram  # noqa: SLF001 - the boundary that is replaced
        return client

    def _cached(self, make: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose results are cached in the instance that calls it."""
        plain = getattr(make, "__wrapped__", make)

        def cached(*arguments: Any) -> Any:
            parts, key = self._account.hub.current.instance.parts, (plain, arguments)
            if key not in parts:
                parts[key] = plain(*arguments)
            return parts[key]

        return cached


class Context:
    """What the handlers use of Lambda's context."""

    aws_request_id = "request"

    def __init__(self, account: Account) -> None:
        self._account = account
        self._ends = account.now + TIME_LEFT_MS

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left until the function's time-out."""
        return max(0, self._ends - self._account.now)


class _Silent:
    """A logger, and metrics, that write nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def _with_defect(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Return a fold that fails on bars with `DEFECT`, unless they are old."""

    def failing(state: SymbolState, fact: Any, policy: Policy) -> Any:
        new = isinstance(fact, BarsFact) and fact.close_time > state.last_close_time
        if new and fact.bars[0].trades == DEFECT:
            raise ZeroDivisionError
        return plain(state, fact, policy)

    return failing


class _Patches:
    """Attributes that are replaced, and what they were."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        self._before.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    def undo(self) -> None:
        while self._before:
            setattr(*self._before.pop())


def variables() -> Mapping[str, str]:
    """Return the environment of all functions."""
    return {
        **{variable: variable.lower() for variable in MODELS},
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "POWERTOOLS_SERVICE_NAME": "chaos",
        "POWERTOOLS_METRICS_NAMESPACE": "SignalEngine",
        "CODE_VERSION": "chaos",
        "TOPIC_ARN": "topic",
        "DEAD_LETTER_URL": LETTERS,
        "TELEGRAM_QUEUE_URL": TELEGRAM_QUEUE,
        "TELEGRAM_DEAD_LETTER_URL": LETTERS,
        "TELEGRAM_SECRET_ARN": TELEGRAM_SECRET,
        "CHANNELS_QUEUE_URL": CHANNELS_QUEUE,
        "CHANNELS_DEAD_LETTER_URL": LETTERS,
        "CHANNELS_SECRET_ARN": CHANNELS_SECRET,
        "CHANNELS_DIGEST_AFTER_S": "1",
        "TELEGRAM_DIGEST_AFTER_S": "1",  # the few signals of a market are a burst
        "API_SECRET_ARN": API_SECRET,
        "PUBLIC_API": "true",
        "WEBSOCKET_API_ID": "api",
        "WEBSOCKET_STAGE": "live",
        "MAX_CONNECTIONS": "500",
        "POST_MESSAGES": "post_messages",
    }


def _module(function: str) -> Any:
    return import_module(f"functions.{function}.handler")


def _forget_clients() -> None:
    """Let no client outlive its account."""
    made = (clients.s3, clients.secrets, clients.sns, clients.sqs, clients.sockets)
    for cached in made:
        cached.cache_clear()
    tables.forget()


def seed_jitter(seed: int) -> None:
    """Make the jitter of retries repeatable."""
    random.seed(seed)
