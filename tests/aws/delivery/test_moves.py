"""A replaced address: subscription, messages and receipts move, whichever notice comes first."""

import itertools
from collections.abc import Callable

import pytest
from signalengine_aws.delivery.deliveries import ConflictError, Delivery, Status
from signalengine_aws.delivery.errors import UnavailableError, UnreachableError
from signalengine_aws.delivery.moves import Moves, successor
from signalengine_aws.delivery.pacing import moved
from signalengine_aws.delivery.results import Report, Result
from signalengine_aws.delivery.subscriptions import Subscription

from tests.aws.delivery.test_notifier import CLOSED, OPENED, World
from tests.telegram_samples import body, closed, message, signal

OLD, NEW = "telegram:-42", "telegram:-1009"


class Group(World):
    """A group that becomes a supergroup; its old id is refused from then on."""

    def __init__(self) -> None:
        super().__init__(chat_id="-42", paced=False)
        self.bot.upgraded["-42"] = "-1009"
        self.home: str | None = None

    def moves(self) -> Moves:
        return Moves(
            deliveries=self.deliveries, subscriptions=self.subscriptions, home=self.home,
            clock=self.clock,
        )  # fmt: skip

    def notice(self) -> None:
        """Telegram's service message about the migration."""
        self.moves().move(OLD, "-1009")

    def publish(self, text: str) -> list[Report]:
        """Deliver a notification as published, and what it is forwarded as."""
        before = len(self.queue.forwarded)
        reports = [self.instance(home=self.home).handle(message(text))]
        for copy in self.queue.forwarded[before:]:
            reports.append(self.instance(home=self.home).handle(message(copy)))
        return reports

    @property
    def chats(self) -> list[str]:
        return [str(chat) for chat, _, _ in self.bot.sent]

    @property
    def active(self) -> list[str]:
        return [key for key, one in self.subscriptions.items.items() if one.active]


@pytest.fixture
def group() -> Group:
    return Group()


def test_a_refused_message_moves_the_subscription_and_is_sent_once(group: Group) -> None:
    chosen = Subscription(OLD, symbols=("BTCUSDT",), min_score=0.5, since=7, version=1)
    group.subscriptions.items[OLD] = chosen
    assert [one.result for one in group.publish(body(signal()))] == [Result.SENT]
    assert group.chats == ["-1009"]
    assert group.active == [NEW]
    new = group.subscriptions.items[NEW]
    assert (new.symbols, new.min_score, new.since) == (("BTCUSDT",), 0.5, 7)
    assert group.subscriptions.items[OLD].moved_to == NEW
    assert group.deliveries.items[OPENED, NEW].status is Status.DELIVERED
    assert group.deliveries.items[OPENED, OLD].status is Status.SUPPRESSED
    assert group.deliver(signal()).result is Result.ALREADY


def order(*steps: str) -> Callable[[Group], None]:
    def run(group: Group) -> None:
        for step in steps:
            getattr(group, step)() if step == "notice" else group.publish(
                body(signal() if step == "opened" else closed())
            )

    return run


@pytest.mark.parametrize("steps", sorted(set(itertools.permutations(
    ["notice", "notice", "opened", "closed"]
))))  # fmt: skip
def test_the_order_of_notices_and_messages_does_not_matter(
    group: Group, steps: tuple[str, ...]
) -> None:
    order(*steps)(group)
    order("opened", "closed", "opened", "notice", "closed")(group)  # and everything again
    assert group.chats == ["-1009", "-1009"]
    assert group.active == [NEW]
    assert [group.deliveries.items[one, NEW].status for one in (OPENED, CLOSED)] == [
        Status.DELIVERED, Status.DELIVERED,
    ]  # fmt: skip


def test_a_closing_replies_to_no_message_of_the_old_group(group: Group) -> None:
    """Message 15 of the supergroup is another one than message 15 of the group."""
    group.bot.upgraded.clear()
    group.publish(body(signal()))
    group.bot.upgraded["-42"] = "-1009"
    assert [one.result for one in group.publish(body(closed()))] == [Result.SENT]
    assert [(chat, reply) for chat, _, reply in group.bot.sent] == [("-42", None), ("-1009", None)]


def test_a_closing_replies_to_an_opening_that_was_sent_to_the_new_group(group: Group) -> None:
    group.publish(body(signal()))
    group.publish(body(closed()))
    assert [(chat, reply) for chat, _, reply in group.bot.sent] == [("-1009", None), ("-1009", 1)]


def test_a_group_that_subscribed_again_itself_gets_everything_once(group: Group) -> None:
    group.subscriptions.items[NEW] = Subscription(NEW, direction="long", version=1)
    results = {one.result for one in group.publish(body(signal()))}
    assert results <= {Result.SENT, Result.ALREADY}
    assert group.chats == ["-1009"]
    assert group.active == [NEW]
    assert group.subscriptions.items[NEW].direction == "long"


