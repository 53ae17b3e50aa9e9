"""Telling one chat: once, in order, at its pace, and what happens when Telegram does not play."""

from dataclasses import replace
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine.signals import Outcome, Signal, settled
from signalengine_aws.channels.telegram.client import (
    BadRequestError,
    ChatGoneError,
    ChatMigratedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
)
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.notifier import LONGEST_BACKOFF_S, NOWHERE, Notifier, backoff_s
from signalengine_aws.delivery.pacing import PARKED_MS
from signalengine_aws.delivery.planning import ORPHAN_MS
from signalengine_aws.delivery.queue import read_records
from signalengine_aws.delivery.results import Report, Result, deliver_all
from signalengine_aws.delivery.subscriptions import Subscription

from tests.telegram_samples import (
    CHANNEL,
    CHAT,
    NOON,
    ManualClock,
    MemoryBot,
    MemoryDeliveries,
    MemoryQueue,
    MemorySubscriptions,
    body,
    closed,
    end,
    message,
    short,
    signal,
)

OPENED, CLOSED = f"{signal().signal_id}#opened", f"{signal().signal_id}#closed"


class World:
    """One chat, one queue, any number of instances of the function."""

    def __init__(self, *, chat_id: str = CHAT, paced: bool = True) -> None:
        self.clock = ManualClock()
        self.queue = MemoryQueue()
        self.deliveries = MemoryDeliveries()
        self.bot = MemoryBot()
        self.channel = f"telegram:{chat_id}"
        self.subscriptions = MemorySubscriptions(Subscription(self.channel, version=1))
        self.paced = paced

    def instance(self, **changes: Any) -> Notifier:
        values: dict[str, Any] = {
            "deliveries": self.deliveries, "subscriptions": self.subscriptions,
            "queue": self.queue, "bot": self.bot, "home": self.channel, "paced": self.paced,
            "clock": self.clock,
        }  # fmt: skip
        return Notifier(**{**values, **changes})

    def tell(self, told: Signal, **changes: Any) -> Report:
        text = body(told, to=self.channel)
        return self.instance(**changes).handle(message(text))

    def delivery(self, event_id: str = OPENED) -> Delivery:
        return self.deliveries.items[event_id, self.channel]


@pytest.fixture
def world() -> World:
    return World()


# --- told once -----------------------------------------------------------------------------------


def test_a_signal_is_told_and_marked_with_its_latencies(world: World) -> None:
    world.clock.pass_s(2)
    report = world.instance().handle(message(body(signal(), committed_at=NOON + 500, to=CHANNEL)))
    assert (report.result, report.commit_latency_ms) == (Result.SENT, 1_500)
    ((chat, text, reply_to),) = world.bot.sent
    assert (chat, reply_to) == (CHAT, None)
    assert "LONG BTCUSDT" in text
    done = world.delivery()
    assert (done.status, done.message_id, done.attempts) == (Status.DELIVERED, 1, 1)
    assert (done.close_latency_ms, done.commit_latency_ms) == (2_000, 1_500)


def test_a_message_that_comes_again_is_not_told_again(world: World) -> None:
    world.tell(signal())
    report = world.tell(signal())
    assert (report.result, report.kept) == (Result.ALREADY, False)
    assert len(world.bot.sent) == 1


def test_of_two_instances_at_once_one_sends(world: World) -> None:
    other: list[Report] = []

    def race(delivery: Delivery) -> None:
        if delivery.lease_until is not None:  # the first is about to claim: the second is faster
            world.deliveries.before_save = lambda _delivery: None
            other.append(world.tell(signal()))

    world.deliveries.before_save = race
    report = world.tell(signal())
    assert [other[0].result, report.result] == [Result.SENT, Result.LEASED]
    assert len(world.bot.sent) == 1
    assert world.tell(signal()).result is Result.ALREADY


def test_while_one_instance_sends_the_other_leaves_the_message_alone(world: World) -> None:
    seen: list[Report] = []
    bot = MemoryBot()
    send = bot.send_message

    def slow(chat_id: int | str, text: str, **more: Any) -> int:
        seen.append(world.tell(signal()))
        return send(chat_id, text, **more)

    bot.send_message = slow  # type: ignore[method-assign]  # the other instance comes in between
    assert world.tell(signal(), bot=bot).result is Result.SENT
    assert seen == [Report(Result.LEASED, wait_s=60)]
    assert world.bot.sent == []


