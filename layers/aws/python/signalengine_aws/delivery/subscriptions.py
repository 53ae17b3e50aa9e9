"""Each address's preferences: symbols, direction, score, mute, quiet hours, and how loud.

An address without a row receives nothing, except the one that the secret names: it is subscribed to
everything until its preferences are changed. Times are wall-clock ms.
"""

import json
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from zlib import crc32

from pynamodb.exceptions import PutError
from signalengine.digests import Digest
from signalengine.facts.typed import typed
from signalengine.signals import Direction, Signal

from ..runtime.aws_errors import CONDITION, code_of, mapped
from ..runtime.channels import APART
from ..runtime.clock import Clock, ttl, wall_ms
from ..runtime.retries import attempts
from ..runtime.stored_fields import needed, read_body, read_item, versioned
from ..stores.items.base import DAY_S, bind
from ..stores.items.subscriptions import SubscriptionItem
from .deliveries import ConflictError, Delivery, Status
from .notifications import LANGUAGE, Notification

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ..ports import Subscriptions

BUCKETS: Final = 4
MAX_SYMBOLS: Final = 30
MAX_SUBSCRIPTIONS: Final = 2_000
"""Every subscription is read for each notification; this many take one second of Lambda."""
ENDED_S: Final = 90 * DAY_S
"""How long the preferences of an address that has unsubscribed are stored."""
UTC: Final = "UTC"
FIXED: Final = "Etc/GMT"
"""Begins IANA's names of fixed offsets, whose sign is the opposite of the usual one."""
OFF: Final = "off"
NOT_SUBSCRIBED: Final = "not subscribed"
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}")

Loudness: TypeAlias = Literal["on", "silent", "off"]
LOUDNESS: Final[tuple[Loudness, ...]] = ("on", "silent", "off")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One address's preferences, under one version."""

    channel: str
    """Channel key: the channel's name and the address, as in `name:address`."""
    active: bool = True
    symbols: tuple[str, ...] = ()
    """Only these; none: all."""
    direction: Direction | None = None
    min_score: float = 0.0
    strategies: tuple[str, ...] = ()
    """Only these parameter sets, `donchian` for all sets of that strategy; none: all."""
    muted_until: int = 0
    quiet: tuple[int, int] | None = None
    """From this full hour to that one, in the address's time zone."""
    timezone: str = UTC
    opened: Loudness = "on"
    closed: Loudness = "on"
    language: str = LANGUAGE
    """The code of the language that its messages are in."""
    digest_after_quiet: bool = False
    """What quiet hours withhold comes as one digest when they end."""
    since: int = 0
    moved_to: str | None = None
    """The channel key that replaced this one."""
    left_at: int = 0
    """When the sender was removed from the address; 0 when it was not."""
    version: int = 0

    @property
    def address(self) -> str:
        """The key's second part."""
        return self.channel.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Notify:
    """Send it; `silent`: without a sound."""

    silent: bool = False


@dataclass(frozen=True, slots=True)
class Suppress:
    """Do not send it, ever; the reason is stored."""

    reason: str
    until: int = 0
    """When the quiet hours end that are the reason, for an address that wants a digest then."""


def evaluate(
    preferences: Subscription, notification: Notification, opening: Delivery | None, now: int
) -> Notify | Suppress:
    """Return whether an address's preferences admit a notification (pure).

    An address that received an opening, or may have, receives its steps and its closing, without a
    sound while it is muted or in its quiet hours. An address whose opening was suppressed does not,
    unless it turned openings off. Steps are as loud as closings.
    """
    if not preferences.active:
        return Suppress(NOT_SUBSCRIBED)
    hushed = muted(preferences, now) or quiet(preferences, now)
    if notification.digest is not None:
        return _evaluate_digest(preferences, notification.digest, hushed, now)
    if notification.signal is None:
        return Notify(silent=hushed is not None)
    loudness = preferences.opened if notification.kind == "opened" else preferences.closed
    if loudness == "off":
        return Suppress(f"{OFF}: {notification.kind}")
    if notification.kind != "opened" and opening is not None:
        if opening.status is Status.DELIVERED or opening.may_have_arrived:
            return Notify(silent=loudness == "silent" or hushed is not None)
        if opening.status is Status.SUPPRESSED and not _only_off(opening):
            return Suppress("its opening was withheld")
    reason = filtered(preferences, notification.signal)
    if reason:
        return Suppress(reason)
    return _withheld(preferences, hushed, now) if hushed else Notify(silent=loudness == "silent")


