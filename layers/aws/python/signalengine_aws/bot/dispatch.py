"""The bot: one update in, Bot API calls out.

Anyone may read: the bot shows nothing that the dashboard does not. A chat's preferences are changed
by its owner: the user of a private chat, or a group's administrators. Operators are the users whose
ids the secret names; they operate in private chats, where nobody else reads the answers. A chat
gets a limited number of answers a minute (`floods`), then one notice of the limit, then none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from signalengine.text.formatting import joined, plain
from signalengine.text.languages import in_language, t
from signalengine.text.replies import ADMIN_COMMANDS, chat_text, help_text, start_text

from ..channels.telegram.client import html_message, replying
from ..channels.telegram.text import parts
from ..chat.questions import MAX_MESSAGE_CHARS, MessageError
from ..ports import RateLimits
from ..stores.rate_limits import TooManyCallsError
from . import settings as changing
from .answers import Answers, Reply
from .floods import Admission, Floods
from .memberships import Memberships
from .operators import Operators
from .settings import Settings
from .updates import Place, Pressed, Update, Written

Call = tuple[str, dict[str, Any]]
"""A Bot API method with its parameters."""
_OPERATING: Final = frozenset(name for name, _ in ADMIN_COMMANDS)
_DEEP_LINK: Final = "why_"
ENOUGH: Final = "That is a lot at once. I answer again within a minute."
PRIVATELY: Final = "Operators' commands work in your private chat with me only."
OLD_BUTTON: Final = "That button is not known any more."


class Chat(Protocol):
    """The port: the rate-limited chat."""

    @property
    def has_model(self) -> bool:
        """Whether an answer may take many seconds."""
        ...

    def answer(self, caller: str, message: Any) -> dict[str, Any]: ...


class Me(Protocol):
    """The port: the bot itself."""

    @property
    def bot_id(self) -> int: ...

    def username(self) -> str:
        """Return its name in lower case; "" when Telegram does not answer."""
        ...

    def type(self, place: Place) -> None:
        """Show in a chat that an answer is being written; raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Handled:
    """The Bot API calls of an update: `first` those beside the answer, `last` the answer.

    The answer is returned as the response to the webhook, which Telegram accepts for a limited
    time: a `slow` one is sent by a call instead.
    """

    what: str
    """For the log: a command, `chat`, a button, or why there is no answer."""
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
        memberships: Memberships,
        chat: Chat,
        me: Me,
        limits: RateLimits,
    ) -> None:
        self._floods = Floods(limits)
        self._answers = answers
        self._settings = settings
        self._operators = operators
        self._memberships = memberships
        self._chat = chat
        self._me = me
        self._reading: dict[str, Callable[[str], Reply]] = {
            "help": lambda _words: Reply(help_text()),
            "top": lambda _words: answers.top(),
            "status": lambda _words: answers.status(),
            "stats": answers.stats,
            "signals": answers.signals,
            "performance": answers.performance,
            "explain": answers.explain,
            "size": answers.size,
        }

    def handle(self, update: Update) -> Handled:
        """Return the calls that answer an update; raises TransientError or PermanentError."""
        match update:
            case Written():
                return self._written(update)
            case Pressed():
                with in_language(self._settings.language(update.place)):
                    return self._pressed(update)
            case _:
                return Handled(self._memberships.apply(update))

    # --- messages --------------------------------------------------------------------------------

    def _written(self, message: Written) -> Handled:
        place, command = message.place, message.command
        if command is None and not self._is_meant(message):
            return Handled("not for us")
        if command is not None and not self._is_addressed(message):
            return Handled("for another bot")
        if command is not None and not self._is_ours(command, place):
            return Handled("unknown command")
        with in_language(self._settings.language(place)):
            return self._answer_to(message)

    def _answer_to(self, message: Written) -> Handled:
        """Answer a message that is meant for the bot, in its chat's language."""
        place, command = message.place, message.command
        change = _change(command, message.rest)
        if change is not None:
            admission, reply = self._changed(place, *change)
            return _limited(admission, message, str(command), reply)
        if not self._operates(command, place):
            admission = self._floods.answer(place)
            if admission is not Admission.ANSWER:
                return _limited(admission, message)
        if command is not None:
            return _answered(command, message, self._command(message, command))
        return self._ask(message)

    def _changed(self, place: Place, command: str, words: str) -> tuple[Admission, Reply]:
        """Change preferences outside the chat's limit; a refusal is an answer like any other."""
        admission = self._floods.change(place)
        if admission is not Admission.ANSWER:
            return admission, Reply(t(ENOUGH))
        reply = self._settings.change(place, command, words)
        return (self._floods.answer(place) if reply == changing.refused() else admission), reply

    def _ask(self, message: Written) -> Handled:
        """Answer a free question."""
        slow = self._chat.has_model
        if slow:
            self._me.type(message.place)
        return _answered("chat", message, self._answer(message), slow=slow)

    def _is_addressed(self, message: Written) -> bool:
        """Return whether a command names this bot or none; any bot while ours has no known name."""
        return not message.addressee or self._me.username() in ("", message.addressee)

    def _is_ours(self, command: str, place: Place) -> bool:
        """Return whether a command is the bot's; a group may have other bots."""
        ours = command in ("start", "help", *changing.COMMANDS, *self._reading)
        return ours or place.private or self._is_operators(command, place)

    def _operates(self, command: str | None, place: Place) -> bool:
        """Return whether an operator commands it where nobody else reads the answer."""
        return place.private and self._is_operators(command, place)

    def _is_operators(self, command: str | None, place: Place) -> bool:
        return command in _OPERATING and self._settings.is_admin(place)

    def _command(self, message: Written, command: str) -> Reply:
        place, words = message.place, message.rest
        if command == "start":
            return self._start(words)
        if self._operates(command, place):
            return self._operators.answer(command, words, message.update_id)
        if self._is_operators(command, place):
            return Reply(t(PRIVATELY))
        if command == "help":
            return Reply(help_text(admin=place.private and self._settings.is_admin(place)))
        if command in self._reading:
            return self._reading[command](words)
        unknown = t("There is no command /{name}.", name=plain(command, 30))
        return Reply(joined(unknown, "", help_text()))

    def _start(self, words: str) -> Reply:
        """Greet, or follow a link like t.me/TheBot?start=why_ID."""
        if words.startswith(_DEEP_LINK):
            return self._answers.explain(words.removeprefix(_DEEP_LINK))
        return Reply(start_text(), (((t("🏆 Top"), "top"), (t("📋 Signals"), "signals")),))

    def _is_meant(self, message: Written) -> bool:
        if message.place.private or message.answers_bot == self._me.bot_id:
            return message.place.kind != "channel"
        return bool(message.mentions) and self._me.username() in message.mentions

    def _answer(self, message: Written) -> Reply:
        place = message.place
        words = (
            message.text.replace(f"@{self._me.username()}", "")
            if message.mentions
            else message.text
        )
        try:
            caller = f"telegram:{place.user_id or place.chat_id}"
            return Reply(chat_text(self._chat.answer(caller, words)))
        except TooManyCallsError as error:
            again = "That is a lot of questions. Ask me again in {seconds} s."
            return Reply(t(again, seconds=error.retry_after_s))
        except MessageError:
            return Reply(t("Please ask in 1 to {n} characters.", n=MAX_MESSAGE_CHARS))

    # --- buttons ---------------------------------------------------------------------------------

    def _pressed(self, pressed: Pressed) -> Handled:
        name, _, words = pressed.data.partition(":")
        if name == "set":
            return self._setting(pressed, *_split(words), editing)
        if name == "mute":  # below a signal, which stays as it is
            return self._setting(pressed, name, words, sending)
        admission = self._floods.answer(pressed.place)
        if admission is not Admission.ANSWER:
            return _withheld(admission, pressed)
        if name == "why":
            return Handled("why", (toast(pressed),), sending(pressed, self._answers.explain(words)))
        shown = self._page(name, words)
        if shown is None:
            return Handled("old button", first=(toast(pressed, t(OLD_BUTTON)),))
        return Handled(name, (toast(pressed),), editing(pressed, shown))

    def _page(self, name: str, words: str) -> Reply | None:
        """Return the page that replaces the message with the button; None for an unknown button."""
        if name == "top":
            return self._answers.top()
        if name == "signals":
            return self._answers.signals()
        if name not in ("old", "own"):
            return None
        from ..api.parameters import read_cursor  # used by this button alone

        try:
            after = read_cursor(words)
            of_set = name == "own"
            return (
                self._answers.older_of_set(after) if of_set else self._answers.signals(after=after)
            )
        except ValueError:
            return None

    def _setting(
        self, pressed: Pressed, name: str, words: str, show: Callable[[Pressed, Reply], Call]
    ) -> Handled:
        if name in changing.BUTTONS:
            admission, reply = self._changed(pressed.place, name, words)
        else:
            name = "old button"
            admission, reply = self._floods.answer(pressed.place), Reply(t(OLD_BUTTON))
        if admission is not Admission.ANSWER:
            return _withheld(admission, pressed)
        if not reply.buttons:  # a refusal or an old button: shown to the user only
            return Handled(name, first=(toast(pressed, reply.text, alert=True),))
        return Handled(name, (toast(pressed, t("Done")),), show(pressed, reply))