def test_a_crash_between_send_and_mark_is_sent_again_and_counted(world: World) -> None:
    def crash(delivery: Delivery) -> None:
        if delivery.final:
            raise MemoryError("the instance is gone")

    world.deliveries.before_save = crash
    with pytest.raises(MemoryError):
        world.tell(signal())
    world.deliveries.before_save = lambda _delivery: None
    world.clock.pass_s(30)
    assert world.tell(signal()) == Report(Result.LEASED, wait_s=30)
    world.clock.pass_s(30)
    report = world.tell(signal())
    assert (report.result, report.possible_duplicate) == (Result.SENT, True)
    assert len(world.bot.sent) == 2
    assert world.delivery().possible_duplicates == 1


def test_a_mark_that_lost_its_race_is_made_on_the_newer_version(world: World) -> None:
    def overtaken(delivery: Delivery) -> None:
        if delivery.final:
            world.deliveries.before_save = lambda _delivery: None
            key = (delivery.event_id, delivery.channel)
            known = world.deliveries.items[key]
            world.deliveries.items[key] = replace(known, version=known.version + 1)

    world.deliveries.before_save = overtaken
    assert world.tell(signal()).result is Result.SENT
    assert world.delivery().status is Status.DELIVERED


# --- order ---------------------------------------------------------------------------------------


def test_a_closing_waits_for_its_opening_and_answers_it(world: World) -> None:
    report = world.tell(closed())
    assert (report.result, report.kept) == (Result.AWAITS_OPENING, True)
    assert world.queue.hidden == [("m1", 1)]
    assert world.bot.sent == []
    world.tell(signal())
    world.clock.pass_s(1)
    assert world.tell(closed()).result is Result.SENT
    assert world.bot.sent[1][2] == world.delivery(OPENED).message_id == 1


def test_a_closing_is_as_patient_as_it_is_old(world: World) -> None:
    waits = []
    for _ in range(8):
        waits.append(world.tell(closed()).wait_s)
        world.clock.pass_s(waits[-1])
    assert waits == sorted(waits)
    world.clock.pass_s(1_000)
    assert world.tell(closed()).wait_s == 60


def test_a_closing_waits_at_least_for_its_openings_slot(world: World) -> None:
    opening = Delivery(OPENED, CHANNEL, first_seen_at=NOON, slot_at=NOON + 90_000)
    world.deliveries.save(opening)
    assert world.tell(closed()) == Report(Result.AWAITS_OPENING, wait_s=91)


def test_a_closing_whose_opening_failed_goes_without_a_reply(world: World) -> None:
    world.deliveries.save(Delivery(OPENED, CHANNEL, first_seen_at=NOON, status=Status.FAILED))
    assert world.tell(closed()).result is Result.SENT
    assert world.bot.sent[0][2] is None


def test_a_closing_whose_opening_was_withheld_is_withheld_too(world: World) -> None:
    world.deliveries.save(Delivery(OPENED, CHANNEL, first_seen_at=NOON, status=Status.SUPPRESSED))
    assert world.tell(closed()).result is Result.SUPPRESSED
    assert world.delivery(CLOSED).reason == "its opening was withheld"


def test_a_closing_whose_opening_is_never_heard_of_goes_after_an_hour(world: World) -> None:
    world.tell(closed())
    world.clock.now += ORPHAN_MS - 1
    assert world.tell(closed()).result is Result.AWAITS_OPENING
    world.clock.now += 1
    assert world.tell(closed()).result is Result.SENT


def test_openings_of_a_batch_are_told_before_closings() -> None:
    records = [
        {"messageId": name, "receiptHandle": name, "body": body(told)}
        for name, told in (("c", closed()), ("o", signal()), ("s", short(signal_id="s2")))
    ]
    assert [m.message_id for m in read_records({"Records": records})] == ["o", "s", "c"]


# --- pace ----------------------------------------------------------------------------------------


def numbered(number: int) -> Signal:
    return signal(signal_id=f"s{number}")


def test_a_burst_is_told_one_a_second(world: World) -> None:
    reports = [world.tell(numbered(n)) for n in range(4)]
    assert [r.result for r in reports] == [Result.SENT] + [Result.PACED] * 3
    assert [r.wait_s for r in reports[1:]] == [1, 2, 3]
    for n in range(1, 4):
        world.clock.pass_s(1)
        assert world.tell(numbered(n)).result is Result.SENT


