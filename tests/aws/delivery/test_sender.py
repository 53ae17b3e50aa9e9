"""Sending one message: what each failure of a channel leads to."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.delivery.deliveries import (
    LEASE_MS,
    Delivery,
    Status,
    claimed,
    failed,
    released,
)
from signalengine_aws.delivery.errors import (
    MovedError,
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)
from signalengine_aws.delivery.pacing import PARKED_MS, REFUSALS
from signalengine_aws.delivery.results import Report, Result
from signalengine_aws.delivery.sender import CREDIT, LONGEST_BACKOFF_S, Gate, backoff_s

from tests.aws.delivery.test_notifier import World, numbered
from tests.examples import examples
from tests.telegram_samples import CHANNEL, NOON, body, closed, message, signal

BLOCKED = UnreachableError("403: Forbidden: bot was blocked by the user", by_recipient=True)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("paced", [True, False])
def test_a_rate_limit_pauses_the_whole_chat(paced: bool) -> None:
    world = World(paced=paced)
    world.bot.faults = [RetryAfterError(35)]
    assert world.deliver(numbered(0)) == Report(Result.RETRY_AFTER, wait_s=35)
    other = world.deliver(numbered(1))
    assert other.retained
    assert other.wait_s >= 35
    world.clock.pass_s(36 if paced else 35)
    assert {world.deliver(numbered(n)).result for n in range(2)} <= {Result.SENT, Result.PACED}
    world.clock.pass_s(2)
    for n in range(2):
        world.deliver(numbered(n))
    assert len(world.bot.sent) == 2
    assert world.delivery("s0#opened").possible_duplicates == 0


def test_a_send_without_an_answer_is_repeated_as_a_possible_duplicate(
    world: World,
) -> None:
    world.bot.faults = [UnavailableError("ReadTimeoutError", ambiguous=True)]
    world.bot.deliver_then_fail = True
    first = world.deliver(signal())
    assert (first.result, first.possible_duplicate) == (Result.UNAVAILABLE, False)
    world.clock.pass_s(first.wait_s)
    second = world.deliver(signal())
    assert (second.result, second.possible_duplicate) == (Result.SENT, True)
    assert len(world.bot.sent) == 2


def test_a_message_that_was_not_sent_is_no_duplicate(world: World) -> None:
    world.bot.faults = [UnavailableError("NewConnectionError", ambiguous=False)]
    world.clock.pass_s(world.deliver(signal()).wait_s)
    assert world.deliver(signal()) == Report(Result.SENT, commit_latency_ms=world.clock.now - NOON)


def test_backoff_doubles_up_to_its_cap_and_is_never_zero() -> None:
    for tried in range(40):
        limit = min(LONGEST_BACKOFF_S, 2**tried)
        assert max(1, limit // 2 - 1) <= backoff_s(tried) <= max(1, limit)


def test_a_chat_that_rejects_messages_is_parked_and_its_messages_stay(world: World) -> None:
    world.bot.faults = [BLOCKED]
    report = world.deliver(numbered(0))
    assert report == Report(Result.UNREACHABLE, wait_s=PARKED_MS // 1000)
    chat = world.deliveries.address_state(CHANNEL)
    assert chat.parked_reason == str(BLOCKED)
    other = world.deliver(numbered(1))
    assert (other.result, other.retained) == (Result.PARKED, True)
    assert world.bot.sent == []
    world.clock.now += PARKED_MS
    assert world.deliver(numbered(0)).result is Result.SENT
    assert world.deliveries.address_state(CHANNEL).parked_reason == ""
    world.clock.pass_s(1)
    assert world.deliver(numbered(1)).result is Result.SENT


def test_a_subscribed_chat_that_blocks_the_bot_is_unsubscribed(world: World) -> None:
    world.bot.faults = [BLOCKED]
    report = world.deliver(numbered(0), home="telegram:1")
    assert (report.result, report.retained) == (Result.LEFT, False)
    assert world.delivery("s0#opened").status is Status.FAILED
    assert not world.subscriptions.items[CHANNEL].active
    assert world.deliver(numbered(1), home="telegram:1").result is Result.SUPPRESSED
    assert world.delivery("s1#opened").reason == "not subscribed"


def test_an_unknown_chat_is_parked_and_stays_subscribed(world: World) -> None:
    world.bot.faults = [UnreachableError("400: Bad Request: chat not found")]
    assert world.deliver(numbered(0), home="telegram:1").result is Result.UNREACHABLE
    assert world.subscriptions.items[CHANNEL].active


def test_after_parking_one_message_probes_and_the_others_stay_parked(world: World) -> None:
    world.bot.faults = [BLOCKED, BLOCKED]
    world.deliver(numbered(0))
    world.clock.now += PARKED_MS
    assert world.deliver(numbered(0)).result is Result.UNREACHABLE
    assert world.deliver(numbered(1)).result is Result.PARKED


def test_a_group_that_became_a_supergroup_is_followed_and_remembered() -> None:
    world = World(chat_id="-42", paced=False)
    world.bot.faults = [MovedError("-1009")]
    assert world.deliver(signal()).result is Result.SENT
    assert world.deliver(closed()).result is Result.SENT
    assert [chat for chat, _, _ in world.bot.sent] == ["-1009", "-1009"]


def test_a_rejected_message_is_dead_lettered_with_the_reason(world: World) -> None:
    world.bot.faults = [RejectedError("400: can't parse entities")]
    report = world.deliver(signal())
    assert (report.result, report.retained) == (Result.DEAD_LETTERED, False)
    assert world.queue.dead_letters == [("m1", "400: can't parse entities")]
    assert (world.delivery().status, world.delivery().reason) == (
        Status.FAILED, "400: can't parse entities",
    )  # fmt: skip
    assert world.deliver(signal()).result is Result.ALREADY


def test_a_rejected_message_is_set_aside_with_its_address(world: World) -> None:
    """Its letter can be released to this chat, also where the published message named none."""
    world.bot.faults = [RejectedError("400: message is too long")]
    world.instance().handle(message(body(signal())))
    (letter,) = world.queue.letters
    assert json.loads(letter.body)["to"] == CHANNEL


def test_known_faults_of_messages_never_park_their_chat(world: World) -> None:
    for n in range(2 * REFUSALS):
        world.bot.faults = [RejectedError("400: message is too long")]
        assert world.deliver(numbered(n)).result is Result.DEAD_LETTERED
        world.clock.pass_s(2)
    assert world.deliver(signal()).result is Result.SENT


def test_three_unknown_refusals_in_a_row_park_the_chat(world: World) -> None:
    for n in range(REFUSALS):
        world.bot.faults = [RejectedError("400: something new", unknown=True)]
        assert world.deliver(numbered(n)).result is Result.DEAD_LETTERED
        world.clock.pass_s(2)
    assert len(world.queue.dead_letters) == REFUSALS
    assert world.deliver(signal()).result is Result.PARKED
    world.clock.now += PARKED_MS
    world.bot.faults = [RejectedError("400: something new", unknown=True)]
    assert world.deliver(numbered(8)).result is Result.DEAD_LETTERED
    assert world.deliver(signal()).result is Result.PARKED
    world.clock.now += PARKED_MS
    assert world.deliver(signal()).result is Result.SENT
    assert world.deliveries.address_state(CHANNEL).refusals == 0


def test_a_message_that_is_sent_ends_the_row_of_refusals(world: World) -> None:
    for n in range(3 * REFUSALS):
        if n % REFUSALS:
            world.bot.faults = [RejectedError("400: something new", unknown=True)]
        assert world.deliver(numbered(n)).result in (Result.DEAD_LETTERED, Result.SENT)
        world.clock.pass_s(2)
    assert world.deliver(signal()).result is Result.SENT


# --- a chat that mutes after a crash -------------------------------------------------------------


def crash_before_the_mark(world: World) -> None:
    """Send the opening, and end the instance before it is marked; then the chat mutes itself."""

    def crash(delivery: Delivery) -> None:
        if delivery.final:
            raise MemoryError("the instance is gone")

    world.deliveries.before_save = crash
    with pytest.raises(MemoryError):
        world.deliver(signal())
    world.deliveries.before_save = lambda _delivery: None
    world.clock.pass_s(60)
    muted = replace(world.subscriptions.items[CHANNEL], muted_until=world.clock.now + 7_200_000)
    world.subscriptions.items[CHANNEL] = muted


@pytest.mark.parametrize("limited", [0, 1, 3])
def test_a_closing_is_not_withheld_by_a_mute_after_a_crash(world: World, limited: int) -> None:
    """The chat has the opening; that survives any number of answers that sent nothing."""
    crash_before_the_mark(world)
    for _ in range(limited):
        world.bot.faults = [RetryAfterError(5)]
        assert world.deliver(signal()).result is Result.RETRY_AFTER
        world.clock.pass_s(6)
    report = world.deliver(signal())
    assert (report.result, report.possible_duplicate) == (Result.SENT, True)
    assert world.delivery().possible_duplicates == 1
    world.clock.pass_s(2)
    assert world.deliver(closed()).result is Result.SENT
    assert world.bot.silent == [False, True, True]


def test_a_closing_is_not_withheld_when_the_opening_failed_after_an_unclear_attempt(
    world: World,
) -> None:
    crash_before_the_mark(world)
    world.bot.faults = [RejectedError("400: message is too long")]
    assert world.deliver(signal()).result is Result.DEAD_LETTERED
    assert world.delivery().possible_duplicates == 0
    world.clock.pass_s(2)
    assert world.deliver(closed()).result is Result.SENT


def test_a_mute_before_the_first_attempt_withholds_both(world: World) -> None:
    muted = replace(world.subscriptions.items[CHANNEL], muted_until=world.clock.now + 7_200_000)
    world.subscriptions.items[CHANNEL] = muted
    assert world.deliver(signal()).result is Result.SUPPRESSED
    assert world.deliver(closed()).result is Result.SUPPRESSED


@given(st.lists(st.sampled_from(["crash", "no answer", "429", "refused"]), max_size=5))
@examples(40)
def test_what_may_have_arrived_is_never_forgotten(attempts: list[str]) -> None:
    """A law of the states: once an attempt may have arrived, so has the delivery, until its end."""
    delivery, unclear, now = Delivery("e", CHANNEL, NOON), False, NOON
    for attempt in attempts:
        delivery = claimed(delivery, now)
        now += LEASE_MS
        match attempt:
            case "no answer":
                delivery = released(delivery, doubtful=True)
            case "429" | "refused":
                delivery = released(delivery)
        unclear = unclear or attempt in ("crash", "no answer")
        assert delivery.may_have_arrived == unclear
        assert 0 <= delivery.possible_duplicates <= max(0, delivery.attempts - 1)
        assert delivery.possible_duplicates == 0 or unclear
    assert failed(claimed(delivery, now), "x").may_have_arrived == unclear


# --- the gate ------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60), st.integers(1, 30))
@examples(60)
def test_no_second_has_more_than_the_gate_lets_pass(pauses: list[float], rate: int) -> None:
    now, passed = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    gate = Gate(rate, lambda: now[0], sleep)
    for pause in pauses:
        now[0] += pause / rate
        gate.wait()
        passed.append(now[0])
    for number, first in enumerate(passed):
        within = sum(first <= at < first + 1 - 1e-6 for at in passed[number:])
        assert within <= rate + CREDIT + 1


def test_what_a_pause_left_unused_is_made_up_for() -> None:
    now = [100.0]
    waits: list[float] = []
    gate = Gate(10, lambda: now[0], waits.append)
    for _ in range(CREDIT + 1):
        gate.wait()
    assert waits == []
    gate.wait()
    assert waits == [pytest.approx(0.1)]


def test_threads_share_the_gate() -> None:
    waits: list[float] = []
    gate = Gate(20, lambda: 100.0, waits.append)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: gate.wait(), range(40)))
    assert sorted(waits) == pytest.approx([number / 20 for number in range(1, 40 - CREDIT)])
