"""Notifications of every kind, and hostile ones, for what renders them."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from signalengine.digests import Digest
from signalengine.signals import Event, Exits, Signal, Target
from signalengine_aws.delivery.notifications import Notification, read_notification, repeated
from signalengine_aws.messaging.sns import signal_message

from tests.telegram_samples import NOON, body, closed, digest_of, short, signal, stepped

DASHBOARD = "https://d.example/"
PAGE = f"{DASHBOARD}signals/{signal().signal_id}"


def opened(**changes: Any) -> Notification:
    return read_notification(body(signal(**changes)))


def step() -> Notification:
    return read_notification(json.dumps(signal_message(stepped(), "stop1", NOON).body))


def ended(**changes: Any) -> Notification:
    return read_notification(body(closed(**changes)))


def again() -> Notification:
    return read_notification(repeated(body(signal()), "r1"))


def announced(words: str = "Maintenance at 12:00") -> Notification:
    return Notification("announcement#1", "announcement", None, NOON, words)


def digested(digest: Digest | None = None) -> Notification:
    whole = digest or digest_of(signal(), short(), closed())
    return Notification("digest#1", "digest", None, NOON, digest=whole)


def every() -> list[Notification]:
    """Return one notification of each kind."""
    return [opened(), step(), ended(), again(), announced(), digested()]


_SPECIAL = st.text(alphabet="a *_~`|\\<>&#@[]()!:/.\n\u202e😀👩\u200d🚀é", max_size=60)
_LONG = st.builds(lambda text, times: text * times, _SPECIAL, st.integers(1, 80))
TEXTS = st.one_of(st.text(max_size=40), _SPECIAL, _LONG)


def _hostile(text: str, count: int, targets: int) -> Signal:
    exits = Exits(tuple(Target(51_000.0 + at, 1 / targets) for at in range(targets)), leave=True)
    events = tuple(Event(text, text, "long", 0.5, {}) for _ in range(count))
    components = {f"{text}{at}": 0.5 for at in range(count)}
    return replace(
        signal(), symbol=text or "X", strategy=text, events=events, components=components,
        missing=tuple(components), exits=exits, policy_digest=text,
    )  # fmt: skip


SIGNALS = st.builds(_hostile, TEXTS, st.integers(0, 40), st.integers(1, 60))
NOTIFICATIONS = st.one_of(
    SIGNALS.map(lambda one: Notification("o", "opened", one, NOON)),
    SIGNALS.map(lambda one: Notification("o#r", "opened", one, NOON, repeat="r")),
    TEXTS.map(announced),
    st.lists(SIGNALS, min_size=1, max_size=12).map(lambda some: digested(digest_of(*some))),
)
"""Notifications whose words come from outside, in any length."""
