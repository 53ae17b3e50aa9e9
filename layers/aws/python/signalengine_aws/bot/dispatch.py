"""The bot: who asks, what for, and whether they may; one update in, method calls out.

Reading is everyone's who finds the bot: nothing is told that the dashboard does not show. What a
chat is told is changed by who owns it: the person, or a group's administrators. Operators are those
whose ids the secret names. A chat is answered so often a minute, then told so once, and then not
at all: who floods the bot spends our money.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from signalengine.text.replies import ADMIN_COMMANDS, chat_text, help_text, start_text

from ..api.parameters import read_cursor
from ..channels.telegram.client import html_message, replying
from ..chat.engine import MAX_MESSAGE_CHARS, MessageError
from ..stores.rate_limits import Limit, TooManyCallsError
from . import settings as changing
from .answers import Answers, Reply
from .operators import Operators
from .settings import Settings
from .updates import Place, Pressed, Removed, Said, Update

Call = tuple[str, dict[str, Any]]
"""A Bot API method with its parameters."""
_OPERATING: Final = frozenset(name for name, _ in ADMIN_COMMANDS)
_DEEP_LINK: Final = "why_"
ANSWERED: Final = 20
"""Answers a chat gets a minute; operators are not counted."""
FLOOD: Final = Limit(times=ANSWERED + 1, seconds=60)
ENOUGH: Final = "That is a lot at once. I answer again within a minute."
OLD_BUTTON: Final = "That button is not known any more."


class Asking(Protocol):
    """The port: the chat behind its limits."""

    @property
    def thinks(self) -> bool:
        """Whether an answer may take many seconds."""
        ...

    def answer(self, caller: str, message: Any) -> dict[str, Any]: ...


class Counting(Protocol):
    """The port: counts what a chat asks for."""

    def take(self, caller: str, limit: Limit) -> int:
        """Return the how many-th call it was; raises TooManyCallsError."""
        ...


class Me(Protocol):
    """The port: who the bot itself is."""

    @property
    def bot_id(self) -> int: ...

    def username(self) -> str:
        """Return its name in lower case; "" when Telegram does not tell now."""
        ...

    def type(self, chat_id: int) -> None:
        """Show in a chat that an answer is being written; raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Handled:
    """What is to be called: first what nobody waits for, and last what answers.

    The answer is the webhook's own reply, which Telegram takes only for so long: what was `slow` is
    called for.
    """

    what: str
    """For the log: a command, `chat`, a button, or why nothing is said."""
    first: tuple[Call, ...] = ()
    last: Call | None = None
    slow: bool = False


