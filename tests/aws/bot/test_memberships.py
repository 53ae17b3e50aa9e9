"""Updates about the bot and a chat: removed, welcome again, and groups that migrate."""

import pytest
from signalengine_aws.bot.memberships import REMOVED, Memberships
from signalengine_aws.bot.updates import Migrated, Place, Removed, Welcomed
from signalengine_aws.delivery.pacing import AddressState, parked, refused
from signalengine_aws.delivery.subscriptions import Subscription, preferences_of

from tests.aws.fakes import ManualClock, MemoryDeliveries, MemorySubscriptions

GROUP = "telegram:-100"
KEYS = (GROUP, f"{GROUP}/5", f"{GROUP}/6", "telegram:-1001", "telegram:7")


class Bot:
    def __init__(self, home: str | None = None) -> None:
        self.subscriptions = MemorySubscriptions(*(Subscription(key, version=1) for key in KEYS))
        self.deliveries = MemoryDeliveries()
        self.clock = ManualClock()
        self.memberships = Memberships(
            subscriptions=self.subscriptions, deliveries=self.deliveries,
            addresses=self.deliveries, home=home, clock=self.clock,
        )  # fmt: skip
        for key in KEYS:
            self.deliveries.paces[key] = parked(AddressState(key), self.clock.now, "TOPIC_CLOSED")

    @property
    def active(self) -> list[str]:
        return [key for key, one in self.subscriptions.items.items() if one.active]

    @property
    def parked(self) -> list[str]:
        return [key for key, one in self.deliveries.paces.items() if one.parked_reason]


@pytest.fixture
def bot() -> Bot:
    return Bot()


def place(topic: int | None = None) -> Place:
    return Place(-100, "supergroup", topic=topic)


def test_a_removal_ends_the_chat_and_its_topics(bot: Bot) -> None:
    assert bot.memberships.apply(Removed(1, place())) == "removed"
    assert bot.active == ["telegram:-1001", "telegram:7"]
    assert bot.subscriptions.items[GROUP].left_at == bot.clock.now


@pytest.mark.parametrize("home", [GROUP, f"{GROUP}/5"])
@pytest.mark.parametrize("row", [True, False])
def test_a_removal_parks_the_configured_chat_as_a_refusal_does(home: str, row: bool) -> None:
    bot = Bot(home=home)
    bot.deliveries.paces.clear()
    if not row:
        del bot.subscriptions.items[home]
    bot.memberships.apply(Removed(1, place()))
    assert bot.deliveries.address_state(home).parked_reason == REMOVED
    assert preferences_of(bot.subscriptions, home, home).active
    ended = {key for key in KEYS[:3] if key != home}
    assert not [key for key in bot.active if key in ended]
    bot.memberships.apply(Welcomed(2, place(), whole=True))
    assert bot.parked == []


def test_a_removal_parks_the_chat_that_replaced_the_configured_one() -> None:
    bot = Bot(home="telegram:-5")
    bot.memberships.apply(Migrated(1, Place(-5, "group"), -100))
    bot.memberships.apply(Removed(2, place()))
    assert bot.deliveries.paces[GROUP].parked_reason == REMOVED
    assert bot.subscriptions.items[GROUP].active


def test_a_removal_leaves_a_configured_chat_that_unsubscribed_alone() -> None:
    bot = Bot(home=GROUP)
    bot.deliveries.paces.clear()
    bot.subscriptions.items[GROUP] = Subscription(GROUP, active=False, version=1)
    bot.memberships.apply(Removed(1, place()))
    assert bot.deliveries.paces == {}


def test_a_removal_from_a_chat_without_a_subscription_stores_nothing(bot: Bot) -> None:
    bot.subscriptions.items.clear()
    bot.memberships.apply(Removed(1, place()))
    assert bot.subscriptions.items == {}


def test_a_topic_that_was_opened_again_is_written_to_again(bot: Bot) -> None:
    assert bot.memberships.apply(Welcomed(1, place(5), whole=False)) == "welcomed"
    assert bot.parked == [GROUP, f"{GROUP}/6", "telegram:-1001", "telegram:7"]


def test_a_bot_that_got_its_rights_back_writes_to_the_whole_chat_again(bot: Bot) -> None:
    bot.deliveries.paces[GROUP] = refused(AddressState(GROUP), bot.clock.now, "400: new")
    bot.memberships.apply(Welcomed(1, place(), whole=True))
    assert bot.parked == ["telegram:-1001", "telegram:7"]
    assert bot.deliveries.paces[GROUP].refusals == 0
    versions = [one.version for one in bot.deliveries.paces.values()]
    bot.memberships.apply(Welcomed(2, place(), whole=True))
    assert [one.version for one in bot.deliveries.paces.values()] == versions


def test_a_group_that_migrates_takes_its_subscription_with_it(bot: Bot) -> None:
    for _ in range(2):
        assert bot.memberships.apply(Migrated(1, place(), -1009)) == "migrated"
    assert bot.active == [f"{GROUP}/5", f"{GROUP}/6", "telegram:-1001", "telegram:7",
                          "telegram:-1009"]  # fmt: skip
    assert bot.deliveries.address_state(GROUP).moved_to == "-1009"
