"""What each chat wants to be told: symbols, direction, score, mute, quiet hours, and how loud.

A chat without a row is not told anything, but for the one that the secret names, which is
subscribed to everything until it says otherwise. Times are wall-clock ms.
"""

import json
import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias
from zlib import crc32

from pynamodb.exceptions import PutError
from signalengine.signals import Direction, Signal

from ..runtime.aws_errors import CONDITION, code_of, mapped
from ..runtime.clock import Clock, wall_ms
from ..runtime.retries import attempts
from ..stores.tables import SubscriptionItem, bind
from .deliveries import ConflictError, Delivery, Status
from .notifications import Notification

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

BUCKETS: Final = 4
MAX_SYMBOLS: Final = 30
MAX_SUBSCRIPTIONS: Final = 2_000
"""Every subscription is read when something is told; this many are read in one Lambda second."""
UTC: Final = "UTC"
OFF: Final = "off"
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}")

Loudness: TypeAlias = Literal["on", "silent", "off"]
LOUDNESS: Final[tuple[Loudness, ...]] = ("on", "silent", "off")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One chat's wishes, under one version."""

    channel: str
    active: bool = True
    symbols: tuple[str, ...] = ()
    """Only these; none: all."""
    direction: Direction | None = None
    min_score: float = 0.0
    muted_until: int = 0
    quiet: tuple[int, int] | None = None
    """From this full hour to that one, in the chat's time zone."""
    timezone: str = UTC
    opened: Loudness = "on"
    closed: Loudness = "on"
    since: int = 0
    version: int = 0

    @property
    def chat_id(self) -> str:
        return self.channel.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell it; `silent` without a sound."""

    silent: bool = False


@dataclass(frozen=True, slots=True)
class Suppress:
    """Do not tell it, ever; the reason is recorded."""

    reason: str


def evaluate(
    preferences: Subscription, notification: Notification, opening: Delivery | None, now: int
) -> Notify | Suppress:
    """Return what a chat's wishes make of a notice (pure).

    Who was told of an opening is told how it ended, at night and muted too, but without a sound:
    what was opened in a chat is closed in it. Who was not, is not; but who wants only closings
    gets those.
    """
    if not preferences.active:
        return Suppress("not subscribed")
    hushed = muted(preferences, now) or quiet(preferences, now)
    if notification.signal is None:
        return Notify(silent=hushed is not None)
    loudness = preferences.opened if notification.kind == "opened" else preferences.closed
    if loudness == "off":
        return Suppress(f"{OFF}: {notification.kind}")
    if notification.kind == "closed" and opening is not None:
        if opening.status is Status.DELIVERED:
            return Notify(silent=loudness == "silent" or hushed is not None)
        if opening.status is Status.SUPPRESSED and not _only_off(opening):
            return Suppress("its opening was withheld")
    reason = filtered(preferences, notification.signal) or hushed
    return Suppress(reason) if reason else Notify(silent=loudness == "silent")


def _only_off(opening: Delivery) -> bool:
    return (opening.reason or "").startswith(f"{OFF}:")


def filtered(preferences: Subscription, signal: Signal) -> str | None:
    """Return why a chat does not want a signal, None when it does (pure)."""
    if preferences.symbols and signal.symbol not in preferences.symbols:
        return "filter: symbol"
    if preferences.direction is not None and signal.direction != preferences.direction:
        return "filter: direction"
    return "filter: score" if signal.score < preferences.min_score else None


def muted(preferences: Subscription, now: int) -> str | None:
    return "muted" if now < preferences.muted_until else None


def quiet(preferences: Subscription, now: int) -> str | None:
    """Return that it is quiet in the chat now, None when it is not (pure)."""
    if preferences.quiet is None:
        return None
    start, end = preferences.quiet
    hour = datetime.fromtimestamp(now / 1000, zone(preferences.timezone)).hour
    asleep = start <= hour < end if start < end else hour >= start or hour < end
    return f"quiet hours {start:02d}-{end:02d} {preferences.timezone}" if asleep else None


@cache
def zone(name: str) -> "ZoneInfo":
    """Return a time zone by its IANA name; raises ValueError for any other text."""
    from zoneinfo import ZoneInfo  # a tenth of a cold start, for chats with quiet hours only

    if not _ZONE.fullmatch(name):
        raise ValueError("expected a time zone like Europe/Zurich")
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:  # a folder of zones is no zone either
        raise ValueError("expected a time zone like Europe/Zurich") from error


# --- storage -------------------------------------------------------------------------------------


class Subscriptions(Protocol):
    """The port: what telling and the bot need of storage."""

    def get(self, channel: str) -> Subscription | None: ...

    def all(self) -> list[Subscription]: ...

    def save(self, preferences: Subscription) -> Subscription:
        """Store it if its version is still the stored one (0: not there yet); ConflictError."""
        ...


def change(
    subscriptions: Subscriptions, preferences: Subscription, now: int, **changes: Any
) -> Subscription:
    """Store changes on top of what is stored by now, or of `preferences` where nothing is."""
    for _ in attempts():
        known = subscriptions.get(preferences.channel) or replace(preferences, since=now, version=0)
        try:
            return subscriptions.save(replace(known, **changes))
        except ConflictError:
            continue
    raise ConflictError("the subscription is contended")


_STORED: Final = tuple(f.name for f in fields(Subscription) if f.name not in ("channel", "version"))


class DynamoSubscriptions:
    """Subscriptions in DynamoDB; one chat is read consistently, all of them nearly."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        bind(SubscriptionItem, table)
        self._clock = clock

    def get(self, channel: str) -> Subscription | None:
        with mapped("read a subscription"):
            try:
                item = SubscriptionItem.get(bucket_of(channel), channel, consistent_read=True)
            except SubscriptionItem.DoesNotExist:
                return None
        return _read(item)

    def all(self) -> list[Subscription]:
        with mapped("list subscriptions"):
            return [
                _read(item)
                for bucket in range(BUCKETS)
                for item in SubscriptionItem.query(str(bucket))
            ]

    def save(self, preferences: Subscription) -> Subscription:
        saved = replace(preferences, version=preferences.version + 1)
        values = asdict(saved)
        item = SubscriptionItem(
            bucket=bucket_of(preferences.channel),
            channel=preferences.channel,
            body=json.dumps({name: values[name] for name in _STORED}, separators=(",", ":")),
            version=saved.version,
        )
        fresh = SubscriptionItem.version.does_not_exist()
        unchanged = (
            fresh if preferences.version == 0 else SubscriptionItem.version == preferences.version
        )
        with mapped("write a subscription"):
            try:
                item.save(condition=unchanged)
            except PutError as error:
                if code_of(error) == CONDITION:
                    raise ConflictError("a subscription was written by another") from error
                raise
        return saved


def bucket_of(channel: str) -> str:
    """Return the bucket of a chat, the same in every process."""
    return str(crc32(channel.encode()) % BUCKETS)


def _read(item: SubscriptionItem) -> Subscription:
    raw = json.loads(item.body)
    known = {name: raw[name] for name in _STORED if name in raw}
    known["symbols"] = tuple(known.get("symbols", ()))
    known["quiet"] = tuple(known["quiet"]) if known.get("quiet") else None
    return Subscription(channel=item.channel, version=item.version, **known)
