"""Subscribing an address: confirmed by its owner, limited, and the same to every caller."""

import re
from dataclasses import replace

import pytest
from signalengine_aws.channels.email.address import id_of, key_of, mailbox_of
from signalengine_aws.channels.email.contacts import Contact, FullError
from signalengine_aws.channels.email.links import CONFIRMED_WITHIN_MS, Links
from signalengine_aws.channels.email.opt_in import OF_ALL, PER_ADDRESS, PER_CALLER, PER_SITE, OptIn
from signalengine_aws.channels.email.settings import MOST
from signalengine_aws.channels.email.tokens import TokenError
from signalengine_aws.delivery.errors import RetryAfterError, UnavailableError, UnreachableError
from signalengine_aws.delivery.subscriptions import Subscription
from signalengine_aws.stores.rate_limits import Limit, TooManyCallsError

from tests.aws.channels.email.samples import (
    ADDRESS,
    KEY,
    SETTINGS,
    MemoryContacts,
    MemoryTransport,
)
from tests.aws.fakes import ManualClock, MemorySubscriptions

SITE = "https://signals.example/"
ID = id_of(ADDRESS, KEY)


class MemoryLimits:
    """Counts calls for ever."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}

    def take(self, caller: str, limit: Limit) -> int:
        self.calls[caller] = self.calls.get(caller, 0) + 1
        if self.calls[caller] > limit.times:
            raise TooManyCallsError(60)
        return self.calls[caller]


class Fixture:
    """The use case on memory."""

    def __init__(self, *faults: Exception, most: int = MOST) -> None:
        self.transport = MemoryTransport(*faults)
        self.contacts, self.subscriptions = MemoryContacts(), MemorySubscriptions()
        self.limits, self.clock = MemoryLimits(), ManualClock()
        self.opt_in = OptIn(
            replace(SETTINGS, most=most), self.transport, contacts=self.contacts,
            subscriptions=self.subscriptions, limits=self.limits, clock=self.clock,
        )  # fmt: skip

    def asked(self, address: str = ADDRESS, caller: str | None = "192.0.2.1") -> None:
        self.opt_in.request(address, SITE, caller=caller)

    def link(self, at: int = -1) -> str:
        """The token of the link in a confirmation mail."""
        found = re.search(r"/api/email/confirm\?token=([\w-]+)", self.transport.sent[at].text)
        assert found is not None
        return found[1]

    @property
    def subscription(self) -> Subscription | None:
        return self.subscriptions.get(key_of(ID))


def test_nothing_is_stored_and_nothing_else_is_sent_before_a_confirmation() -> None:
    one = Fixture()
    one.asked()
    (mail,) = one.transport.sent
    assert mail.to == ADDRESS
    assert mail.unsubscribe == ""
    assert one.contacts.items == {}
    assert one.subscription is None
    assert ADDRESS not in "".join(one.limits.calls)


def test_the_link_subscribes_its_address_once() -> None:
    one = Fixture()
    one.asked()
    assert one.opt_in.confirm(one.link()) == key_of(ID)
    assert one.contacts.items == {ID: Contact(ID, ADDRESS, one.clock())}
    found = one.subscription
    assert found is not None
    assert found.active
    assert found.since == one.clock()
    assert one.opt_in.confirm(one.link()) == key_of(ID)
    assert ADDRESS not in repr(one.contacts.items)
    assert ADDRESS not in repr(found)


def test_a_link_expires() -> None:
    one = Fixture()
    one.asked()
    one.clock.now += CONFIRMED_WITHIN_MS
    with pytest.raises(TokenError):
        one.opt_in.confirm(one.link())
    assert one.subscription is None


def test_the_link_of_another_purpose_confirms_nothing() -> None:
    one = Fixture()
    token = Links(SITE, KEY).unsubscribe(ID).partition("token=")[2]
    with pytest.raises(TokenError):
        one.opt_in.confirm(token)
    one.asked()
    with pytest.raises(TokenError):
        one.opt_in.unsubscribe(one.link())


def test_unsubscribing_removes_the_address_and_may_be_repeated() -> None:
    one = Fixture()
    one.asked()
    one.opt_in.confirm(one.link())
    token = Links(SITE, KEY).unsubscribe(ID).partition("token=")[2]
    for _ in range(2):
        assert one.opt_in.unsubscribe(token) == key_of(ID)
        assert one.contacts.items == {}
        assert one.subscription is not None
        assert not one.subscription.active


@pytest.mark.parametrize("confirmed", [False, True])
def test_no_link_from_before_an_end_subscribes_again(confirmed: bool) -> None:
    one = Fixture()
    for _ in range(2):
        one.asked()
        one.clock.now += 60_000
    if confirmed:
        one.opt_in.confirm(one.link(0))
    one.opt_in.end(ID)
    for at in (0, 1):
        with pytest.raises(TokenError):
            one.opt_in.confirm(one.link(at))
    assert one.contacts.items == {}
    one.clock.now += 1
    one.asked(caller=None)
    one.opt_in.confirm(one.link())
    assert list(one.contacts.items) == [ID]


def test_the_link_of_nobody_stores_no_row() -> None:
    one = Fixture()
    one.opt_in.unsubscribe(Links(SITE, KEY).unsubscribe("f" * 24).partition("token=")[2])
    assert one.subscriptions.items == {}


def test_known_and_unknown_addresses_get_the_same_mail() -> None:
    one = Fixture()
    one.asked()
    one.opt_in.confirm(one.link())
    one.asked()
    first, second = one.transport.sent
    assert (first.subject, first.text) == (second.subject, second.text)


def test_an_address_is_asked_a_few_times_a_day_whoever_asks() -> None:
    one = Fixture()
    for n in range(10):
        one.asked(caller=f"192.0.2.{n}")
    assert len(one.transport.sent) == PER_ADDRESS.times


def test_a_caller_is_limited_by_its_network() -> None:
    one = Fixture()
    for n in range(PER_CALLER.times):
        one.asked(f"a{n}@mail.example", caller=f"2001:db8::{n}")
    with pytest.raises(TooManyCallsError):
        one.asked("b@mail.example", caller="2001:db8::ffff")
    assert len(one.transport.sent) == PER_CALLER.times


def test_all_callers_together_are_limited() -> None:
    one = Fixture()
    for n in range(OF_ALL.times):
        one.asked(f"a{n}@mail.example", caller=f"198.51.100.{n}")
    with pytest.raises(TooManyCallsError):
        one.asked("b@mail.example", caller="192.0.2.1")
    assert len(one.transport.sent) == OF_ALL.times


@pytest.mark.parametrize("written", [ADDRESS, ADDRESS.upper(), "ada.lovelace+2@mail.example"])
def test_who_complained_is_asked_by_the_operator_alone(written: str) -> None:
    one = Fixture()
    one.contacts.complain(id_of(mailbox_of(ADDRESS), KEY), ID, one.clock())
    one.asked(written)
    assert one.transport.sent == []
    one.asked(written, caller=None)
    one.opt_in.confirm(one.link())
    assert one.contacts.complaints == {}, "its owner wants mails again"
    one.asked(written)
    assert len(one.transport.sent) == 2


def test_the_list_has_as_many_places_as_it_may_have() -> None:
    one = Fixture(most=2)
    for address in ("a@mail.example", "b@mail.example", "c@mail.example"):
        one.asked(address)
    links = [one.link(at) for at in range(3)]
    for link in (links[0], links[1], links[0]):
        one.opt_in.confirm(link)
    before = dict(one.subscriptions.items)
    with pytest.raises(FullError):
        one.opt_in.confirm(links[2])
    assert one.subscriptions.items == before
    for caller in ("192.0.2.1", None):
        with pytest.raises(FullError):
            one.asked("d@mail.example", caller=caller)
        with pytest.raises(FullError):
            one.asked("a@mail.example", caller=caller)
    assert len(one.transport.sent) == 3
    one.opt_in.end(id_of("a@mail.example", KEY))
    one.opt_in.confirm(links[2])
    assert one.contacts.count() == 2


def test_what_was_asked_for_comes_with_the_link() -> None:
    one = Fixture()
    wanted = {"symbols": ["BTCUSDT"], "min_score": 0.6, "quiet": [22, 7], "language": "xx"}
    one.opt_in.request(ADDRESS, SITE, "es", wanted=wanted)
    assert "Confirmar" in one.transport.sent[-1].text
    one.opt_in.confirm(one.link())
    found = one.subscription
    assert found is not None
    assert (found.symbols, found.min_score, found.quiet) == (("BTCUSDT",), 0.6, (22, 7))
    assert found.language == "es"


def test_an_address_that_cannot_be_written_to_is_not_told_to_its_caller() -> None:
    one = Fixture(UnreachableError("550 5.1.1"), UnreachableError("550 5.1.1"))
    one.asked()
    with pytest.raises(UnreachableError):
        one.asked(caller=None)


@pytest.mark.parametrize(
    "fault", [UnavailableError("closing", ambiguous=False), RetryAfterError(120)]
)
def test_a_server_that_fails_is_told_to_the_operator_alone(fault: Exception) -> None:
    one = Fixture(fault, fault)
    one.asked()
    with pytest.raises(type(fault)):
        one.asked(caller=None)


def test_a_mailbox_is_limited_however_it_is_written() -> None:
    one = Fixture()
    for n in range(10):
        dotted = "a.d.a" if n % 2 else "ada"
        one.asked(f"{dotted}+{n}@gmail.com", caller=f"192.0.2.{n}")
    assert len(one.transport.sent) == PER_ADDRESS.times


def test_the_networks_of_an_ipv6_site_are_limited_together() -> None:
    one = Fixture()
    for n in range(PER_SITE.times):
        one.asked(f"a{n}@mail.example", caller=f"2001:db8:1:{n:x}::1")
    with pytest.raises(TooManyCallsError):
        one.asked("b@mail.example", caller="2001:db8:1:ffff::1")
    one.asked("b@mail.example", caller="2001:db8:2:1::1")


def test_preferences_stay_when_an_address_comes_back() -> None:
    one = Fixture()
    one.asked()
    one.opt_in.confirm(one.link())
    stored = one.subscriptions.items[key_of(ID)]
    one.subscriptions.items[key_of(ID)] = replace(stored, symbols=("BTCUSDT",))
    one.opt_in.end(ID)
    one.opt_in.confirm(one.link())
    assert one.subscription is not None
    assert (one.subscription.active, one.subscription.symbols) == (True, ("BTCUSDT",))
