"""Each channel with each fault of its stand-in: nothing lost, nothing twice but in the window."""

from collections.abc import Iterator

import pytest
from signalengine_aws.channels.push.contacts import DynamoBrowsers
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions

from infra.local.chaos.channels.__main__ import main
from infra.local.chaos.channels.faults import CHANNELS, ENDS, troubles
from infra.local.chaos.channels.page import HEAD, PAGE, TABLE, page_with, row, text
from infra.local.chaos.channels.play import Outcome, Trial
from infra.local.chaos.channels.stand_ins import TABLE as TABLE_NAME

EVENTS = 4
PARK_S = 1_800


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Trial().running() as made:
        yield made


def check(outcome: Outcome) -> None:
    """Compare an outcome with what its fault may do."""
    trouble = outcome.trouble
    refused, ended = trouble.name.startswith("message refused"), trouble.name.startswith(ENDS)
    assert (outcome.sent, outcome.lost) == (EVENTS, 0)
    assert outcome.set_aside == (1 if refused else 0)
    assert outcome.left == (EVENTS if ended else 0)
    assert outcome.arrived == outcome.sent - outcome.set_aside - outcome.left
    assert outcome.twice == outcome.possible == (1 if trouble.delivers else 0)
    first, *again = outcome.disturbed
    assert len(again) == (0 if refused or ended else 1)
    waited_s = (outcome.attempts[1].at - first.at) // 1000 if not ended else 0
    if trouble.name.startswith("address refused"):
        assert waited_s == PARK_S
    if trouble.name == "429":
        assert waited_s == trouble.more["retry_after"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_is_lost_and_nothing_twice_and_the_page_says_so(trial: Trial, channel: str) -> None:
    outcomes = [trial.play(channel, trouble) for trouble in troubles(channel)]
    for outcome in outcomes:
        check(outcome)
    (table,) = TABLE.findall(PAGE.read_text(encoding="utf-8"))
    rows = [one for one in table.splitlines(keepends=True) if one.startswith(f"| {channel} |")]
    assert rows == [row(outcome) for outcome in outcomes]


def test_a_browser_that_is_gone_is_forgotten(trial: Trial) -> None:
    """Its subscription ends, and its endpoint is removed: nothing is sent to it again."""
    gone = next(one for one in troubles("push") if one.name.startswith(ENDS))
    assert trial.play("push", gone).arrived == 0
    contact = trial.stand_ins.browser().contact_id
    assert DynamoBrowsers(TABLE_NAME).get(contact) is None
    stored = DynamoSubscriptions(TABLE_NAME).get(f"push:{contact}")
    assert stored is not None
    assert not stored.active


def test_the_transcript_has_every_attempt_in_virtual_time(trial: Trial) -> None:
    limited = next(one for one in troubles("webhook") if one.name == "429")
    outcome = trial.play("webhook", limited)
    lines = text(outcome).splitlines()
    assert lines[0] == "webhook, 429"
    assert len(lines) == 2 + len(outcome.attempts) == 2 + EVENTS + 1
    assert lines[1].split() == ["0.0", "s", lines[1].split()[2], "HTTP", "429"]
    assert lines[2].split()[0] == "7.0"
    assert lines[-1].strip().startswith("events 4, arrived 4, twice 0")


def test_the_table_is_written_between_the_other_text(trial: Trial) -> None:
    page = f"before\n\n{HEAD}| old |\n\nafter\n"
    limited = next(one for one in troubles("webhook") if one.name == "429")
    outcome = trial.play("webhook", limited)
    assert page_with(page, [outcome]) == f"before\n\n{HEAD}{row(outcome)}\nafter\n"


@pytest.mark.parametrize("words", [["carrier-pigeon"], ["discord", "--write"]])
def test_an_unknown_channel_and_a_table_of_one_channel_are_refused(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["trial", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
