"""One line an invocation, and metrics only of what happened."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from signalengine_aws.runtime.channels import COUNTED, QUEUES
from signalengine_aws.runtime.observability import METRICS, LogLine, invocation, logger
from signalengine_aws.runtime.retries import attempts

from tests.aws.world import World


class Context:
    aws_request_id = "r-1"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(text) for text in capsys.readouterr().out.splitlines()]


def test_an_invocation_is_one_line_with_its_counts(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with invocation(Context()) as line:
        line.count(records=2, failed=0)
        line.count(records=3)
        line.note(lag_ms=12, nothing=None)
    (written,) = lines(capsys)
    assert written["message"] == "done"
    assert written["service"] == world.service
    assert (written["records"], written["lag_ms"], written["request_id"]) == (5, 12, "r-1")
    assert {"failed", "nothing", "location", "function_name"} & set(written) == set()
    assert written["ms"] >= 0.0


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_nothing_happened_is_a_line_for_debugging_only(
    world: World,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    level: str,
) -> None:
    monkeypatch.setenv("LOG_LEVEL", level)
    logger.cache_clear()
    with invocation(Context()):
        pass  # the first one of a process is a cold start, which is a line
    capsys.readouterr()
    with invocation(Context()) as line:
        line.routine(open=3, looked_at=0, held_back=None)
        line.count(closed=0, failed=0)
    written = lines(capsys)
    assert len(written) == (level == "DEBUG")
    for one in written:
        assert (one["message"], one["open"], one["request_id"]) == ("done", 3, "r-1")
        assert {"looked_at", "held_back", "closed"} & set(one) == set()
    logger.cache_clear()


@pytest.mark.parametrize(
    "what",
    [
        lambda line: line.count(closed=1),
        lambda line: line.note(lag_ms=0),
        lambda line: line.trace("BTCUSDT", 1),
        lambda line: line.measure("OldestMessage", 1),
        lambda line: (line.routine(open=1), line.count(closed=1)),
    ],
)
def test_whatever_happened_is_a_line(
    world: World, capsys: pytest.CaptureFixture[str], what: Callable[[LogLine], object]
) -> None:
    with invocation(Context()) as line:
        what(line)
    assert [one["message"] for one in lines(capsys) if "_aws" not in one] == ["done"]


def test_a_failure_is_one_line_too_and_is_raised(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        with invocation(Context()) as line:
            line.count(records=1)
            raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        fail()
    (written,) = lines(capsys)
    assert (written["level"], written["message"]) == ("ERROR", "failed")
    assert written["error"] == "ZeroDivisionError: a bug"
    assert written["records"] == 1


def test_a_line_cannot_control_a_terminal(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The API logs the path of a request."""
    path = "/a\x1b\x9b2J\x7f\u202e\u2066\u2028 币安 \U000e0041"
    with invocation(Context()) as line:
        line.note(path=path)
    text = capsys.readouterr().out.rstrip("\n")
    assert text.isprintable()
    assert json.loads(text)["path"] == path


def test_metrics_are_written_unless_all_are_zero(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with invocation(Context()) as line:
        line.count(records=1)
        line.measure("PublicationLag", 0)
    assert len(lines(capsys)) == 1
    with invocation(Context()) as line:
        line.measure("PublicationLag", 1)
        line.measure("PublicationLag", 1)
    _, emf = lines(capsys)
    (directive,) = emf["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "SignalEngine"
    assert directive["Dimensions"] == [["service"]]
    assert emf["PublicationLag"] == [2.0]


def test_there_are_at_most_ten_metrics_with_one_channel_and_no_others() -> None:
    of_more_channels = len(COUNTED) * (len(QUEUES) - 1)
    assert len(METRICS) <= 10 + of_more_channels
    with pytest.raises(KeyError):
        LogLine().measure("BTCUSDT", 1)


def test_attempts_wait_longer_each_time_but_never_long() -> None:
    for _ in range(50):
        waits: list[float] = []
        assert list(attempts(8, waits.append)) == list(range(8))
        assert len(waits) == 7
        for number, wait in enumerate(waits, start=1):
            assert 0.0 <= wait <= min(0.5, 0.02 * 2.0**number)
