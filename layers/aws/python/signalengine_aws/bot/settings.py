"""The bot's commands that change a chat's preferences, and who may use them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from signalengine.text.formatting import joined, plain
from signalengine.text.languages import ENGLISH, in_language, known_language, t
from signalengine.text.reasons import reason

from ..delivery.subscriptions import MAX_SUBSCRIPTIONS, Subscription, change, preferences_of
from ..ports import Subscriptions
from ..runtime.clock import Clock
from .answers import Reply
from .preferences import (
    Filters,
    PreferenceError,
    preferences_buttons,
    preferences_text,
    read_filters,
    read_language,
    read_quiet,
    read_span,
    read_zone,
)
from .updates import Place

COMMANDS: Final = (
    "subscribe", "unsubscribe", "mute", "unmute", "quiet", "timezone", "language", "forget",
    "alert", "alerts",
)  # fmt: skip
ALERTS: Final = ("alert", "alerts")
BUTTONS: Final = (*COMMANDS, "loud", "digest")
NOT_ALLOWED: Final = "Only administrators of this chat may change what it receives."
CLOSED: Final = "This bot is private: its operator decides who receives signals."
ELSEWHERE: Final = (
    "This topic receives no signals, the General topic of this chat does: change it there, "
    "or /subscribe this topic."
)
YES: Final = "yes"
FORGET: Final = (
    "Forget this chat? It receives nothing any more, and its preferences are removed. What it was "
    "sent is forgotten within 35 days."
)
FORGOTTEN: Final = (
    "Forgotten: this chat receives nothing, and its preferences are removed. Which messages it was "
    "sent is forgotten within 35 days."
)
OWN_CHAT: Final = (
    "This is the chat of the engine's own settings: its operator has to remove it there."
)
_RANKS: Final = ("creator", "administrator")


class Members(Protocol):
    """The port: a user's status in a chat, in Telegram's terms."""

    def rank(self, chat_id: int, user_id: int) -> str: ...


class Alerts(Protocol):
    """The port: the price alerts of chats."""

    def answer(self, channel: str, command: str, words: str, /) -> Reply:
        """Answer a command or a button of price alerts; raises PreferenceError."""
        ...


def refused() -> Reply:
    """Return the answer to a user who may not change a chat."""
    return Reply(t(NOT_ALLOWED))


class Settings:
    """Changes subscriptions."""

    def __init__(
        self,
        *,
        subscriptions: Subscriptions,
        members: Members,
        home: str | None,
        admins: frozenset[int],
        private: bool,
        followed: Callable[[], tuple[str, ...]],
        strategies: Callable[[], tuple[str, ...]],
        forget: Callable[[str], None],
        alerts: "Alerts",
        clock: Clock,
    ) -> None:
        """`forget` removes what is stored under a channel key."""
        self._subscriptions = subscriptions
        self._forget = forget
        self._alerts = alerts
        self._members = members
        self._home = home
        self._admins = admins
        self._private = private
        self._followed = followed
        self._strategies = strategies
        self._clock = clock

    def preferences(self, channel: str) -> Subscription:
        """Return a chat's preferences now."""
        return preferences_of(self._subscriptions, channel, self._home)

    def language(self, place: Place) -> str:
        """Return the language of a chat's answers: its own, or before it subscribes its user's."""
        known = self.preferences(place.channel)
        if known.active:
            return known.language
        return known_language(place.language) or ENGLISH

    def change(self, place: Place, command: str, words: str) -> Reply:
        """Apply one of `COMMANDS` or a button; a user without the right to gets a refusal."""
        if not self.may_change(place):
            return refused()
        if self._private and command == "subscribe" and not self.is_admin(place):
            return Reply(t(CLOSED))
        try:
            return self._changed(place, command, words)
        except PreferenceError as error:
            return Reply(str(error))

    def may_change(self, place: Place) -> bool:
        """Return whether a user may change a chat: a private one, or one they administer."""
        if place.private or place.by_the_chat or self.is_admin(place):
            return True
        return (
            place.user_id is not None and self._members.rank(place.chat_id, place.user_id) in _RANKS
        )

    def is_admin(self, place: Place) -> bool:
        """Return whether a user is an operator of the engine."""
        return place.user_id in self._admins

    def _changed(self, place: Place, command: str, words: str) -> Reply:
        channel = place.channel
        if command == "subscribe":
            return self._subscribed(place, words)
        if command == "forget":
            return self._forgotten(channel, words)
        if command in ALERTS and self.preferences(channel).active:
            return self._alerts.answer(channel, command, words)
        changes = self._changes(command, words)
        if not self.preferences(channel).active:
            if place.topic is not None and self.preferences(place.chat).active:
                return Reply(t(ELSEWHERE))
            if command != "unsubscribe":
                return Reply(t("This chat receives no signals yet: /subscribe first."))
            changes = {}  # a chat that never subscribed gets no row
        if not changes:
            return self._shown(self.preferences(channel))
        return self._shown(self._save(channel, changes))

    def _subscribed(self, place: Place, words: str) -> Reply:
        channel = place.channel
        known = (self._followed(), self._strategies()) if words else ((), ())
        filters = read_filters(words, *known)
        if self._full(channel):
            return Reply(t("There are too many subscriptions already."))
        began = {} if self.preferences(channel).active else {"language": self.language(place)}
        saved = self._save(channel, {"active": True} | began | _filters(filters))
        return self._shown(saved, filters.notes)

    def _forgotten(self, channel: str, words: str) -> Reply:
        """Forget a chat once its owner has confirmed that."""
        if channel == self._home:
            return Reply(t(OWN_CHAT))
        if words != YES:
            return Reply(t(FORGET), (((t("Forget this chat"), f"set:forget:{YES}"),),))
        self._forget(channel)
        return Reply(t(FORGOTTEN), (((t("🔔 Subscribe"), "set:subscribe"),),))

    def _changes(self, command: str, words: str) -> Mapping[str, Any]:
        """Return the changes of a command; none for one that only reads. Raises PreferenceError."""
        match command:
            case "alert" | "alerts":
                return {}  # of a chat that receives nothing
            case "unsubscribe":
                return {"active": False}
            case "mute":
                return {"muted_until": self._clock() + read_span(words)}
            case "unmute":
                return {"muted_until": 0}
            case "quiet":
                return read_quiet(words) if words else {}
            case "digest":
                return _digest(words)
            case "timezone":
                return {"timezone": read_zone(words)} if words else {}
            case "language":
                return {"language": read_language(words)} if words else {}
            case _:
                return _loudness(words)

    def _full(self, channel: str) -> bool:
        """Return whether a chat cannot be added; chats that receive nothing are not counted."""
        if self.preferences(channel).active:
            return False
        return sum(one.active for one in self._subscriptions.all()) >= MAX_SUBSCRIPTIONS

    def _save(self, channel: str, changes: Mapping[str, Any]) -> Subscription:
        now = self._clock()
        return change(self._subscriptions, self.preferences(channel), now, **changes)

    def _shown(self, preferences: Subscription, notes: tuple[str, ...] = ()) -> Reply:
        with in_language(preferences.language):
            return self._described(preferences, notes)

    def _described(self, preferences: Subscription, notes: tuple[str, ...]) -> Reply:
        now = self._clock()
        text = joined(
            preferences_text(preferences, now), *(plain(reason(note), 200) for note in notes)
        )
        return Reply(text, preferences_buttons(preferences, now))


def _filters(found: Filters) -> dict[str, Any]:
    return {
        "symbols": found.symbols,
        "direction": found.direction,
        "min_score": found.min_score,
        "strategies": found.strategies,
    }


def _digest(words: str) -> dict[str, Any]:
    """Read `on` or `off`, the data of a button; raises PreferenceError."""
    if words not in ("on", "off"):
        raise PreferenceError(t("That button is not known any more."))
    return {"digest_after_quiet": words == "on"}


def _loudness(words: str) -> dict[str, Any]:
    """Read `opened:silent`, the data of a button; raises PreferenceError."""
    kind, _, loudness = words.partition(":")
    if kind not in ("opened", "closed") or loudness not in ("on", "silent", "off"):
        raise PreferenceError(t("That button is not known any more."))
    return {kind: loudness}