def test_a_channel_gets_twenty_a_minute_and_the_rest_after_it() -> None:
    world = World(chat_id="-1001234567890")
    waits = [world.tell(numbered(n)).wait_s for n in range(25)]
    assert waits == [*range(20), *range(60, 65)]


def test_a_slot_is_reserved_once_however_often_the_message_comes(world: World) -> None:
    for _ in range(3):
        world.tell(numbered(0))
        world.tell(numbered(1))
    assert world.deliveries.chat(CHANNEL).slots == (NOON + 1_000,)


def test_a_backlog_after_an_outage_keeps_the_pace(world: World) -> None:
    for n in range(4):
        world.tell(numbered(n))
    world.clock.pass_s(3_600)
    results = [world.tell(numbered(n)).result for n in range(1, 4)]
    assert results == [Result.SENT, Result.PACED, Result.PACED]


def test_without_a_pace_everything_goes_at_once() -> None:
    world = World(paced=False)
    assert {world.tell(numbered(n)).result for n in range(30)} == {Result.SENT}
    assert world.deliveries.paces == {}


def test_a_send_is_not_begun_when_the_function_is_about_to_end(world: World) -> None:
    report = world.tell(signal(), time_left_ms=lambda: 5_000)
    assert (report.result, report.kept) == (Result.LATE, True)
    assert world.bot.sent == []
    assert world.tell(signal()).result is Result.SENT


# --- when Telegram does not play -----------------------------------------------------------------


@pytest.mark.parametrize("paced", [True, False])
def test_a_flood_answer_pauses_the_whole_chat(paced: bool) -> None:
    world = World(paced=paced)
    world.bot.faults = [RetryAfterError(35)]
    assert world.tell(numbered(0)) == Report(Result.RETRY_AFTER, wait_s=35)
    other = world.tell(numbered(1))
    assert other.kept
    assert other.wait_s >= 35
    world.clock.pass_s(36 if paced else 35)
    assert {world.tell(numbered(n)).result for n in range(2)} <= {Result.SENT, Result.PACED}
    world.clock.pass_s(2)
    for n in range(2):
        world.tell(numbered(n))
    assert len(world.bot.sent) == 2
    assert world.delivery("s0#opened").possible_duplicates == 0


def test_no_answer_is_tried_again_later_and_counted_as_a_possible_duplicate(world: World) -> None:
    world.bot.faults = [UnavailableError("ReadTimeoutError", ambiguous=True)]
    world.bot.deliver_then_fail = True
    first = world.tell(signal())
    assert (first.result, first.possible_duplicate) == (Result.UNAVAILABLE, False)
    world.clock.pass_s(first.wait_s)
    second = world.tell(signal())
    assert (second.result, second.possible_duplicate) == (Result.SENT, True)
    assert len(world.bot.sent) == 2


def test_a_message_that_surely_did_not_go_is_no_duplicate(world: World) -> None:
    world.bot.faults = [UnavailableError("NewConnectionError", ambiguous=False)]
    world.clock.pass_s(world.tell(signal()).wait_s)
    assert world.tell(signal()) == Report(Result.SENT, commit_latency_ms=world.clock.now - NOON)