def _change(command: str | None, words: str) -> tuple[str, str] | None:
    """Return the command that changes preferences, and its words; None for any other."""
    if command == "start" and words == "subscribe":  # of a link
        return "subscribe", ""
    return (command, words) if command in changing.COMMANDS else None


def _limited(
    admission: Admission, message: Written, what: str = "flood", reply: Reply | None = None
) -> Handled:
    """Return a message's answer as far as it is admitted."""
    if admission is Admission.ANSWER and reply is not None:
        return _answered(what, message, reply)
    notice = answering(message, Reply(t(ENOUGH))) if admission is Admission.NOTICE else None
    return Handled("flood", last=notice)


def _answered(what: str, message: Written, reply: Reply, *, slow: bool = False) -> Handled:
    """Return a message's answer, in several messages when it is too long for one."""
    *first, last = parts(reply.text) or [reply.text]
    calls = tuple(answering(message, Reply(text)) for text in first)
    return Handled(what, calls, answering(message, Reply(last, reply.buttons)), slow=slow)


def _withheld(admission: Admission, pressed: Pressed) -> Handled:
    """Return what a press over the limit gets."""
    notice = (toast(pressed, t(ENOUGH), alert=True),) if admission is Admission.NOTICE else ()
    return Handled("flood", first=notice)


def _split(words: str) -> tuple[str, str]:
    name, _, rest = words.partition(":")
    return name, rest


# --- Bot API calls -------------------------------------------------------------------------------


def answering(message: Written, reply: Reply) -> Call:
    """Return the call that replies to a message."""
    place = message.place
    params = html_message(place.chat_id, reply.text, reply.buttons, place.topic)
    return "sendMessage", params | replying(message.message_id)


def sending(pressed: Pressed, reply: Reply) -> Call:
    """Return the call that replies to the message whose button was pressed."""
    place = pressed.place
    params = html_message(place.chat_id, reply.text, reply.buttons, place.topic)
    return "sendMessage", params | replying(pressed.message_id)


def editing(pressed: Pressed, reply: Reply) -> Call:
    """Return the call that replaces the message with the button."""
    params = html_message(pressed.place.chat_id, reply.text, reply.buttons)
    return "editMessageText", params | {"message_id": pressed.message_id}


def toast(pressed: Pressed, text: str = "", *, alert: bool = False) -> Call:
    """Return the call that ends a button's loading state, with a text for the user."""
    words = {"text": text[:200], "show_alert": alert} if text else {}
    return "answerCallbackQuery", {"callback_query_id": pressed.callback_id} | words
