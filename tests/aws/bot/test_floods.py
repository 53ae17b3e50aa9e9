"""Who uses up which limit: a chat's, a member's, and that of changes."""

from collections import Counter

from signalengine_aws.bot.floods import ANSWERED, CHANGED, MEMBER_ANSWERED, Admission, Floods
from signalengine_aws.bot.updates import Place
from signalengine_aws.stores.rate_limits import Limit, TooManyCallsError

ANSWER, NOTICE, NOTHING = Admission.ANSWER, Admission.NOTICE, Admission.NOTHING
PRIVATE = Place(7, "private", 7)
ANONYMOUS = Place(-42, "supergroup", 1_087_968_824, by_the_chat=True)


class MemoryLimits:
    """A fake of the port within one minute."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()

    def take(self, caller: str, limit: Limit, /) -> int:
        if self.times[caller] >= limit.times:
            raise TooManyCallsError(limit.seconds)
        self.times[caller] += 1
        return self.times[caller]


def member(user_id: int) -> Place:
    return Place(-42, "supergroup", user_id)


def answers(floods: Floods, place: Place, times: int) -> list[Admission]:
    return [floods.answer(place) for _ in range(times)]


def test_a_private_chat_gets_its_answers_then_one_notice() -> None:
    floods = Floods(MemoryLimits())
    assert answers(floods, PRIVATE, ANSWERED) == [ANSWER] * ANSWERED
    assert answers(floods, PRIVATE, 3) == [NOTICE, NOTHING, NOTHING]


def test_one_member_never_uses_up_a_groups_answers() -> None:
    floods = Floods(MemoryLimits())
    assert answers(floods, member(1), MEMBER_ANSWERED + 9).count(ANSWER) == MEMBER_ANSWERED
    left = ANSWERED - MEMBER_ANSWERED - 1
    assert answers(floods, member(2), left) == [ANSWER] * left


def test_a_group_never_gets_more_than_its_answers_and_one_notice_each_way() -> None:
    floods = Floods(MemoryLimits())
    seen = [floods.answer(member(n % 50)) for n in range(5_000)]
    seen += [floods.change(member(n % 50)) for n in range(50 * CHANGED, 5_000)]
    assert seen.count(ANSWER) <= ANSWERED + 50 * CHANGED
    assert seen.count(NOTICE) == 1


def test_a_group_administrator_can_change_it_whatever_members_do() -> None:
    floods = Floods(MemoryLimits())
    for user in range(10):
        answers(floods, member(user), 50)
        for _ in range(50):
            floods.change(member(user))
    assert floods.change(member(99)) is ANSWER
    assert floods.change(ANONYMOUS) is ANSWER
    assert floods.answer(member(99)) is NOTHING


def test_changes_end_with_a_notice_too() -> None:
    floods = Floods(MemoryLimits())
    seen = [floods.change(PRIVATE) for _ in range(CHANGED + 2)]
    assert seen == [ANSWER] * CHANGED + [NOTICE, NOTHING]
