"""How many updates of a chat are answered: every answer is billed.

A chat gets `ANSWERED` answers a minute, of which one member of a group gets `MEMBER_ANSWERED`, so
that none uses up the others'. Changes of preferences are counted apart from both: whoever may
make them can make them in a busy chat too.
"""

from enum import StrEnum
from typing import Final

from ..ports import RateLimits
from ..stores.rate_limits import Limit, TooManyCallsError
from .updates import Place

SECONDS: Final = 60
ANSWERED: Final = 20
MEMBER_ANSWERED: Final = 15
CHANGED: Final = 20
"""Changes of preferences that one user gets."""


class Admission(StrEnum):
    """What an update gets."""

    ANSWER = "answer"
    NOTICE = "notice"
    """That the limit is reached: once a minute."""
    NOTHING = "nothing"


class Floods:
    """The counters."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits

    def answer(self, place: Place) -> Admission:
        """Count an update that is answered to all, by its member and by its chat."""
        member = Admission.ANSWER
        if not place.private and not place.by_the_chat and place.user_id is not None:
            member = self._count(f"{_chat(place)} user {place.user_id}", MEMBER_ANSWERED)
        if member is Admission.NOTHING:  # what a member gets no answer to costs the others nothing
            return member
        chat = self._count(_chat(place), ANSWERED)
        return member if chat is Admission.ANSWER else chat

    def change(self, place: Place) -> Admission:
        """Count a change of a chat's preferences by its user; its notice is an answer to all."""
        user = "the chat" if place.by_the_chat else f"user {place.user_id}"
        changed = self._count(f"{_chat(place)} changed by {user}", CHANGED)
        if changed is not Admission.NOTICE:
            return changed
        answered = self.answer(place)
        return Admission.NOTICE if answered is Admission.ANSWER else answered

    def _count(self, counter: str, times: int) -> Admission:
        try:
            nth = self._limits.take(counter, Limit(times=times + 1, seconds=SECONDS))
        except TooManyCallsError:
            return Admission.NOTHING
        return Admission.ANSWER if nth <= times else Admission.NOTICE


def _chat(place: Place) -> str:
    return f"chat {place.chat_id}"