def test_a_new_group_that_unsubscribed_stays_unsubscribed(group: Group) -> None:
    group.subscriptions.items[NEW] = Subscription(NEW, active=False, version=1)
    group.notice()
    assert group.active == []


def test_a_group_without_a_subscription_gets_none(group: Group) -> None:
    group.subscriptions.items[OLD] = Subscription(OLD, active=False, version=1)
    group.notice()
    assert group.active == []
    assert NEW not in group.subscriptions.items


@pytest.mark.parametrize(("minutes", "active"), [(1, [NEW]), (60, [])])
def test_a_removal_just_before_the_notice_is_a_part_of_it(
    group: Group, minutes: int, active: list[str]
) -> None:
    left = Subscription(OLD, active=False, left_at=group.clock.now, version=1)
    group.subscriptions.items[OLD] = left
    group.clock.pass_s(60 * minutes)
    group.notice()
    assert group.active == active


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_crash_between_the_steps_loses_and_doubles_nothing(group: Group, writes: int) -> None:
    left = iter(range(writes))

    def crash(_preferences: Subscription) -> None:
        if next(left, None) is None:
            raise MemoryError("the instance is gone")

    group.subscriptions.before_save = crash
    with pytest.raises(MemoryError):
        group.notice()
    group.subscriptions.before_save = lambda _preferences: None
    order("opened", "notice", "opened")(group)
    assert group.chats == ["-1009"]
    assert group.active == [NEW]


def test_the_configured_group_moves_without_a_row(group: Group) -> None:
    group.home = OLD
    del group.subscriptions.items[OLD]
    assert [one.result for one in group.publish(body(signal()))] == [Result.SENT]
    assert group.active == [NEW]
    group.bot.faults = [UnreachableError("403: kicked", by_recipient=True)]
    (report,) = group.publish(body(closed()))
    assert report.result is Result.UNREACHABLE  # parked, as the configured chat is
    assert group.active == [NEW]


def test_a_move_that_an_earlier_version_recorded_is_completed(group: Group) -> None:
    """It sent to the new id, and left the subscription where it was."""
    group.deliveries.save_address_state(moved(group.deliveries.address_state(OLD), "-1009"))
    assert [one.result for one in group.publish(body(signal()))] == [Result.SENT]
    assert group.chats == ["-1009"]
    assert group.active == [NEW]


def test_an_unclear_attempt_moves_with_the_message(group: Group) -> None:
    group.bot.upgraded.clear()
    group.bot.faults, group.bot.deliver_then_fail = [UnavailableError("x", ambiguous=True)], True
    group.deliver(signal())
    group.bot.deliver_then_fail = False
    group.bot.upgraded["-42"] = "-1009"
    group.clock.pass_s(60)
    report = group.deliver(signal())
    assert (report.result, report.possible_duplicate) == (Result.SENT, True)
    assert group.deliveries.items[OPENED, NEW].possible_duplicates == 1


def test_a_send_under_way_to_the_old_address_is_waited_for(group: Group) -> None:
    group.notice()
    under_way = Delivery(OPENED, OLD, group.clock.now, lease_until=group.clock.now + 5_000)
    group.deliveries.save(under_way)
    assert group.deliver(signal()) == Report(Result.LEASED, wait_s=5)


def test_an_address_that_is_replaced_again_is_followed_and_a_circle_is_not(group: Group) -> None:
    group.bot.upgraded["-1009"] = "-1010"
    assert group.deliver(signal()).result is Result.SENT
    assert group.chats == ["-1010"]
    assert group.active == ["telegram:-1010"]
    group.bot.upgraded["-1010"] = "-42"
    assert group.deliver(closed()).result is Result.UNREACHABLE


def test_moving_to_itself_changes_nothing(group: Group) -> None:
    assert group.moves().move(OLD, "-42") == OLD
    assert group.deliveries.paces == {}


def test_a_lost_race_for_the_new_row_is_no_error(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = group.subscriptions.save

    def overtaken(preferences: Subscription) -> Subscription:
        if preferences.channel == NEW and NEW not in group.subscriptions.items:
            group.subscriptions.items[NEW] = Subscription(NEW, direction="short", version=1)
            raise ConflictError("memory")
        return save(preferences)

    monkeypatch.setattr(group.subscriptions, "save", overtaken)
    group.notice()
    assert group.active == [NEW]
    assert group.subscriptions.items[NEW].direction == "short"


def test_a_successor_is_of_the_same_channel() -> None:
    assert successor(OLD, "-1009") == NEW