class Bot:
    """Handles updates."""

    def __init__(
        self,
        *,
        answers: Answers,
        settings: Settings,
        operators: Operators,
        asking: Asking,
        me: Me,
        counting: Counting,
    ) -> None:
        self._counting = counting
        self._answers = answers
        self._settings = settings
        self._operators = operators
        self._asking = asking
        self._me = me
        self._reading: dict[str, Callable[[str], Reply]] = {
            "help": lambda _words: Reply(help_text()),
            "top": lambda _words: answers.top(),
            "status": lambda _words: answers.status(),
            "stats": lambda _words: answers.stats(),
            "signals": answers.signals,
            "performance": answers.performance,
            "explain": answers.explain,
        }

    def handle(self, update: Update) -> Handled:
        """Return what answers an update; raises TransientError or PermanentError of AWS."""
        match update:
            case Said():
                return self._said(update)
            case Pressed():
                return self._pressed(update)
            case Removed(place=place):
                self._settings.leave(place.channel)
                return Handled("removed")

    # --- what is written -------------------------------------------------------------------------

    def _said(self, said: Said) -> Handled:
        place, command = said.place, said.command
        if command is None and not self._is_meant(said):
            return Handled("not for us")
        if command is not None and not self._knows(command, place):
            return Handled("unknown command")
        if not self._operates(command, place):
            nth = self._nth(place)
            if nth > ANSWERED:
                words = answering(said, Reply(ENOUGH)) if nth == FLOOD.times else None
                return Handled("flood", last=words)
        if command is not None:
            return Handled(command, last=answering(said, self._command(said, command)))
        return self._asked(said)

    def _asked(self, said: Said) -> Handled:
        """Answer a free question."""
        slow = self._asking.thinks
        if slow:
            self._me.type(said.place.chat_id)
        return Handled("chat", last=answering(said, self._chat(said)), slow=slow)

    def _knows(self, command: str, place: Place) -> bool:
        """Whether a command is for us; in a group there may be other bots."""
        ours = command in ("start", "help", *changing.COMMANDS, *self._reading)
        return ours or place.private or self._operates(command, place)

    def _operates(self, command: str | None, place: Place) -> bool:
        return command in _OPERATING and self._settings.is_admin(place)

    def _nth(self, place: Place) -> int:
        """Count what a chat asks for; return the how many-th it is in this minute."""
        try:
            return self._counting.take(f"chat {place.chat_id}", FLOOD)
        except TooManyCallsError:
            return FLOOD.times + 1

    def _command(self, said: Said, command: str) -> Reply:
        place, words = said.place, said.rest
        if command == "start":
            return self._start(place, words)
        if command in changing.COMMANDS:
            return self._settings.change(place, command, words)
        if self._operates(command, place):
            return self._operators.answer(command, words, said.update_id)
        if command == "help":
            return Reply(help_text(admin=place.private and self._settings.is_admin(place)))
        if command in self._reading:
            return self._reading[command](words)
        return Reply(help_text())

    def _start(self, place: Place, words: str) -> Reply:
        """Greet, or follow a link like t.me/TheBot?start=why_ID."""
        if words.startswith(_DEEP_LINK):
            return self._answers.explain(words.removeprefix(_DEEP_LINK))
        if words == "subscribe":
            return self._settings.change(place, "subscribe", "")
        return Reply(start_text(), ((("🏆 Top", "top"), ("📋 Signals", "signals")),))

    def _is_meant(self, said: Said) -> bool:
        if said.place.private or said.answers_bot == self._me.bot_id:
            return said.place.kind != "channel"
        return bool(said.mentions) and self._me.username() in said.mentions

    def _chat(self, said: Said) -> Reply:
        place = said.place
        words = said.text.replace(f"@{self._me.username()}", "") if said.mentions else said.text
        try:
            caller = f"telegram:{place.user_id or place.chat_id}"
            return Reply(chat_text(self._asking.answer(caller, words)))
        except TooManyCallsError as error:
            return Reply(f"That is a lot of questions. Ask me again in {error.retry_after_s} s.")
        except MessageError:
            return Reply(f"Please ask in 1 to {MAX_MESSAGE_CHARS} characters.")

    # --- what is pressed -------------------------------------------------------------------------

    def _pressed(self, pressed: Pressed) -> Handled:
        name, _, words = pressed.data.partition(":")
        nth = self._nth(pressed.place)
        if nth > ANSWERED:
            told = (toast(pressed, ENOUGH, alert=True),) if nth == FLOOD.times else ()
            return Handled("flood", first=told)
        if name == "why":
            return Handled("why", (toast(pressed),), sending(pressed, self._answers.explain(words)))
        if name == "set":
            return self._setting(pressed, *_split(words), editing)
        if name == "mute":  # below a signal, which stays as it is
            return self._setting(pressed, name, words, sending)
        shown = self._page(name, words)
        if shown is None:
            return Handled("old button", first=(toast(pressed, OLD_BUTTON),))
        return Handled(name, (toast(pressed),), editing(pressed, shown))

    def _page(self, name: str, words: str) -> Reply | None:
        """Return what takes the place of the message with the button."""
        if name == "top":
            return self._answers.top()
        if name == "signals":
            return self._answers.signals()
        try:
            return self._answers.signals(after=read_cursor(words)) if name == "old" else None
        except ValueError:
            return None

    def _setting(
        self, pressed: Pressed, name: str, words: str, show: Callable[[Pressed, Reply], Call]
    ) -> Handled:
        if name not in changing.BUTTONS:
            return Handled("old button", first=(toast(pressed, OLD_BUTTON),))
        reply = self._settings.change(pressed.place, name, words)
        if not reply.buttons:  # a refusal: for whoever pressed, not for the chat
            return Handled(name, first=(toast(pressed, reply.text, alert=True),))
        return Handled(name, (toast(pressed, "Done"),), show(pressed, reply))


def _split(words: str) -> tuple[str, str]:
    name, _, rest = words.partition(":")
    return name, rest


# --- method calls --------------------------------------------------------------------------------


def answering(said: Said, reply: Reply) -> Call:
    """Return the call that answers a message."""
    params = html_message(said.place.chat_id, reply.text, reply.buttons)
    return "sendMessage", params | replying(said.message_id)


def sending(pressed: Pressed, reply: Reply) -> Call:
    """Return the call that answers the message whose button was pressed."""
    params = html_message(pressed.place.chat_id, reply.text, reply.buttons)
    return "sendMessage", params | replying(pressed.message_id)


def editing(pressed: Pressed, reply: Reply) -> Call:
    """Return the call that puts an answer in the place of the message with the button."""
    params = html_message(pressed.place.chat_id, reply.text, reply.buttons)
    return "editMessageText", params | {"message_id": pressed.message_id}


def toast(pressed: Pressed, text: str = "", *, alert: bool = False) -> Call:
    """Return the call that ends a button's waiting, with words for whoever pressed it."""
    words = {"text": text[:200], "show_alert": alert} if text else {}
    return "answerCallbackQuery", {"callback_query_id": pressed.callback_id} | words
