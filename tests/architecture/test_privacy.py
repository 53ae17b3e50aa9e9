"""docs/privacy.md: its days are those of the code, and its tests exist."""

import re
from typing import Any

import pytest
from signalengine_aws.bot import handled_updates
from signalengine_aws.channels.email.contacts import COMPLAINED_S
from signalengine_aws.delivery.deliveries import RETENTION_S
from signalengine_aws.delivery.subscriptions import ENDED_S
from signalengine_aws.stores.items.base import DAY_S
from signalengine_aws.stores.rate_limits import MODEL_PER_DAY

from infra.cli.privacy.forgetting import AUDIT_S
from infra.local.stack.assembly import synthesise

from .named_tests import named_tests
from .source import ROOT

TEXT = (ROOT / "docs" / "privacy.md").read_text()
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ")]


def row(words: str) -> str:
    """The one row that begins with these words."""
    (found,) = (line for line in ROWS if line.startswith(f"| {words}"))
    return found


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("a chat's id", ENDED_S),
        ("which event was sent", RETENTION_S),
        ("which updates of the bot", DAY_S),
        ("that an address was forgotten", AUDIT_S),
        ("that a mailbox complained", COMPLAINED_S),
        ("counters of calls", 2 * MODEL_PER_DAY.seconds),
    ],
)
def test_the_days_are_those_of_the_code(words: str, seconds: int) -> None:
    days = seconds // DAY_S
    assert re.search(rf"\b{days} days?\b", row(words)), f"{words}: {days} days"
    assert handled_updates.DAY_S == DAY_S


def longest(seconds: int | dict[str, list[Any]]) -> int:
    """A retention, or the first of two that a condition chooses from: where it is read."""
    return int(seconds["Fn::If"][1] if isinstance(seconds, dict) else seconds)


def test_the_days_of_the_queues_and_the_logs_are_those_of_the_template() -> None:
    resources = synthesise().template["Resources"].values()
    queues = {
        longest(one["Properties"]["MessageRetentionPeriod"])
        for one in resources
        if one["Type"] == "AWS::SQS::Queue" and "MessageRetentionPeriod" in one["Properties"]
    }
    logs = {
        one["Properties"]["RetentionInDays"]
        for one in resources
        if one["Type"] == "AWS::Logs::LogGroup"
    }
    assert queues == {14 * DAY_S}
    assert "14 days" in row("messages that wait")
    assert logs == {30}
    assert "one month" in row("what the functions did")


def test_each_promise_names_its_tests() -> None:
    promises = TEXT.partition("| promise | tested by |")[2]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", promises, flags=re.MULTILINE)
    assert len(rows) > 5
    assert [what for what, tests in rows if not named_tests(tests)] == []