def _withheld(preferences: Subscription, hushed: str, now: int) -> Suppress:
    """Return that it is not sent now, and whether it comes when the quiet hours end."""
    later = preferences.digest_after_quiet and not muted(preferences, now)
    return Suppress(hushed, quiet_until(preferences, now) if later else 0)


def _evaluate_digest(
    preferences: Subscription, digest: Digest, hushed: str | None, now: int
) -> Notify | Suppress:
    """Each of its events was admitted; what hushes openings since then applies to all of them."""
    if hushed and not digest.closings:
        return _withheld(preferences, hushed, now)
    of_openings = digest.openings and preferences.opened == "on"
    of_closings = digest.closings and preferences.closed == "on"
    return Notify(silent=hushed is not None or not (of_openings or of_closings))


def _only_off(opening: Delivery) -> bool:
    return (opening.reason or "").startswith(f"{OFF}:")


def filtered(preferences: Subscription, signal: Signal) -> str | None:
    """Return the filter that excludes a signal, None when none does (pure)."""
    if preferences.symbols and signal.symbol not in preferences.symbols:
        return "filter: symbol"
    if preferences.direction is not None and signal.direction != preferences.direction:
        return "filter: direction"
    if preferences.strategies and not _is_of(signal, preferences.strategies):
        return "filter: strategy"
    return "filter: score" if signal.score < preferences.min_score else None


def _is_of(signal: Signal, strategies: tuple[str, ...]) -> bool:
    name = signal.set_name
    return name in strategies or name.partition("@")[0] in strategies


def muted(preferences: Subscription, now: int) -> str | None:
    return "muted" if now < preferences.muted_until else None


def quiet(preferences: Subscription, now: int) -> str | None:
    """Return the quiet hours that apply now, as text; None when none do (pure)."""
    if preferences.quiet is None:
        return None
    start, end = preferences.quiet
    hour = datetime.fromtimestamp(now / 1000, _stored_zone(preferences.timezone)).hour
    within = start <= hour < end if start < end else hour >= start or hour < end
    shown = zone_name(preferences.timezone)
    return f"quiet hours {start:02d}-{end:02d} {shown}" if within else None


def quiet_until(preferences: Subscription, now: int) -> int:
    """Return when the quiet hours that apply now end; 0 when none do (pure)."""
    if preferences.quiet is None or quiet(preferences, now) is None:
        return 0
    local = datetime.fromtimestamp(now / 1000, _stored_zone(preferences.timezone))
    end = local.replace(hour=preferences.quiet[1], minute=0, second=0, microsecond=0)
    days = 0 if local.hour < preferences.quiet[1] else 1
    return max(now + 1, round((end + timedelta(days=days)).timestamp() * 1000))


def zone_name(stored: str) -> str:
    """Return a stored time zone as people write it: `UTC+2` for IANA's `Etc/GMT-2` (pure)."""
    hours = stored.removeprefix(FIXED)
    if hours == stored or hours[:1] not in ("+", "-"):
        return stored
    return f"UTC{'-' if hours[0] == '+' else '+'}{hours[1:]}"


def _stored_zone(name: str) -> "ZoneInfo":
    """Return a stored time zone; UTC for one that is no longer known."""
    try:
        return zone(name)
    except ValueError:
        return zone(UTC)


@cache
def zone(name: str) -> "ZoneInfo":
    """Return a time zone by its IANA name; raises ValueError for any other text."""
    from zoneinfo import ZoneInfo  # a tenth of a cold start, for addresses with quiet hours only

    if not _ZONE.fullmatch(name):
        raise ValueError("expected a time zone like Europe/Zurich")
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:  # a folder of zones is no zone either
        raise ValueError("expected a time zone like Europe/Zurich") from error


# --- storage -------------------------------------------------------------------------------------


def preferences_of(subscriptions: "Subscriptions", channel: str, home: str | None) -> Subscription:
    """Return an address's preferences; without a row only `home` is subscribed."""
    return subscriptions.get(channel) or Subscription(channel, active=channel == home)


def change(
    subscriptions: "Subscriptions", preferences: Subscription, now: int, **changes: Any
) -> Subscription:
    """Store changes to the stored preferences, or to `preferences` where none are stored."""
    for _ in attempts():
        known = subscriptions.get(preferences.channel) or replace(preferences, since=now, version=0)
        try:
            return subscriptions.save(replace(known, **changes))
        except ConflictError:
            continue
    raise ConflictError("the subscription is contended")