def test_backoff_doubles_up_to_its_cap_and_is_never_zero() -> None:
    for tried in range(40):
        limit = min(LONGEST_BACKOFF_S, 2**tried)
        assert max(1, limit // 2 - 1) <= backoff_s(tried) <= max(1, limit)


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (UnauthorizedError("401: Unauthorized"), Result.UNAUTHORIZED),
        (ChatGoneError("403: Forbidden: bot was blocked by the user"), Result.CHAT_GONE),
    ],
)
def test_a_chat_that_refuses_us_is_parked_and_keeps_its_messages(
    world: World, error: Exception, result: Result
) -> None:
    world.bot.faults = [error]
    assert world.tell(numbered(0)) == Report(result, wait_s=PARKED_MS // 1000)
    chat = world.deliveries.chat(CHANNEL)
    assert chat.parked_reason == str(error)
    other = world.tell(numbered(1))
    assert (other.result, other.kept) == (Result.PARKED, True)
    assert world.bot.sent == []
    world.clock.now += PARKED_MS
    assert world.tell(numbered(0)).result is Result.SENT
    assert world.deliveries.chat(CHANNEL).parked_reason == ""
    world.clock.pass_s(1)
    assert world.tell(numbered(1)).result is Result.SENT


def test_a_subscribed_chat_that_throws_the_bot_out_is_told_nothing_more(world: World) -> None:
    world.bot.faults = [ChatGoneError("403: Forbidden: bot was blocked by the user")]
    report = world.tell(numbered(0), home="telegram:1")
    assert (report.result, report.kept) == (Result.LEFT, False)
    assert world.delivery("s0#opened").status is Status.FAILED
    assert not world.subscriptions.items[CHANNEL].active
    assert world.tell(numbered(1), home="telegram:1").result is Result.SUPPRESSED
    assert world.delivery("s1#opened").reason == "not subscribed"


def test_a_chat_that_is_only_unknown_is_parked_whoever_it_is(world: World) -> None:
    world.bot.faults = [ChatGoneError("400: Bad Request: chat not found")]
    assert world.tell(numbered(0), home="telegram:1").result is Result.CHAT_GONE
    assert world.subscriptions.items[CHANNEL].active


def test_after_parking_one_message_probes_and_the_others_stay_parked(world: World) -> None:
    world.bot.faults = [ChatGoneError("403"), ChatGoneError("403")]
    world.tell(numbered(0))
    world.clock.now += PARKED_MS
    assert world.tell(numbered(0)).result is Result.CHAT_GONE
    assert world.tell(numbered(1)).result is Result.PARKED


def test_a_group_that_became_a_supergroup_is_followed_and_remembered() -> None:
    world = World(chat_id="-42", paced=False)
    world.bot.faults = [ChatMigratedError(-1009)]
    assert world.tell(signal()).result is Result.SENT
    assert world.tell(closed()).result is Result.SENT
    assert [chat for chat, _, _ in world.bot.sent] == [-1009, -1009]


def test_a_text_telegram_will_never_take_is_buried_with_the_reason(world: World) -> None:
    world.bot.faults = [BadRequestError("400: can't parse entities")]
    report = world.tell(signal())
    assert (report.result, report.kept) == (Result.BURIED, False)
    assert world.queue.buried == [("m1", "400: can't parse entities")]
    assert (world.delivery().status, world.delivery().reason) == (
        Status.FAILED, "400: can't parse entities",
    )  # fmt: skip
    assert world.tell(signal()).result is Result.ALREADY


def test_without_a_bot_messages_are_suppressed_for_good(world: World) -> None:
    assert world.tell(signal(), bot=None).result is Result.SUPPRESSED
    assert world.deliveries.items[OPENED, NOWHERE].status is Status.SUPPRESSED
    assert world.tell(signal(), bot=None).result is Result.ALREADY
    assert (world.queue.hidden, world.queue.buried) == ([], [])


# --- messages that say nothing -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "kind: 'list'"),
        ('{"kind": "status"}', "kind: 'status'"),
        ('{"kind": "signal.opened"}', "KeyError: 'stored'"),
        (body(signal()).replace("#opened", "#closed"), "event_id"),
        (body(signal()).replace("signal.opened", "signal.closed").replace("#opened", "#closed"),
         "a closing without a settlement"),
        (body(signal()).replace('"live"', '"mars"'), "KeyError: 'mars'"),
        (body(signal()).replace('"score": 0.654', '"score": "high"'), "ValueError"),
        (body(signal()).replace("50123.45", "0.0"), "ZeroDivisionError"),
        (body(signal()).replace('"cursor"', '"curser"'), "KeyError: 'cursor'"),
    ],
)  # fmt: skip
def test_a_message_without_a_notice_is_buried(world: World, text: str, reason: str) -> None:
    assert world.instance().handle(message(text)).result is Result.BURIED
    ((name, why),) = world.queue.buried
    assert name == "m1"
    assert reason in why
    assert world.deliveries.items == {}


# --- a batch -------------------------------------------------------------------------------------


def test_one_messages_trouble_is_not_anothers() -> None:
    world = World(paced=False)

    def broken(delivery: Delivery) -> None:
        if delivery.event_id.startswith("bad"):
            raise TransientError("throttled")

    world.deliveries.before_save = broken
    told = [signal(signal_id="bad"), signal(), settled(signal(), end(outcome=Outcome.SL_HIT))]
    batch = [message(body(item), f"m{n}") for n, item in enumerate(told)]
    done = deliver_all(batch, world.instance().handle)
    assert done.kept == ("m0",)
    assert done.counts["sent"] == 2
    assert done.counts["failed"] == 1
    assert done.metrics["TelegramSent"] == 2
    assert "m0: TransientError: throttled" in done.errors
