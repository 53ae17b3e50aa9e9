"""What is shown of the causes that children report."""

import pytest

from infra.local.stack.startup.statuses import REPEAT_S, Statuses, line

REFUSED = {"cause": "fapi.example refuses connections", "fix": "Check it.", "retry_in_s": 0.2}


class Screen:
    """The lines shown, under a clock of its own."""

    def __init__(self) -> None:
        self.now, self.lines = 0.0, list[str]()
        self.statuses = Statuses(self.lines.append, lambda: self.now)


def test_a_cause_is_shown_once_until_it_changes_or_ends() -> None:
    screen = Screen()
    for status in (REFUSED, REFUSED, REFUSED | {"cause": "another"}, {}, {}):
        screen.statuses.take("ingest", status)
    assert screen.lines == [
        "ingest: fapi.example refuses connections; trying again. Check it.",
        "ingest: another; trying again. Check it.",
        "ingest: it answers now",
    ]


def test_it_is_shown_again_while_it_lasts() -> None:
    screen = Screen()
    for seconds in (0.0, REPEAT_S / 2, REPEAT_S, REPEAT_S * 1.5):
        screen.now = seconds
        screen.statuses.take("ingest", REFUSED)
    assert len(screen.lines) == 2


def test_a_much_longer_wait_is_shown_with_its_time() -> None:
    screen = Screen()
    for seconds in (0.2, 1.0, 2.0, 4.0, 8.0, 8.0, 16.0):
        screen.statuses.take("ingest", REFUSED | {"retry_in_s": seconds})
    waits = [text.partition("next try in ")[2].partition(" s, at ")[0] for text in screen.lines]
    assert waits == ["", "4", "8", "16"]


@pytest.mark.parametrize("status", [{"cause": "a b"}, {"cause": "a b", "fix": ""}])
def test_a_cause_alone_is_a_line(status: dict[str, str]) -> None:
    assert line("aws", status) == "aws: a b"