_STORED: Final = tuple(f.name for f in fields(Subscription) if f.name not in ("channel", "version"))


class DynamoSubscriptions:
    """Subscriptions in DynamoDB; one address is read strongly consistently, all are not.

    An inactive one expires after `ENDED_S`, but for that of `home`, which would be subscribed again
    without a row. Each write replaces the whole item, so an active one has no time to live.
    """

    def __init__(self, table: str, clock: Clock = wall_ms, *, home: str | None = None) -> None:
        bind(SubscriptionItem, table)
        self._table = table
        self._clock = clock
        self._home = home

    def get(self, channel: str) -> Subscription | None:
        """Raises UnreadableError for preferences that this version cannot read."""
        with mapped("read a subscription"):
            try:
                item = SubscriptionItem.get(bucket_of(channel), channel, consistent_read=True)
            except SubscriptionItem.DoesNotExist:
                return None
        return needed("preferences", lambda: _read(item))

    def all(self, channels: Collection[str] | None = None) -> list[Subscription]:
        """Return those that this version can read: of the named channels at least, or of all."""
        with mapped("list subscriptions"):
            items = [
                item for bucket in buckets_of(channels) for item in SubscriptionItem.query(bucket)
            ]
        found = [read_item("preferences", one.channel, partial(_read, one)) for one in items]
        return [preferences for preferences in found if preferences is not None]

    def save(self, preferences: Subscription) -> Subscription:
        saved = replace(preferences, version=preferences.version + 1)
        item = SubscriptionItem(
            bucket=bucket_of(preferences.channel),
            channel=preferences.channel,
            body=_body(saved),
            version=saved.version,
            ttl=self._ttl(saved),
        )
        fresh = SubscriptionItem.version.does_not_exist()
        unchanged = (
            fresh if preferences.version == 0 else SubscriptionItem.version == preferences.version
        )
        if not (saved.active or saved.moved_to):
            self._forget_alerts(saved.channel)  # before: a write that is done is not tried again
        with mapped("write a subscription"):
            try:
                item.save(condition=unchanged)
            except PutError as error:
                if code_of(error) == CONDITION:
                    raise ConflictError("a subscription was written by another") from error
                raise
        return saved

    def remove(self, channel: str) -> None:
        """Remove an address's row; again is harmless."""
        with mapped("remove a subscription"):
            SubscriptionItem(bucket_of(channel), channel).delete()
        self._forget_alerts(channel)

    def _forget_alerts(self, channel: str) -> None:
        """Remove the price alerts of an address that has left; a new one inherits none."""
        from ..stores.alerts import DynamoAlerts  # few addresses leave

        DynamoAlerts(self._table, self._clock).forget(channel)

    def _ttl(self, preferences: Subscription) -> int | None:
        stays = preferences.active or preferences.channel == self._home
        return None if stays else ttl(self._clock, ENDED_S)


def subscription_item(preferences: Subscription) -> dict[str, dict[str, str]]:
    """Return the first item of an active address, as DynamoDB's client takes it."""
    first = replace(preferences, version=1)
    return {
        "bucket": {"S": bucket_of(first.channel)},
        "channel": {"S": first.channel},
        "body": {"S": _body(first)},
        "version": {"N": str(first.version)},
    }


def _body(preferences: Subscription) -> str:
    values = asdict(preferences)
    return versioned(json.dumps({name: values[name] for name in _STORED}, separators=(",", ":")))


def bucket_of(channel: str) -> str:
    """Return the bucket of an address, the same in every process."""
    name = channel.partition(":")[0]
    return name if name in APART else str(crc32(channel.encode()) % BUCKETS)


def buckets_of(channels: Collection[str] | None = None) -> list[str]:
    """Return the buckets that have the addresses of these channels; None: of all."""
    names = APART if channels is None else [name for name in APART if name in channels]
    shared = channels is None or len(names) < len(channels)
    return [*(map(str, range(BUCKETS)) if shared else ()), *names]


def _read(item: SubscriptionItem) -> Subscription:
    raw = read_body(item.body)
    key = {"channel": item.channel, "version": item.version}
    return typed(Subscription, raw | key, quiet=_hours(raw.get("quiet")))


def _hours(raw: Any) -> tuple[int, int] | None:
    if not raw:
        return None
    start, end = raw
    return int(start), int(end)
