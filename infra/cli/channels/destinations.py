"""Adding, changing, listing, testing and removing the destinations of a stack."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from signalengine_aws.channels.http.urls import ForbiddenAddressError, target_of
from signalengine_aws.delivery import pacing
from signalengine_aws.delivery.deliveries import Delivery, change_address_state
from signalengine_aws.delivery.destinations import NAME
from signalengine_aws.delivery.notifications import ANNOUNCEMENT
from signalengine_aws.delivery.subscriptions import Subscription, change

from infra.errors import USAGE, CommandError

from .kinds import KINDS, Kind, kind_of
from .mail import Mail, is_subscriber
from .preferences import summary
from .store import ChannelStore

TEST_TEXT: Final = "TEST: this destination of SignalEngine works. It is no signal."
LOOK_S: Final = 0.5
SENDER: Final = "sender"
"""The name of what a channel itself is sent by: no destination."""
SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Destinations:
    """The destinations of one stack, for its operator."""

    store: ChannelStore
    now_ms: Callable[[], int] = lambda: int(time.time() * 1000)
    sleep: Callable[[float], None] = time.sleep

    def add(
        self,
        channel: str,
        name: str,
        url: str,
        fields: Mapping[str, str],
        preferences: Mapping[str, Any],
        allow: str | None = None,
    ) -> dict[str, Any]:
        """Add a destination; returns what a user is shown of it, with a secret that was made."""
        kind, key = kind_of(channel), f"{channel}:{name}"
        if not NAME.fullmatch(name):
            raise CommandError(
                f"{name!r} is no name", "a-z, 0-9 and hyphens, at most 40 characters", USAGE
            )
        raw = self.store.secret()
        known = self.store.subscriptions.get(key)
        if key in raw["destinations"]:
            raise CommandError(f"{key} is there already", f"signalengine channel edit {key}")
        done: dict[str, Any] = {}
        entry = {"url": url, **fields}
        if kind.signs and "secret" not in entry:
            entry["secret"] = done["secret"] = secrets.token_urlsafe(SECRET_BYTES)
        _check(kind, entry, [*raw["allowed"], *([allow] if allow else [])])
        self._write(raw, key, entry, allow)
        chosen = {"closed": "off"} if fields.get("template") == "cornix" else {}
        fresh = Subscription(key, since=self.now_ms(), version=known.version if known else 0)
        saved = self.store.subscriptions.save(replace(fresh, **{**chosen, **preferences}))
        return self._shown(saved, url) | done | {"served_now": self.store.serve()}

    def edit(
        self,
        key: str,
        fields: Mapping[str, str],
        preferences: Mapping[str, Any],
        *,
        allow: str | None = None,
        rotate: bool = False,
    ) -> dict[str, Any]:
        """Change a destination. `rotate`: a new secret, beside the one that was new before."""
        raw, key = self.store.secret(), self.key_of(key)
        entry = dict(raw["destinations"][key])
        done: dict[str, Any] = {}
        if rotate:
            entry["previous_secret"] = entry.get("secret", "")
            entry["secret"] = done["secret"] = secrets.token_urlsafe(SECRET_BYTES)
        entry |= fields
        _check(
            kind_of(key.partition(":")[0]), entry, [*raw["allowed"], *([allow] if allow else [])]
        )
        if entry != raw["destinations"][key] or allow:
            self._write(raw, key, entry, allow)
        known = self.store.subscriptions.get(key) or Subscription(key, since=self.now_ms())
        saved = change(self.store.subscriptions, known, self.now_ms(), **preferences)
        return self._shown(saved, entry["url"]) | done

    def rows(self) -> list[dict[str, Any]]:
        """Return all destinations; no URL and no secret."""
        found = self.store.destinations().destinations
        rows = {one.channel: one for one in self.store.subscriptions.all()}
        return [
            self._shown(rows.get(key) or Subscription(key, active=False), one.url)
            for key, one in sorted(found.items())
            if key.partition(":")[2] != SENDER
        ]

    def subscribers(self) -> list[Mapping[str, Any]]:
        """Return the subscribers by e-mail, their addresses masked."""
        return list(Mail(self.store, self.now_ms).rows())

    def edit_subscriber(self, key: str, preferences: Mapping[str, Any]) -> dict[str, Any]:
        """Change the preferences of a subscriber by e-mail."""
        return dict(Mail(self.store, self.now_ms).edit(key, preferences))

    def remove(self, key: str) -> dict[str, Any]:
        """Remove a destination; what waits for it is delivered to nobody."""
        raw, key = self.store.secret(), self.key_of(key)
        if is_subscriber(key):
            raise CommandError(
                "an address is forgotten by its own command", f"signalengine forget {key}"
            )
        known = self.store.subscriptions.get(key) or Subscription(key)
        change(self.store.subscriptions, known, self.now_ms(), active=False)
        del raw["destinations"][key]
        self.store.write_secret(raw)
        return {"removed": key}

    def test(self, key: str, timeout_s: float) -> dict[str, Any]:
        """Send one marked message by the queue; returns its receipt, or why there is none."""
        key = self.key_of(key)
        change_address_state(
            self.store.deliveries, key, lambda one: replace(pacing.unparked(one), paused_until=0)
        )
        now = self.now_ms()
        event_id = f"{ANNOUNCEMENT}#test-{secrets.token_hex(6)}"
        body = {
            "kind": ANNOUNCEMENT, "event_id": event_id, "text": TEST_TEXT, "cursor": now, "to": key,
        }  # fmt: skip
        self.store.queue().forward([json.dumps(body)])
        while True:
            found = self.store.deliveries.get(event_id, key)
            state = self.store.deliveries.address_state(key)
            waited = (self.now_ms() - now) / 1000
            settled = found is not None and (found.final or state.parked_reason)
            if settled or waited >= timeout_s:
                return _receipt(key, found, state.parked_reason)
            self.sleep(LOOK_S)

    def key_of(self, name: str) -> str:
        """Return the whole key of a destination, which may be named without its channel."""
        if is_subscriber(name) and self.store.subscriptions.get(name) is not None:
            return name
        keys = self.store.destinations().destinations
        found = [key for key in keys if name in (key, key.partition(":")[2])]
        if len(found) == 1:
            return found[0]
        if found:
            raise CommandError(
                f"{name} is ambiguous: {', '.join(found)}", "name it with its channel"
            )
        raise CommandError(f"there is no destination {name}", "see `signalengine channel list`")

    def _write(
        self, raw: dict[str, Any], key: str, entry: Mapping[str, str], allow: str | None
    ) -> None:
        raw["destinations"][key] = dict(entry)
        if allow and allow not in raw["allowed"]:
            raw["allowed"] = sorted([*raw["allowed"], allow])
        self.store.write_secret(raw)

    def _shown(self, one: Subscription, url: str) -> dict[str, Any]:
        state = self.store.deliveries.address_state(one.channel)
        now = self.now_ms()
        until = max(state.parked_until, state.paused_until)
        return {
            "destination": one.channel,
            "to": masked(url),
            "active": one.active,
            "preferences": summary(one),
            "paused_until": until if until > now else None,
            "reason": state.parked_reason if state.parked_until > now else "",
        }


def masked(url: str) -> str:
    """Return a URL's scheme and host: the rest is a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…" if parts.hostname else "…"


def _check(kind: Kind, entry: Mapping[str, str], allowed: list[str]) -> None:
    """Raise CommandError for a destination that nothing could be sent to."""
    try:
        target_of(entry["url"], allowed)
    except ForbiddenAddressError as error:
        raise CommandError(
            f"the URL is refused: {error}",
            "https and port 443; --allow-host HOST[:PORT] opens a host of your own",
            USAGE,
        ) from None
    fields = {name: value for name, value in entry.items() if name in kind.fields}
    problem = kind.problem_of_url(entry["url"]) or kind.problem_of_fields(fields)
    if problem:
        raise CommandError(problem, "see docs/channels.md", USAGE)


def _receipt(key: str, found: Delivery | None, parked_reason: str) -> dict[str, Any]:
    if found is None:
        return {"destination": key, "status": "waiting", "receipt": None, "reason": "", "ms": None}
    return {
        "destination": key,
        "status": found.status.value,
        "receipt": found.receipt,
        "reason": found.reason or parked_reason,
        "ms": found.publish_latency_ms,
    }


def known_channels() -> str:
    """Return the channels and what they are, for help."""
    return "; ".join(f"{name}: {kind.about}" for name, kind in KINDS.items())
